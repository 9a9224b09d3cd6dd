"""Facts that tests of plans have in common: twelve disks, and pools made of some of them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from apps.storage.domain.vdevs import VdevWish
from apps.storage.plans.facts import DiskFacts, PoolFacts, Top, VdevFacts

POOL = UUID("5d3f2c44-3b1f-5a9e-8f6a-0d7c5e2b1a90")
TB = 10**12

DISKS = {
    f"wwn-{number}": DiskFacts(
        id=f"wwn-{number}",
        path=f"/dev/disk/by-id/wwn-{number}",
        serial=f"S{number}",
        size=4 * TB,
        simulated=False,
        system=False,
        broken=False,
        read_only=False,
    )
    for number in range(12)
}


def wish(kind: str, *numbers: int, role: str = "data", **more: int) -> VdevWish:
    disks = tuple(f"wwn-{number}" for number in numbers)
    return VdevWish.model_validate({"type": kind, "disks": disks, "role": role, **more})


def leaf(number: int, state: str = "ONLINE", errors: int = 0) -> VdevFacts:
    """A member as it stands in a pool; one that is UNAVAIL is known by its GUID only."""
    guid = str(100 + number)
    name = guid if state == "UNAVAIL" else f"wwn-{number}"
    disk = "" if state == "UNAVAIL" else f"wwn-{number}"
    return VdevFacts(name, "disk", state, guid, f"/dev/disk/by-id/wwn-{number}-part1", disk, errors)


def group(name: str, *children: VdevFacts, guid: str = "", state: str = "ONLINE") -> VdevFacts:
    kind = name.partition("-")[0].partition(":")[0]
    return VdevFacts(name, kind, state, guid or f"9{sum(map(ord, name))}", children=children)


def pool(*tops: Top, disks: tuple[str, ...] | None = None, **more: object) -> PoolFacts:
    known = tuple(leaf.disk for top in tops for leaf in top.vdev.leaves() if leaf.disk)
    facts = PoolFacts(id=POOL, name="tank", state="ONLINE", disks=known if disks is None else disks, tops=tops)
    return replace(facts, **{"version": (2, 3, 2), "guid": "42", **more})


def held(facts: PoolFacts, disks: dict[str, DiskFacts] | None = None) -> dict[str, DiskFacts]:
    """The disks, those of the pool marked as such."""
    return {d.id: replace(d, pool="tank") if d.id in facts.disks else d for d in (disks or DISKS).values()}


MIRRORS = pool(
    Top("data", group("mirror-0", leaf(0), leaf(1))),
    Top("data", group("mirror-1", leaf(2), leaf(3))),
    properties={"autotrim": "off", "comment": "", "failmode": "wait"},
)
RAIDZ2 = pool(
    Top("data", group("raidz2-0", leaf(0), leaf(1), leaf(2), leaf(3))),
    Top("log", group("mirror-1", leaf(4), leaf(5))),
    Top("cache", leaf(6)),
    Top("spare", VdevFacts("wwn-7", "disk", "AVAIL", "107", "/dev/disk/by-id/wwn-7-part1", "wwn-7")),
)
BARE = pool(Top("data", leaf(0)), Top("data", leaf(1)))
