"""The members of a pool: which one is meant, what zpool knows it by, and what would still work without it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from apps.storage.domain.vdevs import HOLDS_DATA, PARITY, VdevWish, worth_of
from apps.storage.plans.facts import DiskFacts, PoolFacts, Top, VdevFacts
from calypso.kernel.errors import Invalid, NotFound

_DRAID = re.compile(r"draid[1-3]:(?P<data>[0-9]+)d:[0-9]+c:(?P<spares>[0-9]+)s")
_MIRRORING = ("mirror", "replacing", "spare")


@dataclass(frozen=True)
class Member:
    """A vdev or disk in its place: its top-level vdev (perhaps itself) and what it is in, if anything."""

    vdev: VdevFacts
    top: Top
    parent: VdevFacts | None

    @property
    def role(self) -> str:
        return self.top.role

    @property
    def is_disk(self) -> bool:
        return not self.vdev.children


def members(pool: PoolFacts) -> tuple[Member, ...]:
    """All vdevs and disks, each before what it is made of."""
    return tuple(member for top in pool.tops for member in _below(top.vdev, top, None))


def _below(vdev: VdevFacts, top: Top, parent: VdevFacts | None) -> tuple[Member, ...]:
    below = tuple(member for child in vdev.children for member in _below(child, top, vdev))
    return (Member(vdev, top, parent), *below)


def find(pool: PoolFacts, named: str, field: str) -> Member:
    """The member of this disk id, GUID, or name. A spare in use stands in two places: that among the data counts.

    Raises NotFound.
    """
    found = [m for m in members(pool) if named in (m.vdev.disk, m.vdev.guid, m.vdev.name) and named]
    if not found:
        raise NotFound(
            f"Pool “{pool.name}” has no member “{named}”.",
            code="no_such_member",
            field=field,
            hint="Name a disk by its id, or by its guid in the pool's layout where it is away.",
        )
    return found[0]


def find_disk(pool: PoolFacts, named: str, field: str) -> Member:
    """A member that is one disk. Raises NotFound or Invalid."""
    member = find(pool, named, field)
    if not member.is_disk:
        raise Invalid(f"“{named}” is a {member.vdev.type}, not a disk.", field=field, code="not_a_disk")
    return member


def word(vdev: VdevFacts, disks: Mapping[str, DiskFacts]) -> str:
    """What zpool knows it by: the stable path of its disk where the pool has that, else its GUID."""
    disk = disks.get(vdev.disk)
    if disk is not None and vdev.path in (disk.path, f"{disk.path}-part1"):
        return disk.path
    return vdev.guid or vdev.name


def is_alive(vdev: VdevFacts) -> bool:
    """Whether its data can be read."""
    return is_dead_after(vdev, None) is False


def is_dead_after(vdev: VdevFacts, without: str | None) -> bool:
    """Whether its data could no longer be read without the disk of this GUID."""
    return left_to_lose(vdev, without) < 0


def left_to_lose(vdev: VdevFacts, without: str | None = None) -> int:
    """How many more of its disks may fail, wherever they are; negative when its data can't be read."""
    if not vdev.children:
        works = vdev.state in ("ONLINE", "DEGRADED", "AVAIL", "INUSE") and vdev.guid != without
        return 0 if works else -1
    alive = [child for child in vdev.children if left_to_lose(child, without) >= 0]
    if vdev.type in _MIRRORING:
        return len(alive) - 1
    return PARITY.get(vdev.type, 0) - (len(vdev.children) - len(alive))


def worth_without(pool: PoolFacts, guid: str) -> str:
    """What the pool is worth, in words, while the disk of this GUID is away."""
    left = [left_to_lose(top.vdev, guid) for top in pool.tops if top.role in HOLDS_DATA and is_kept(top)]
    return worth_of(max(0, min(left, default=0)))


def is_kept(top: Top) -> bool:
    """Left-overs of removed vdevs are no vdevs any more."""
    return top.vdev.type not in ("indirect", "hole", "missing")


def as_wishes(pool: PoolFacts) -> tuple[VdevWish, ...]:
    """The vdevs that the pool has, as they would be asked for. A replacement that goes on counts as one disk."""
    return tuple(_as_wish(top) for top in pool.tops if is_kept(top) and top.vdev.type != "dspare")


def _as_wish(top: Top) -> VdevWish:
    vdev = top.vdev
    if not vdev.children or vdev.type in ("replacing", "spare"):
        return VdevWish(type="stripe", role=top.role, disks=(vdev.name,))
    draid = _DRAID.match(vdev.name)
    more = {"group_data": int(draid["data"]), "distributed_spares": int(draid["spares"])} if draid else {}
    return VdevWish.model_validate(
        {"type": vdev.type, "role": top.role, "disks": [child.name for child in vdev.children], **more}
    )


def without_disk(vdev: VdevFacts, guid: str) -> VdevFacts:
    """The vdev as it is when the disk of this GUID has left it; what has one part left is that part."""
    children = tuple(without_disk(child, guid) for child in vdev.children if child.guid != guid)
    if len(children) == 1 and vdev.type in _MIRRORING:
        return children[0]
    return replace(vdev, children=children)
