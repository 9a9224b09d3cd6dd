"""When a pool can be worked on at all: zpool hangs, for good, on one whose I/O is suspended. Pure."""

from __future__ import annotations

from apps.storage.plans.facts import PoolFacts
from calypso.kernel.errors import Conflict

HANGING = ("SUSPENDED", "UNAVAIL", "FAULTED")


def check_answers(pool: PoolFacts, what: str) -> None:
    """Raises Conflict where the tool would hang or has nothing to work on."""
    check_present(pool)
    if pool.state in HANGING:
        raise Conflict(
            f"Pool “{pool.name}” is {pool.state}: {what} would hang.",
            code="pool_suspended",
            hint="Bring its disks back and clear the pool first.",
        )


def check_writable(pool: PoolFacts, what: str) -> None:
    """Raises Conflict also for a pool that was imported read-only."""
    check_answers(pool, what)
    if pool.read_only:
        raise Conflict(
            f"Pool “{pool.name}” is read-only: {what} is not possible.",
            code="pool_read_only",
            hint="Export the pool and import it without read_only.",
        )


def check_leavable(pool: PoolFacts, what: str) -> None:
    """Raises Conflict where the pool can't even be let go of. One that lost its disks, but does not hang, can."""
    check_present(pool)
    if pool.state == "SUSPENDED":
        raise Conflict(
            f"Pool “{pool.name}” is SUSPENDED: {what} would hang or fail without a word.",
            code="pool_suspended",
            hint="Bring its disks back and clear the pool first.",
        )


def check_present(pool: PoolFacts) -> None:
    if pool.state == "MISSING":
        raise Conflict(
            f"Pool “{pool.name}” is not on the box now.",
            code="pool_missing",
            hint="Import it, or accept in its drift that it is gone.",
        )


def check_no_checkpoint(pool: PoolFacts, what: str) -> None:
    """While there is a checkpoint, ZFS keeps the vdevs as they were then."""
    if pool.checkpoint:
        raise Conflict(
            f"Pool “{pool.name}” has a checkpoint: {what} is not possible.",
            code="checkpoint_exists",
            hint="Discard the checkpoint first.",
        )
