"""Layouts of vdevs as they are asked for, and what they are worth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from apps.storage.domain.disks import DiskId

VdevType = Literal["stripe", "mirror", "raidz1", "raidz2", "raidz3", "draid1", "draid2", "draid3"]
Role = Literal["data", "special", "dedup", "log", "cache", "spare"]
HOLDS_DATA: tuple[Role, ...] = ("data", "special", "dedup")  # the loss of one such vdev is the loss of the pool
PARITY: dict[str, int] = {"raidz1": 1, "raidz2": 2, "raidz3": 3, "draid1": 1, "draid2": 2, "draid3": 3}
MOST_DISTRIBUTED_SPARES = 100  # VDEV_DRAID_MAX_SPARES of OpenZFS
DRAID_DATA = 8  # data disks per group where none are named, or as many as there are


class VdevWish(BaseModel):
    """A top-level vdev as it is asked for: disks by id. The last two fields are draid's alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: VdevType
    disks: tuple[DiskId, ...] = Field(min_length=1, max_length=255)
    role: Role = "data"
    group_data: int | None = Field(None, ge=1, le=255, description="draid: data disks per redundancy group.")
    distributed_spares: int = Field(0, ge=0, le=MOST_DISTRIBUTED_SPARES, description="draid: spares within it.")

    @property
    def parity(self) -> int:
        return PARITY.get(self.type, 0)

    @property
    def survives(self) -> int:
        """How many of its disks may fail without loss of data."""
        return len(self.disks) - 1 if self.type == "mirror" else self.parity

    @property
    def fewest(self) -> int:
        """The fewest disks that such a vdev has."""
        if self.type == "mirror":
            return 2
        return self.parity + (self.group_data or 1) + self.distributed_spares

    @property
    def shape(self) -> tuple[str, int, int]:
        """What vdevs that share data should have in common: type and width."""
        if self.type == "stripe":
            return self.type, 0, 0
        return self.type, len(self.disks), self.distributed_spares

    @property
    def word(self) -> str:
        """The type as zpool(8) takes it; a draid's with its data disks, children and distributed spares."""
        if not self.type.startswith("draid"):
            return self.type
        count = len(self.disks)
        data = self.group_data or min(DRAID_DATA, count - self.distributed_spares - self.parity)
        return f"{self.type}:{data}d:{count}c:{self.distributed_spares}s"


def survives(vdevs: Sequence[VdevWish]) -> int:
    """How many disks of a pool may fail, wherever they are, without loss of data."""
    return min((v.survives for v in vdevs if v.role in HOLDS_DATA), default=0)


def worth(vdevs: Sequence[VdevWish]) -> str:
    """The redundancy in words."""
    return worth_of(survives(vdevs))


def worth_of(count: int) -> str:
    """What it means that any ``count`` disks may fail."""
    if count == 0:
        return "no redundancy: the loss of any one disk loses the pool"
    return f"survives the loss of any {count} disk{'s' if count > 1 else ''}"
