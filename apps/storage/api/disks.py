"""REST: disks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query
from pydantic import Field

from apps.storage.api.disk_shapes import DiskOut, SmartOut, TemperatureOut, disk_out, disks_out
from apps.storage.api.router import router
from apps.storage.commands.disks import (
    LocateDisk,
    LocateRequest,
    RunSelfTest,
    SelfTestRequest,
    WipeDisk,
    WipeRequest,
    find_disk,
)
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.models.smart import DiskHealth, DiskSmart, DiskTemperature
from calypso.kernel.actors import Permission
from calypso.kernel.errors import NotFound
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit, tag


class DiskFilter(Page):
    pool: str = Field("", max_length=255)
    search: str = Field("", max_length=255, description="Part of the id, name, serial number or model.")
    available: bool | None = Field(None, description="May, or may not, be put into a pool as it is.")
    failing: bool | None = Field(None, description="Broken, failing by its own verdict, or failed its last self-test.")


@router.get("/disks", auth=Needs(Permission.READ), response=answers(s200=Paged[DiskOut]))
def list_disks(request: HttpRequest, q: Query[DiskFilter]) -> dict[str, Any]:
    """Disks that are attached now: the machine's own, and in the lab the simulated ones beside them."""
    members = Pool.objects.members()
    rows = Disk.objects.matching(q.search)
    if q.pool:
        rows = rows.filter(id__in=[disk for disk, pool in members.items() if pool == q.pool])
    if q.available is not None:
        rows = rows.available(list(members), q.available)
    if q.failing is not None:
        rows = rows.failing(DiskHealth.objects.failing().values("disk"), q.failing)
    page = paged(rows, q, orders=["id", "name", "size", "serial", "attached_at"])
    return {**page, "items": disks_out(page["items"])}


@router.get("/disks/{disk_id}", auth=Needs(Permission.READ), response=answers(s200=DiskOut))
def get_disk(request: HttpRequest, response: HttpResponse, disk_id: str) -> dict[str, Any]:
    """One disk: what it is, what uses it, and how it is. Its version stands in ETag."""
    disk = find_disk(disk_id)
    tag(response, disk.version)
    return disk_out(disk)


@router.get("/disks/{disk_id}/smart", auth=Needs(Permission.READ), response=answers(s200=SmartOut))
def get_smart(request: HttpRequest, disk_id: str) -> DiskSmart:
    """What the disk told of itself when it was last looked at, with smartctl's own document."""
    find_disk(disk_id)
    found = DiskSmart.objects.filter(pk=disk_id).first()
    if found is None:
        raise NotFound(
            "Nobody has looked at this disk's SMART data yet.",
            code="not_looked_yet",
            field="disk",
            hint="The observer does so within half an hour; a self-test does so at once.",
        )
    return found


@router.get("/disks/{disk_id}/temperatures", auth=Needs(Permission.READ), response=answers(s200=Paged[TemperatureOut]))
def list_temperatures(request: HttpRequest, disk_id: str, q: Query[Page]) -> dict[str, Any]:
    """How warm the disk was, the latest first: each sample of the last week, before it the highest of each hour."""
    find_disk(disk_id)
    return paged(DiskTemperature.objects.filter(disk=disk_id), q, orders=["-at"])


@router.post("/disks/{disk_id}/self-test", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def self_test(
    request: HttpRequest, disk_id: str, body: SelfTestRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Lets the disk test itself (short: minutes, long: hours), or aborts the test that runs."""
    return submit(request, RunSelfTest(disk=disk_id, test=body.test, reason=body.reason), how, given)


@router.post("/disks/{disk_id}/wipe", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def wipe_disk(
    request: HttpRequest, disk_id: str, body: WipeRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Empties a disk that nobody uses. `confirm` repeats its serial number; progress stands in the operation.

    It can be cancelled; the disk is then partly overwritten, and its `last_wipe` says so.
    """
    return submit(request, WipeDisk(disk=disk_id, method=body.method, reason=body.reason), how, given, body.confirm)


@router.post("/disks/{disk_id}/locate", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def locate_disk(
    request: HttpRequest, disk_id: str, body: LocateRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Switches the light at the disk's bay on or off."""
    return submit(request, LocateDisk(disk=disk_id, on=body.on, reason=body.reason), how, given)
