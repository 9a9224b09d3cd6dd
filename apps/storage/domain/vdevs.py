"""Layouts of vdevs as they are asked for, and what they are worth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from apps.storage.domain.disks import DiskId

VdevType = Literal["stripe", "mirror", "raidz1", "raidz2", "raidz3"]
Role = Literal["data", "log", "cache", "spare"]
PARITY: dict[str, int] = {"raidz1": 1, "raidz2": 2, "raidz3": 3}


class VdevWish(BaseModel):
    """A top-level vdev as it is asked for: disks by id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: VdevType
    disks: tuple[DiskId, ...] = Field(min_length=1, max_length=255)
    role: Role = "data"

    @property
    def survives(self) -> int:
        """How many of its disks may fail without loss of data."""
        return len(self.disks) - 1 if self.type == "mirror" else PARITY.get(self.type, 0)

    @property
    def fewest(self) -> int:
        """The fewest disks that such a vdev has."""
        return 2 if self.type == "mirror" else PARITY.get(self.type, 0) + 1


def survives(vdevs: Sequence[VdevWish]) -> int:
    """How many disks of a pool may fail, wherever they are, without loss of data."""
    return min((v.survives for v in vdevs if v.role == "data"), default=0)


def worth(vdevs: Sequence[VdevWish]) -> str:
    """The redundancy in words."""
    count = survives(vdevs)
    if count == 0:
        return "no redundancy: the loss of any one disk loses the pool"
    return f"survives the loss of any {count} disk{'s' if count > 1 else ''}"
