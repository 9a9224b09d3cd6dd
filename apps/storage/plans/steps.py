"""What the plans of one step on a pool have in common. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.storage.domain.disks import disk_address
from apps.storage.domain.pools import PoolEvent, pool_address
from apps.storage.plans.facts import PoolFacts
from calypso.kernel.plans import Destroys, Outcome, Plan, Probe, Run

SHORT, LONG = 60.0, 300.0  # seconds until a tool is ended: one that asks the kernel, and one that labels disks


def probe(name: str, pool: PoolFacts, **args: Any) -> Probe:
    """A question about a pool (observe/probes.py and its neighbours)."""
    return Probe(name=f"storage.{name}", args={"name": pool.name, **args})


def run(
    title: str, argv: Sequence[str], done: Probe, undo: Sequence[str] = (), deadline: float = SHORT, **more: Any
) -> Run:
    return Run(title=title, argv=tuple(argv), deadline=deadline, done=done, undo=tuple(undo), **more)


def plan(
    pool: PoolFacts,
    steps: Sequence[Run],
    fact: PoolEvent,
    *,
    title: str = "",
    disks: Sequence[str] = (),
    destroys: Destroys | None = None,
    **more: Any,
) -> Plan:
    """A plan on a pool. ``disks``: ids of those that it touches beside the pool; what it destroys is confirmed."""
    if destroys is not None:
        more = {"confirm": pool.name, **more}
    return Plan(
        title=title or steps[0].title,
        resources=(pool_address(pool.name), *(disk_address(disk) for disk in disks)),
        steps=tuple(steps),
        outcome=(Outcome.of(pool.id, fact),),
        destroys=destroys,
        **more,
    )


def of(pool: PoolFacts) -> Mapping[str, Any]:
    """What each event of a pool begins with."""
    return {"pool": pool.id, "name": pool.name}
