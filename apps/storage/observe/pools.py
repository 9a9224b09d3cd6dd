"""The part of a scan that looks at pools: what they are, how far they are from what is in force, and their figures."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from apps.storage.commands.returning import known_before
from apps.storage.compare import pools as compare
from apps.storage.compare.activities import activities, work_facts
from apps.storage.compare.pools import SeenPool
from apps.storage.domain.observed import PoolAdopted, PoolForgotten
from apps.storage.domain.pools import PoolChanged
from apps.storage.domain.wishes import pool_drift, pool_in_force, told
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.observe.recording import in_hand, record
from apps.storage.observe.samples import record_capacity
from apps.storage.observe.scope import Scope
from calypso.kernel import store
from calypso.kernel.events import Change

MISSING = "MISSING"


def record_pools(seen: Sequence[SeenPool], names: Mapping[str, str], since: int, scope: Scope) -> int:
    """Pools that an operation has in hand, or had since the look at them began, are left to that operation."""
    values = {s.info.name: compare.pool_values(s, names) for s in seen}
    count = 0
    if pool_changes(values, scope):
        with store.writing():
            changes = pool_changes(values, scope)
            held = in_hand({name for name, _ in changes}, since)
            count = record([change for name, change in changes if name not in held])
    return count + _sample(seen, since, scope)


def pool_changes(values: Mapping[str, dict[str, Any]], scope: Scope) -> list[tuple[str, Change]]:
    """(the pool's name, event) of all that differs. A pool is known by its guid, else by its name."""
    rows = [pool for pool in Pool.objects.all() if scope.has_pool(pool.name)]
    by_guid = {pool.guid: pool for pool in rows if pool.guid}
    by_name = {pool.name: pool for pool in rows}
    found: list[tuple[str, Change]] = []
    taken: set[UUID] = set()
    for name, value in values.items():
        named = by_name.get(name)
        known = by_guid.get(value["guid"]) or (named if named and not compare.is_another(named, value) else None)
        if known is not None:
            taken.add(known.id)
            found += [(name, Change(known.id, fact)) for fact in _known(known, name, value)]
    for name, value in values.items():
        if value["guid"] not in by_guid and ((row := by_name.get(name)) is None or row.id not in taken):
            if row is not None:
                found += [(name, change) for change in _replaced(row)]
                taken.add(row.id)
            found += [(name, change) for change in _new(name, value)]
    gone = [row for row in rows if row.id not in taken and row.state != MISSING]
    return [(row.name, Change(row.id, compare.vanished(row))) for row in gone] + found


def _known(pool: Pool, name: str, value: dict[str, Any]) -> list[Any]:
    change = compare.pool_change(pool, value, name=name)
    first = not pool.guid or not pool.properties
    wanted = pool_in_force(pool.wanted, value["properties"], first=first)
    differences = pool_drift(wanted, value["properties"])
    if isinstance(change, PoolChanged):
        return [change.model_copy(update={"drift": differences})]
    return [fact for fact in (change, told("pool", pool.id, name, differences, pool.drift)) if fact is not None]


def _replaced(row: Pool) -> list[Change]:
    """Another pool has its name now: it can't stay on record under it."""
    lost = [Change(row.id, compare.vanished(row))] if row.state != MISSING else []
    return [*lost, Change(row.id, PoolForgotten(pool=row.id, name=row.name))]


def _new(name: str, value: dict[str, Any]) -> list[Change]:
    pool = known_before(value["guid"]) or uuid4()
    properties = pool_in_force({}, value["properties"], first=True)
    adopted = PoolAdopted(pool=pool, name=name, properties=properties)
    return [Change(pool, compare.discovered(pool, name, value)), Change(pool, adopted)]


# --- samples ----------------------------------------------------------------------------------------------------------


def _sample(seen: Sequence[SeenPool], since: int, scope: Scope) -> int:
    """Writes the latest figures, which are no events, where they differ. Returns the events of work begun or ended."""
    pools = {pool.name: pool.id for pool in Pool.objects.only("id", "name")}
    before = PoolUsage.objects.in_bulk(list(pools.values()))
    now = time.time()
    held = in_hand(pools, since)
    facts: list[Change] = []
    for each in seen:
        if (pool := pools.get(each.info.name)) is None or each.info.name in held:
            continue
        usage = before.get(pool)
        running = activities(each, usage.activities if usage else [], now)
        figures = _figures(each, running)
        if usage is None or running or any(getattr(usage, name) != value for name, value in figures.items()):
            PoolUsage.objects.update_or_create(pool=pool, defaults={**figures, "sampled_at": timezone.now()})
        facts += [Change(pool, f) for f in work_facts(pool, each.info.name, usage.activities if usage else [], running)]
    if scope.whole:
        PoolUsage.objects.exclude(pool__in=pools.values()).delete()
    record_capacity([each.info for each in seen], pools, timezone.now())
    if not facts:
        return 0
    with store.writing():
        return record(facts)


def _figures(each: SeenPool, running: list[dict[str, Any]]) -> dict[str, Any]:
    info, scan = each.info, each.status.scan
    return {
        "allocated": info.allocated,
        "free": info.free,
        "capacity": info.capacity,
        "fragmentation": info.fragmentation,
        "scan_percent": scan.percent if scan else None,
        "scan_seconds_to_go": scan.seconds_to_go if scan else None,
        "activities": running,
    }
