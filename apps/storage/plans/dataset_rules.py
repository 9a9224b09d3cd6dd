"""The rules that datasets must meet before ZFS is asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from apps.storage.domain.datasets import dataset_address, parent_of, pool_of
from apps.storage.domain.inheritance import ancestors_of
from apps.storage.domain.pools import pool_address
from apps.storage.domain.properties import BY_NAME
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState
from calypso.kernel.errors import Conflict, Invalid, NotFound
from calypso.kernel.plans import Dependent

HOLDING = ("process", "loop", "swap", "LUN", "share")  # kinds of dependents that make a dataset busy


def resources_of(*names: str) -> tuple[str, ...]:
    """The addresses of datasets and of their pools: operations in one pool take turns."""
    pools = dict.fromkeys(pool_address(pool_of(name)) for name in names)
    return (*dict.fromkeys(dataset_address(name) for name in names), *pools)


def check_pool(pool: PoolState | None, name: str) -> PoolState:
    """The pool that a dataset is to be changed in. Raises NotFound or Conflict."""
    if pool is None:
        raise NotFound(
            f"There is no pool “{pool_of(name)}”.",
            code="no_such_pool",
            field="name",
            hint="A dataset's name begins with its pool's.",
        )
    if pool.state in ("SUSPENDED", "UNAVAIL", "FAULTED", "MISSING"):
        raise Conflict(
            f"Pool “{pool.name}” is {pool.state}: nothing in it can be changed.",
            code="pool_suspended",
            hint="Bring its disks back and clear the pool first.",
        )
    if pool.read_only:
        raise Conflict(
            f"Pool “{pool.name}” is read-only.",
            code="pool_read_only",
            hint="Export it, and import it without read-only.",
        )
    return pool


def check_free(name: str, known: Mapping[str, DatasetFacts]) -> None:
    if name in known:
        raise Conflict(
            f"There is a dataset “{name}” already.", code="dataset_exists", field="name", hint="Choose another name."
        )


def missing_parents(name: str, known: Mapping[str, DatasetFacts], parents: bool) -> list[str]:
    """The datasets that must be made before, the highest first. Raises where that was not asked for, or can't be."""
    above = ancestors_of(name)
    nearest = next((known[one] for one in above if one in known), None)
    if nearest is not None and nearest.type == "volume":
        raise Invalid(f"“{nearest.name}” is a volume: nothing can be below it.", field="name", code="parent_is_volume")
    missing = [one for one in reversed(above) if one not in known]
    if missing and not parents:
        raise Conflict(
            f"“{parent_of(name)}” does not exist.",
            code="no_parent",
            field="name",
            hint="Create it first, or set parents to have all of them created.",
        )
    return missing


def check_volsize(size: int, block: int, field: str) -> None:
    """Raises Invalid unless a volume of this size can be made of such blocks."""
    if size <= 0 or size % block:
        nearest = max(block, round(size / block) * block)
        raise Invalid(
            f"A volume's size is a multiple of its block size, {block} bytes.",
            field=field,
            code="bad_volsize",
            hint=f"The nearest is {nearest} bytes.",
        )


def check_limits(values: Mapping[str, str], facts: DatasetFacts) -> None:
    """Raises Conflict for a limit below what is used already."""
    for name, used in (("quota", facts.used), ("refquota", facts.referenced)):
        limit = int(values.get(name, 0))
        if limit and used is not None and limit < used:
            raise Conflict(
                f"{used} bytes are used already: {name} can't be {limit}.",
                code="below_used",
                field=f"properties.{name}",
                hint="Choose a larger limit, or free space first.",
            )


def check_inherit(names: Sequence[str], values: Mapping[str, str]) -> None:
    """Raises Invalid for what can't be inherited, or is set at the same time."""
    for name in names:
        if name in values:
            raise Invalid(f"“{name}” is both set and inherited.", field=f"inherit.{name}", code="set_and_inherited")
        if name in BY_NAME and not (BY_NAME[name].inheritable and BY_NAME[name].settable == "always"):
            raise Invalid(
                f"“{name}” can't be inherited.",
                field=f"inherit.{name}",
                code="not_inheritable",
                hint="Set it to none, or to its default, instead.",
            )


def check_not_root(facts: DatasetFacts, what: str, hint: str) -> None:
    if facts.is_root:
        raise Conflict(f"“{facts.name}” is a pool's own dataset: it can't be {what}.", code="is_pool", hint=hint)


def check_not_held(name: str, users: Iterable[Dependent], what: str, hint: str) -> None:
    """Raises Conflict that names what holds a dataset."""
    holders = [user for user in users if user.kind in HOLDING]
    if holders:
        words = ", ".join(f"{h.kind} {h.name}{f' ({h.detail})' if h.detail else ''}" for h in holders[:5])
        more = f" and {len(holders) - 5} more" if len(holders) > 5 else ""
        raise Conflict(
            f"“{name}” is in use by {words}{more}: it can't be {what}.",
            code="dataset_busy",
            hint=hint,
            holders=[holder.model_dump(mode="json") for holder in holders],
        )
