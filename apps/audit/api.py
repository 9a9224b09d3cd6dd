"""REST: the ledger as auditors read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from apps.audit.models import LedgerEvent
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import Needs, actor_of, answers

router = Router(tags=["audit"])


class EventOut(Schema):
    position: int
    event_id: UUID
    stream: UUID
    version: int
    type: str
    kind: str
    recorded_at: datetime
    actor: str
    auth: str
    source: str
    reason: str
    operation_id: UUID | None
    correlation_id: UUID | None
    causation_id: UUID | None
    keys: list[str]
    data: dict[str, Any]
    leaf: str = Field(description="RFC 9162 leaf hash, hexadecimal.")


class Filter(Page):
    after: int | None = Field(None, ge=0, le=2**62, description="Only positions behind this one, in ascending order.")
    type: str = Field("", max_length=200, description="A type, or its beginning up to a dot: storage.")
    stream: str = Field("", max_length=300, description="A stream's id, or a resource's address: storage.pool.tank.")
    actor: str = Field("", max_length=200)
    kind: str = Field("", max_length=32)
    operation: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@router.get("/events", auth=Needs(Permission.READ), response=answers(s200=Paged[EventOut]))
def list_events(request: HttpRequest, q: Query[Filter]) -> dict[str, Any]:
    """Events, the latest first; with ``after`` in ascending order. Security events only with permission “audit”."""
    rows = LedgerEvent.objects.seen_by(actor_of(request)).narrowed(
        after=q.after,
        type=q.type,
        stream=q.stream,
        actor=q.actor,
        kind=q.kind,
        operation=q.operation,
        since=q.since,
        until=q.until,
    )
    return paged(rows, q, orders=["position" if q.after is not None else "-position"])
