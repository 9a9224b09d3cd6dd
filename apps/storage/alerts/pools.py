"""Trouble with pools and with ZFS itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.storage.alerts.layouts import leaves, redundancy_left, spares_in_use
from apps.storage.alerts.levels import level, magnitude
from apps.storage.domain.pools import pool_address
from apps.storage.models.pools import Pool, PoolUsage
from apps.storage.models.zfs import ZfsState
from calypso.kernel.alerts.domain import Condition, Severity
from calypso.kernel.alerts.rules import Standing, rule

CAPACITY: dict[int, Severity] = {80: "warning", 85: "warning", 90: "critical", 95: "critical"}  # percent
BACK_OFF = 2.0  # percent
SCRUB_DAYS = 40  # Debian scrubs on the second Sunday of a month: at most 35 days lie between
DOWN = ("FAULTED", "UNAVAIL", "SUSPENDED", "MISSING")
NO_ERRORS = ("", "No known data errors")


@rule("storage.zfs")
def zfs(standing: Standing) -> Iterator[Condition]:
    """ZFS does not answer: nothing that is shown of pools can be relied on."""
    state = ZfsState.objects.filter(pk="zfs", ok=False).first()
    if state is not None:
        yield Condition(
            key="zfs",
            severity="critical",
            resource="storage.zfs",
            title="ZFS does not answer",
            text=state.message,
            advice="Look at the kernel's log and whether the module zfs is loaded.",
        )


@rule("storage.pools")
def pools(standing: Standing) -> Iterator[Condition]:
    """State, vdevs with errors, damaged files, spares in use, scrubs, drift."""
    for pool in Pool.objects.all():
        yield from pool_conditions(pool, timezone.now())


@rule("storage.capacity")
def capacity(standing: Standing) -> Iterator[Condition]:
    """How full pools are."""
    names = dict(Pool.objects.values_list("id", "name"))
    for usage in PoolUsage.objects.filter(pool__in=names):
        name, key = names[usage.pool], str(usage.pool)
        if at := level(usage.capacity, tuple(CAPACITY), standing.get(key), BACK_OFF):
            yield Condition(
                key=key,
                severity=CAPACITY[at],
                grade=at,
                resource=pool_address(name),
                title=f"Pool {name} is {at} % full",
                text=f"{at} % of its space or more is allocated. Pools get slow when nearly full, and stop when full.",
                advice="Add vdevs, delete what is not needed, or destroy old snapshots.",
            )


def pool_conditions(pool: Pool, now: datetime) -> Iterator[Condition]:
    """All that is wrong with one pool, from its row alone."""
    yield from _state(pool)
    yield from _errors(pool)
    yield from _spares(pool)
    yield from _scrub(pool, now)
    if pool.drift and pool.state != "MISSING":
        fields = ", ".join(sorted({str(difference["field"]) for difference in pool.drift}))
        yield _about(
            pool,
            "drift",
            "warning",
            title=f"Pool {pool.name} differs from its configuration",
            text=f"Changed behind Calypso's back: {fields}.",
            advice="Accept what is there now, or restore what was configured.",
        )


def _about(pool: Pool, what: str, severity: Severity, **words: Any) -> Condition:
    return Condition(key=f"{what}:{pool.id}", severity=severity, resource=pool_address(pool.name), **words)


def _state(pool: Pool) -> Iterator[Condition]:
    title = f"Pool {pool.name} is {pool.state.lower()}"
    if pool.state in DOWN:
        yield _about(
            pool,
            "state",
            "critical",
            title=title,
            text=pool.status or "None of its data can be reached.",
            advice=pool.action or "Bring its disks back, then clear the pool.",
            grade=DOWN.index(pool.state) + 1,
        )
    elif pool.state not in ("ONLINE", "UNKNOWN"):
        bare = redundancy_left(pool.layout) == 0
        worth = "No redundancy is left: one more disk, and it is lost." if bare else "It still has redundancy."
        yield _about(
            pool,
            "state",
            "critical" if bare else "warning",
            title=title,
            text=f"{pool.status} {worth}".strip(),
            advice=pool.action or "Replace the disk that failed.",
        )


def _errors(pool: Pool) -> Iterator[Condition]:
    for leaf in leaves(pool.layout):
        kinds = [kind for kind in ("read", "write", "checksum") if leaf[kind]]
        if kinds:
            grade, count = magnitude(sum(leaf[kind] for kind in kinds))
            yield _about(
                pool,
                f"errors:{leaf['name']}",
                "warning",
                title=f"{leaf['name']} in pool {pool.name} has {' and '.join(kinds)} errors",
                text=f"{count} so far.",
                advice="Look at its cables and its SMART data; replace it if they come back, and clear the pool.",
                grade=grade,
            )
    if pool.errors not in NO_ERRORS:
        yield _about(
            pool,
            "damage",
            "critical",
            title=f"Pool {pool.name} has lost data",
            text="Some files or metadata are damaged for good; zpool status -v names them.",
            advice="Restore them from a backup, then scrub the pool.",
        )


def _spares(pool: Pool) -> Iterator[Condition]:
    for spare, instead_of in spares_in_use(pool.layout):
        yield _about(
            pool,
            f"spare:{spare}",
            "warning",
            title=f"A spare is in use in pool {pool.name}",
            text=f"{spare} stands in for {instead_of}.",
            advice="Replace the disk that failed, or detach it so that the spare takes its place for good.",
        )


def _scrub(pool: Pool, now: datetime) -> Iterator[Condition]:
    scan = pool.scan or {}
    if scan.get("state") == "finished" and scan.get("errors"):
        grade, count = magnitude(scan["errors"])
        yield _about(
            pool,
            "scrub-errors",
            "critical",
            title=f"The last {scan['function']} of pool {pool.name} found what it could not repair",
            text=f"{count} errors.",
            advice="See zpool status -v; restore what is damaged and scrub once more.",
            grade=grade,
        )
    if pool.state in DOWN or pool.read_only or scan.get("state") in ("in_progress", "paused"):
        return
    ended = scan.get("ended_at") if scan.get("state") == "finished" else None
    last = datetime.fromtimestamp(ended, UTC) if ended else pool.created_at
    if now - last > timedelta(days=SCRUB_DAYS):
        yield _about(
            pool,
            "scrub-overdue",
            "warning",
            title=f"Pool {pool.name} was not scrubbed for {SCRUB_DAYS} days",
            text="Data that nobody reads rots unseen until a scrub reads it.",
            advice="Scrub it now, and make a schedule that does.",
        )
