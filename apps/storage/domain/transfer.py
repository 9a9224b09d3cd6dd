"""Pools that leave the box and come to it: events. Pure."""

from __future__ import annotations

from typing import Any

from apps.storage.domain.disks import disk_address
from apps.storage.domain.pools import PoolEvent, pool_address
from calypso.kernel.events import Kind, event, upcast


@event("storage.PoolExported.v1", Kind.CONFIGURATION)
class PoolExported(PoolEvent):
    """It is off the box, whole, on its disks."""

    guid: str
    disks: tuple[str, ...]

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(disk) for disk in self.disks))


@event("storage.PoolImported.v2", Kind.CONFIGURATION)
class PoolImported(PoolEvent):
    """``before``: the name that it had. ``altroot``: the folder under which its file systems are mounted, or "".

    ``rewound``: it went back to its checkpoint.
    """

    guid: str
    before: str
    disks: tuple[str, ...]
    read_only: bool
    altroot: str
    destroyed: bool
    rewound: bool

    def keys(self) -> tuple[str, ...]:
        return (pool_address(self.name), *(disk_address(disk) for disk in self.disks))


@upcast("storage.PoolImported.v1", PoolImported.TYPE)
def _not_rewound(payload: dict[str, Any]) -> dict[str, Any]:
    """Before there was a way back to a checkpoint."""
    return payload | {"rewound": False}
