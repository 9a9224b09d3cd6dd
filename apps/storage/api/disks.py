"""REST: disks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from apps.storage.api.router import router
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.plans.facts import OVERRIDABLE
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import Needs, answers


class UseOut(Schema):
    kind: str
    name: str


class DiskOut(Schema):
    id: str
    name: str
    path: str
    serial: str
    wwn: str
    model: str
    size: int = Field(description="Bytes.")
    rotational: bool | None
    transport: str
    removable: bool
    read_only: bool
    simulated: bool = Field(description="A disk of the lab.")
    uses: list[UseOut]
    slot: str
    broken: bool
    system: bool = Field(description="Holds the running system.")
    pool: str | None
    available: bool = Field(description="May be put into a pool as it is.")
    available_by_force: bool = Field(description="May be put into a pool with force: it has traces of former use.")
    attached_at: datetime
    version: int


class DiskFilter(Page):
    pool: str = Field("", max_length=255)
    search: str = Field("", max_length=255, description="Part of the id, name, serial number or model.")


@router.get("/disks", auth=Needs(Permission.READ), response=answers(s200=Paged[DiskOut]))
def list_disks(request: HttpRequest, q: Query[DiskFilter]) -> dict[str, Any]:
    """Disks that are attached now: the machine's own, and in the lab the simulated ones beside them."""
    members = Pool.objects.members()
    rows = Disk.objects.matching(q.search)
    if q.pool:
        rows = rows.filter(id__in=[disk for disk, pool in members.items() if pool == q.pool])
    page = paged(rows, q, orders=["id", "name", "size", "serial", "attached_at"])
    return {**page, "items": [_disk(disk, members) for disk in page["items"]]}


def _disk(disk: Disk, members: dict[str, str]) -> dict[str, Any]:
    fields = {f.attname: getattr(disk, f.attname) for f in Disk._meta.concrete_fields}
    pool = members.get(disk.id)
    in_scope = disk.simulated or not settings.CALYPSO_LAB
    usable = in_scope and pool is None and not (disk.system or disk.broken or disk.read_only)
    uses = {use["kind"] for use in disk.uses} - {"loop_backing"}
    return {
        **fields,
        "pool": pool,
        "available": usable and not uses,
        "available_by_force": usable and uses <= OVERRIDABLE,
    }
