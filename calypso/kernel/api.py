"""REST: operations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from calypso.kernel import commands
from calypso.kernel.actors import Permission
from calypso.kernel.models import Operation
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import MOST_WAIT, Needs, actor_of, answers, waited
from calypso.kernel.shapes import OperationOut

router = Router(tags=["operations"])


class Filter(Page):
    state: str = Field("", max_length=32)
    command: str = Field("", max_length=100)
    resource: str = Field("", max_length=300, description="An address, for example storage.pool.tank.")
    actor: str = Field("", max_length=200)


class Wait(Schema):
    wait: float = Field(0, ge=0, le=MOST_WAIT, description="Seconds to wait for the operation's end.")


class CancelBody(Schema):
    reason: commands.Reason = ""


@router.get("", auth=Needs(Permission.READ), response=answers(s200=Paged[OperationOut]))
def list_operations(request: HttpRequest, q: Query[Filter]) -> dict[str, Any]:
    """Operations, the latest first."""
    rows = Operation.objects.all()
    for field in ("state", "command", "actor"):
        if value := getattr(q, field):
            rows = rows.filter(**{field: value})
    if q.resource:
        rows = rows.touching([q.resource])
    return paged(rows, q, orders=["-position", "requested_at"])


@router.get("/{operation_id}", auth=Needs(Permission.READ), response=answers(s200=OperationOut))
def get_operation(request: HttpRequest, operation_id: UUID, q: Query[Wait]) -> Operation:
    """One operation with its steps; after ``wait`` seconds at most when it has not ended."""
    return waited(commands.find_operation(operation_id), q.wait)


@router.post("/{operation_id}/cancel", auth=Needs(Permission.OPERATE), response=answers(s202=OperationOut))
def cancel_operation(request: HttpRequest, operation_id: UUID, body: CancelBody) -> Status[Operation]:
    """Asks for an operation's end. A running step is stopped, and what was done is undone where that can be."""
    operation = commands.find_operation(operation_id)
    return Status(202, commands.cancel(operation, actor_of(request), body.reason))
