"""REST: alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema
from pydantic import Field

from calypso.kernel.actors import Permission
from calypso.kernel.alerts.commands import AcknowledgeAlert, find_alert
from calypso.kernel.alerts.domain import Severity
from calypso.kernel.commands import Reason
from calypso.kernel.models import Alert
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit, tag

router = Router(tags=["alerts"])


class AlertOut(Schema):
    id: UUID
    rule: str
    key: str
    severity: Severity
    resource: str = Field(description="The address of what it is about, for example storage.pool.tank.")
    title: str
    text: str
    advice: str = Field(description="What to do.")
    state: Literal["active", "acknowledged", "cleared"]
    raised_at: datetime
    changed_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_reason: str
    cleared_at: datetime | None
    version: int
    position: int


class AlertFilter(Page):
    severity: Severity | None = None
    state: Literal["", "standing", "active", "acknowledged", "cleared"] = Field(
        "", description="standing: active or acknowledged."
    )
    resource: str = Field("", max_length=300, description="An address: alerts about it, and about all below it.")
    rule: str = Field("", max_length=100)


class AcknowledgeBody(Schema):
    reason: Reason = Field("", description="What is being done about it.")


@router.get("", auth=Needs(Permission.READ), response=answers(s200=Paged[AlertOut]))
def list_alerts(request: HttpRequest, q: Query[AlertFilter]) -> dict[str, Any]:
    """Alerts, the latest first; those that were cleared are kept."""
    rows = Alert.objects.all()
    if q.state == "standing":
        rows = rows.standing()
    elif q.state:
        rows = rows.filter(state=q.state)
    if q.severity:
        rows = rows.filter(severity=q.severity)
    if q.rule:
        rows = rows.filter(rule=q.rule)
    if q.resource:
        rows = rows.about(q.resource)
    return paged(rows, q, orders=["-position", "raised_at", "changed_at"])


@router.get("/{alert_id}", auth=Needs(Permission.READ), response=answers(s200=AlertOut))
def get_alert(request: HttpRequest, response: HttpResponse, alert_id: UUID) -> Alert:
    """One alert; its version stands in ETag."""
    alert = find_alert(alert_id)
    tag(response, alert.version)
    return alert


@router.post("/{alert_id}/acknowledge", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def acknowledge_alert(
    request: HttpRequest, alert_id: UUID, body: AcknowledgeBody, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Says that somebody knows, and why it may stand: it is quiet until it is cleared, or gets worse."""
    return submit(request, AcknowledgeAlert(alert=alert_id, reason=body.reason), how, given)
