"""What is done to a pool as a whole: properties, features, checkpoint → a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from apps.storage.adapters import zpool
from apps.storage.domain.pool_properties import BY_NAME, checked
from apps.storage.domain.upkeep import CheckpointDiscarded, CheckpointMade, PoolPropertiesSet, PoolUpgraded
from apps.storage.plans.facts import PoolFacts
from apps.storage.plans.guards import check_no_checkpoint, check_writable
from apps.storage.plans.steps import LONG, of, plan, probe, run
from calypso.kernel.errors import Conflict, Invalid
from calypso.kernel.plans import Plan, Run

CheckpointAction = Literal["make", "discard"]


def set_properties(pool: PoolFacts, wish: Mapping[str, str]) -> Plan:
    """`zpool set`, one step for each property that differs from what the box shows. Raises Invalid or Conflict."""
    check_writable(pool, "setting properties")
    if not wish:
        raise Invalid("No property is named.", field="properties", code="nothing_to_do")
    values = checked(wish, creating=False)
    differing = {name: value for name, value in values.items() if pool.properties.get(name) != value}
    return plan(
        pool,
        [_set(pool, name, value) for name, value in differing.items()],
        PoolPropertiesSet(**of(pool), properties=values),
        title=f"Set {', '.join(values)} of {pool.name}",
        warnings=tuple(f"{name}: {BY_NAME[name].danger}" for name in differing if BY_NAME[name].danger),
    )


def _set(pool: PoolFacts, name: str, value: str) -> Run:
    """A value is taken back by setting the one before, where that is known."""
    before = pool.properties.get(name)
    return run(
        f"Set {name} of {pool.name} to “{value}”",
        zpool.set_argv(pool.name, name, value),
        probe("property", pool, property=name, value=value),
        zpool.set_argv(pool.name, name, before) if before is not None else (),
    )


def upgrade_pool(pool: PoolFacts) -> Plan:
    """`zpool upgrade`: enables what this version of ZFS can do. Raises Conflict when nothing is left to enable."""
    check_writable(pool, "upgrading")
    if not pool.upgradable:
        raise Conflict(f"Pool “{pool.name}” has all features of this version of ZFS.", code="nothing_to_upgrade")
    step = run(f"Upgrade {pool.name}", zpool.upgrade_argv(pool.name), probe("upgraded", pool), deadline=LONG)
    warning = "Calypso can't undo this: older versions of ZFS may not be able to import the pool any more."
    return plan(pool, [step], PoolUpgraded(**of(pool)), warnings=(warning,))


def checkpoint_pool(pool: PoolFacts, action: CheckpointAction) -> Plan:
    """`zpool checkpoint`, or -d: a state of the whole pool that it can go back to when it is imported."""
    check_writable(pool, "a checkpoint")
    if action == "make":
        check_no_checkpoint(pool, "another one")
        step = run(
            f"Make a checkpoint of {pool.name}",
            zpool.checkpoint_argv(pool.name),
            probe("checkpoint", pool, there=True),
            zpool.checkpoint_argv(pool.name, discard=True),
        )
        return plan(pool, [step], CheckpointMade(**of(pool)), warnings=(_COSTS,))
    if not pool.checkpoint:
        raise Conflict(f"Pool “{pool.name}” has no checkpoint.", code="no_checkpoint")
    step = run(
        f"Discard the checkpoint of {pool.name}",
        zpool.checkpoint_argv(pool.name, discard=True),
        probe("checkpoint", pool, there=False),
    )
    warning = "Calypso can't undo this: the pool can't go back to that state any more."
    return plan(pool, [step], CheckpointDiscarded(**of(pool)), warnings=(warning,))


_COSTS = "While there is a checkpoint, space is not given back by deletions, and no disk joins, leaves or is replaced."
