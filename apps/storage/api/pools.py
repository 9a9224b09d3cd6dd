"""REST: pools."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Schema
from pydantic import Field

from apps.storage.api.base import submit_on
from apps.storage.api.datasets import DriftOut
from apps.storage.api.router import router
from apps.storage.api.vdev_schemas import VdevOut
from apps.storage.commands.facts import find_pool
from apps.storage.commands.pools import CreatePool, DestroyPool, ScrubPool, ScrubRequest
from apps.storage.domain.pools import Removal, Scan
from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import Pool, PoolUsage
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, Destroying, How, Needs, Preconditions, answers, submit, tag


class ActivityOut(Schema):
    """Something that goes on in a pool. ``vdev``: the disk that it is about, "" for the pool as a whole."""

    kind: Literal["scrub", "resilver", "replace", "remove", "expand", "trim", "initialize"]
    vdev: str
    state: str = Field(description="in_progress, active, paused or suspended.")
    percent: float
    started_at: int | None = Field(description="Unix seconds.")
    rate: int | None = Field(description="Bytes per second, since the look before.")
    seconds_to_go: int | None


class UsageOut(Schema):
    allocated: int
    free: int
    capacity: int
    fragmentation: int | None
    scan_percent: float | None
    scan_seconds_to_go: int | None
    sampled_at: datetime


class PoolOut(Schema):
    id: UUID
    name: str
    guid: str
    state: str
    state_since: datetime
    status: str
    action: str
    errors: str
    read_only: bool
    size: int = Field(description="Bytes.")
    layout: dict[str, list[VdevOut]] = Field(description="Top-level vdevs by role: data, log, cache, spare, …")
    disks: list[str]
    scan: Scan | None
    properties: dict[str, str] = Field(description="As the box shows them; an empty text for none.")
    wanted: dict[str, str] = Field(description="In force by configuration.")
    drift: list[DriftOut]
    upgradable: bool = Field(description="Features that this version of ZFS has are not enabled in the pool.")
    checkpoint: bool
    removal: Removal | None = Field(description="The latest removal of a vdev whose data is copied to the others.")
    created_by: str
    created_at: datetime
    version: int
    datasets: int = Field(description="How many are in it.")
    usage: UsageOut | None
    activities: list[ActivityOut] = Field(description="What goes on in it, sampled every few seconds.")


@router.get("/pools", auth=Needs(Permission.READ), response=answers(s200=Paged[PoolOut]))
def list_pools(request: HttpRequest, q: Query[Page]) -> dict[str, Any]:
    """Pools, whoever made them."""
    page = paged(Pool.objects.all(), q, orders=["name", "size", "created_at"])
    usages = PoolUsage.objects.in_bulk([pool.id for pool in page["items"]])
    counts = Dataset.objects.counts_by_pool([pool.id for pool in page["items"]])
    return {**page, "items": [_pool(pool, usages.get(pool.id), counts.get(pool.id, 0)) for pool in page["items"]]}


@router.post("/pools", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def create_pool(request: HttpRequest, body: CreatePool, how: Query[How], given: Header[Preconditions]) -> Any:
    """Makes a pool. Disks with traces of former use take ``force``, and the name repeated in ``confirm``."""
    return submit(request, body, how, given, body.confirm)


@router.get("/pools/{name}", auth=Needs(Permission.READ), response=answers(s200=PoolOut))
def get_pool(request: HttpRequest, response: HttpResponse, name: str) -> dict[str, Any]:
    """One pool; its version stands in ETag."""
    pool = find_pool(name)
    tag(response, pool.version)
    usage = PoolUsage.objects.filter(pool=pool.id).first()
    return _pool(pool, usage, Dataset.objects.counts_by_pool([pool.id]).get(pool.id, 0))


@router.delete("/pools/{name}", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def destroy_pool(request: HttpRequest, name: str, how: Query[Destroying], given: Header[Preconditions]) -> Any:
    """Destroys a pool and all that is in it: ``confirm`` repeats its name."""
    return submit(request, DestroyPool(name=name, reason=how.reason), how, given, how.confirm)


@router.post("/pools/{name}/scrub", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def scrub_pool(
    request: HttpRequest, name: str, body: ScrubRequest, how: Query[How], given: Header[Preconditions]
) -> Any:
    """Starts (or resumes), pauses or stops a scrub."""
    return submit_on(request, ScrubPool, name, body, how=how, given=given)


def _pool(pool: Pool, usage: PoolUsage | None, datasets: int) -> dict[str, Any]:
    fields = {f.attname: getattr(pool, f.attname) for f in Pool._meta.concrete_fields}
    return {**fields, "datasets": datasets, "usage": usage, "activities": usage.activities if usage else []}
