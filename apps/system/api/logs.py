"""REST: the journal of a unit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from apps.system import journal
from apps.system.adapters.journalctl import LogQuery, Priority
from apps.system.api.router import router
from apps.system.commands.services import find_service
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Paged
from calypso.kernel.rest import Needs, answers


class LogEntryOut(Schema):
    """A line of the journal. Secrets that are recognised are masked."""

    cursor: str
    at: datetime
    priority: Priority
    identifier: str = Field(description="The program's name for itself.")
    pid: int | None
    message: str


class LogFilter(Schema):
    """Which entries."""

    limit: int = Field(100, ge=1, le=500)
    cursor: str = Field("", max_length=300, description="`next` of the page before, which goes on with older entries.")
    since: datetime | None = None
    until: datetime | None = None
    priority: Priority | None = Field(None, description="This one and graver ones.")
    text: str = Field("", max_length=200, description="A part of the message, in whatever case.")


@router.get("/services/{path:name}/log", auth=Needs(Permission.READ), response=answers(s200=Paged[LogEntryOut]))
def service_log(request: HttpRequest, name: str, q: Query[LogFilter]) -> dict[str, Any]:
    """The journal of a unit, the newest entries first. It is followed live at /ws/v1/journal?unit=…"""
    query = LogQuery(
        unit=find_service(name).unit,
        since=_seconds(q.since),
        until=_seconds(q.until),
        priority=q.priority,
        text=q.text,
        cursor=q.cursor,
        limit=q.limit,
    )
    page = journal.read_page(query)
    items = [{**entry, "at": datetime.fromtimestamp(entry["at"], UTC)} for entry in page["entries"]]
    return {"items": items, "next": page["next"]}


def _seconds(moment: datetime | None) -> float | None:
    """A time without a zone is UTC."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
