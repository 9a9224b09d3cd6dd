"""Disks: their events and what they are used for. Pure."""

from __future__ import annotations

from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, StringConstraints

from calypso.kernel.events import Event, Kind, event

DiskId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
SPA_MIN_DEVICE = 64 * 1024 * 1024  # bytes; SPA_MINDEVSIZE of OpenZFS
SIZE_FUZZ = 16 * 1024 * 1024  # bytes; ZPOOL_FUZZ of zpool_vdev.c: sizes closer than this count as equal


def disk_stream(disk: str) -> UUID:
    """The stream of a disk, by its stable id."""
    return uuid5(NAMESPACE_URL, f"calypso:disk:{disk}")


def disk_address(disk: str) -> str:
    return f"storage.disk.{disk}"


class Use(BaseModel):
    model_config = ConfigDict(frozen=True)
    kind: str
    name: str


class DiskEvent(Event):
    disk: str

    def keys(self) -> tuple[str, ...]:
        return (disk_address(self.disk),)


class DiskState(DiskEvent):
    """A disk in full. ``size`` in bytes."""

    name: str
    path: str
    serial: str
    wwn: str
    model: str
    size: int
    rotational: bool | None
    transport: str
    removable: bool
    read_only: bool
    simulated: bool
    uses: tuple[Use, ...]
    slot: str
    broken: bool
    system: bool


@event("storage.DiskAttached.v1", Kind.OBSERVATION)
class DiskAttached(DiskState):
    pass


@event("storage.DiskChanged.v1", Kind.OBSERVATION)
class DiskChanged(DiskState):
    """``fields`` names what differs from before."""

    fields: tuple[str, ...]


@event("storage.DiskDetached.v1", Kind.OBSERVATION)
class DiskDetached(DiskEvent):
    name: str
    serial: str
