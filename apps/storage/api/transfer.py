"""REST: pools that leave the box and come to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.base import submit_on
from apps.storage.api.router import router
from apps.storage.api.vdev_schemas import VdevOut
from apps.storage.commands.transfer import ExportPool, ExportRequest, FindPools, ImportPool
from apps.storage.models.pools import ImportablePool, Pool
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit

ADMINISTER = Needs(Permission.ADMINISTER)


class ImportablePoolOut(Schema):
    """A pool that is on attached disks but not in use here."""

    guid: str
    name: str
    state: str
    destroyed: bool
    foreign: bool = Field(description="Another system used it last: importing it takes force.")
    missing_log: bool = Field(description="A log of it is away: importing it takes missing_log.")
    usable: bool = Field(description="Enough of its disks are here.")
    status: str
    action: str
    layout: dict[str, list[VdevOut]]
    disks: list[str]
    found_at: datetime


class ImportablePoolsOut(Schema):
    items: list[ImportablePoolOut]


@router.post("/pools/find", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def find_pools(request: HttpRequest, body: FindPools, how: Query[How], given: Header[Preconditions]) -> Any:
    """Searches attached disks for pools that are not in use here; what it finds stands in /pools/importable."""
    return submit(request, body, how, given)


@router.get("/pools/importable", auth=Needs(Permission.READ), response=answers(s200=ImportablePoolsOut))
def importable_pools(request: HttpRequest) -> dict[str, Any]:
    """The pools that the latest search found, without those imported since."""
    here = Pool.objects.exclude(state="MISSING").values_list("guid", flat=True)
    return {"items": list(ImportablePool.objects.exclude(guid__in=list(here)).order_by("name", "guid"))}


@router.post("/pools/import", auth=ADMINISTER, response=COMMAND_ANSWERS)
def import_pool(request: HttpRequest, body: ImportPool, how: Query[How], given: Header[Preconditions]) -> Any:
    """Imports a pool by its guid, if wanted under another name, read-only, or below another root folder."""
    return submit(request, body, how, given, body.confirm)


@router.post("/pools/{name}/export", auth=ADMINISTER, response=COMMAND_ANSWERS)
def export_pool(
    request: HttpRequest, name: str, body: ExportRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Exports a pool: ``stops`` of the plan is what uses it; ``confirm`` repeats its name.

    When something keeps it busy, the file systems that were unmounted meanwhile are mounted again.
    """
    return submit_on(request, ExportPool, name, body, how=how, given=given)
