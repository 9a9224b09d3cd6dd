"""What REST shows of disks, gathered with a handful of queries a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from ninja import Schema
from pydantic import Field

from apps.storage.compare.disks import places
from apps.storage.models.disks import Disk
from apps.storage.models.pools import Pool
from apps.storage.models.smart import DiskBay, DiskHealth, DiskSmart, DiskWipe
from apps.storage.plans.facts import OVERRIDABLE


class UseOut(Schema):
    kind: str
    name: str


class PlaceOut(Schema):
    """A disk's place in its pool, with the error counts that ZFS has of it (null where it gives none)."""

    pool: str
    role: str = Field(description="data, log, cache, spare, special, dedup …")
    vdev: str = Field(
        description="The top-level vdev that it is in, for example mirror-0; its own name for a lone disk."
    )
    state: str
    read: int | None
    write: int | None
    checksum: int | None


class SelfTestOut(Schema):
    kind: str
    status: str
    passed: bool | None = Field(description="null where it did not come to an end.")
    hours: int | None = Field(description="Power-on hours at its end.")


class SmartShort(Schema):
    state: Literal["ok", "asleep", "unsupported", "failed"]
    passed: bool | None = Field(description="The disk's own verdict.")
    temperature: int | None = Field(description="°C.")
    temperature_limit: int | None = Field(description="°C; the disk's own.")
    power_on_hours: int | None
    wear: int | None = Field(description="Percent of the life that its maker gave it.")
    self_test: str = Field(
        description="The test that runs: short, long, or test where the disk does not say; or empty."
    )
    self_test_percent: int | None = Field(description="Percent done of the test that runs.")
    sampled_at: datetime | None


class SmartOut(SmartShort):
    code: str = Field(description="Why it could not be looked at, else empty.")
    message: str
    reallocated: int | None
    pending: int | None
    uncorrectable: int | None
    media_errors: int | None
    self_tests: list[SelfTestOut] = Field(description="The disk's log, the latest first.")
    document: dict[str, Any] = Field(description="smartctl's own JSON; large tables of it may be left out.")
    tried_at: datetime


class TemperatureOut(Schema):
    at: datetime
    span: Literal["sample", "hour"] = Field(description="hour: the highest of that hour.")
    celsius: int


class WipeOut(Schema):
    method: Literal["quick", "discard", "zero"]
    state: Literal["wiped", "partly"] = Field(description="partly: it was stopped, and the rest holds what it held.")
    step: str = Field(description="The step that it was stopped in.")
    done: int | None = Field(description="Bytes of that step that were done at the least, as far as its tool told.")
    size: int
    ended_at: datetime
    operation: UUID | None


class LightOut(Schema):
    on: bool | None = Field(description="null where it can't be read.")


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
    place: PlaceOut | None = Field(description="Its place in the pool.")
    available: bool = Field(description="May be put into a pool as it is.")
    available_by_force: bool = Field(description="May be put into a pool with force: it has traces of former use.")
    failing: bool = Field(description="Broken, failing by its own verdict, or failed its last self-test.")
    smart: SmartShort | None = Field(description="null: nobody has looked yet.")
    light: LightOut | None = Field(description="The locate light at its bay; null where there is none to switch.")
    last_wipe: WipeOut | None
    attached_at: datetime
    version: int


def disk_out(disk: Disk) -> dict[str, Any]:
    return disks_out([disk])[0]


def disks_out(disks: Sequence[Disk]) -> list[dict[str, Any]]:
    """The disks as REST shows them."""
    ids = [disk.id for disk in disks]
    members = Pool.objects.members()
    places_by_id = places(Pool.objects.values_list("name", "layout"), disks)
    smart = DiskSmart.objects.defer("document", "self_tests").in_bulk(ids)
    failing = set(DiskHealth.objects.failing().filter(disk__in=ids).values_list("disk", flat=True))
    lights, wipes = DiskBay.objects.in_bulk(ids), DiskWipe.objects.in_bulk(ids)
    return [
        {
            **_own(disk, members.get(disk.id)),
            "place": places_by_id.get(disk.id),
            "failing": disk.broken or disk.id in failing,
            "smart": smart.get(disk.id),
            "light": lights.get(disk.id),
            "last_wipe": wipes.get(disk.id),
        }
        for disk in disks
    ]


def _own(disk: Disk, pool: str | None) -> dict[str, Any]:
    fields = {f.attname: getattr(disk, f.attname) for f in Disk._meta.concrete_fields}
    in_scope = disk.simulated or not settings.CALYPSO_LAB
    usable = in_scope and pool is None and not (disk.system or disk.broken or disk.read_only)
    uses = {use["kind"] for use in disk.uses} - {"loop_backing"}
    return {
        **fields,
        "pool": pool,
        "available": usable and not uses,
        "available_by_force": usable and uses <= OVERRIDABLE,
    }
