"""Plans on snapshots and schedules as golden text files: GOLDEN=write writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from apps.storage.domain.schedules import Retention, SnapshotJob, When
from apps.storage.plans import schedules, snapshots
from apps.storage.plans.destroying import destroy_snapshots
from apps.storage.plans.rollback import Newer, Origin, clone, rollback
from apps.storage.plans.snapshot_facts import BookmarkFacts, Place, SnapshotFacts
from calypso.kernel.plans import Dependent, Plan
from tests.support import golden_plans

POOL, NEW = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def place(name: str) -> Place:
    return Place(uuid5(POOL, name), name, POOL, "tank")


A, B = place("tank/a"), place("tank/a/b")


def snapshot(of: Place, name: str, txg: int, **more: Any) -> SnapshotFacts:
    made = NOON - timedelta(hours=10 - txg)
    return SnapshotFacts(of=of, name=name, guid=str(txg), created_at=made, created_txg=txg, used=txg * 1000, **more)


ONE, TWO, BELOW = snapshot(A, "one", 1), snapshot(A, "two", 2), snapshot(B, "one", 1)
HELD = snapshot(A, "held", 3, holds=("legal",), defer_destroy=True)
MARK = BookmarkFacts(A, "sent", "2", 2)
JOB = SnapshotJob(dataset="tank/a", recursive=True, naming="h-%Y-%m-%d_%H-%M", retention=Retention(last=1))
WISH = schedules.Wish("hourly", True, When(), JOB, A.id)
KNOWN = ({"one": frozenset({A.id, B.id})}, {A.id: A, B.id: B})
JUDGED = schedules.judge([ONE, TWO, BELOW], JOB.retention, ZoneInfo("UTC"), NOON)

PLANS: dict[str, Callable[[], Plan]] = {
    "snapshots-create": lambda: snapshots.create_snapshots([A], [A, B], "now", (), recursive=True),
    "snapshots-create-two": lambda: snapshots.create_snapshots([A, B], [A, B], "now", (), recursive=False),
    "snapshots-rename": lambda: snapshots.rename_snapshot(ONE, "first", [BELOW], ()),
    "snapshots-hold": lambda: snapshots.hold([ONE, TWO], [ONE, TWO], "legal", recursive=False),
    "snapshots-release-the-last": lambda: snapshots.release([HELD], [HELD], "legal", recursive=False),
    "snapshots-diff": lambda: snapshots.diff(ONE, TWO.full_name, NEW),
    "snapshots-destroy": lambda: destroy_snapshots([ONE, TWO], {}, {A.id: A}, protected="refuse"),
    "snapshots-destroy-tree": lambda: destroy_snapshots([ONE, BELOW], *KNOWN, protected="refuse"),
    "snapshots-destroy-deferred": lambda: destroy_snapshots([ONE, HELD], {}, {A.id: A}, protected="defer"),
    "snapshots-rollback": lambda: rollback(
        ONE, Newer([TWO], [MARK], [place("tank/clone")], []), "clones", [Dependent(kind="process", name="qemu")]
    ),
    "snapshots-clone": lambda: clone(
        ONE, NEW, "tank/clone", {"atime": "off"}, Origin("filesystem", None, "off", ""), taken=False, parent_known=True
    ),
    "bookmark-create": lambda: snapshots.create_bookmark(TWO, "sent", taken=False),
    "bookmark-destroy": lambda: snapshots.destroy_bookmark(MARK),
    "schedule-create": lambda: schedules.create_schedule(NEW, WISH, schedules.Verdict(), taken=False),
    "schedule-change-that-expires": lambda: schedules.change_schedule(NEW, WISH, JUDGED),
    "schedule-delete": lambda: schedules.delete_schedule(NEW, "hourly", 3),
    "schedule-run": lambda: schedules.run_snapshots("hourly", When(), JOB, NOON, roots=[A], taken=()),
    "schedule-run-taken": lambda: schedules.run_snapshots(
        "hourly", When(), JOB, NOON, roots=[A], taken={"h-2026-11-24_12-00"}
    ),
    "schedule-expire": lambda: schedules.expire("hourly", JUDGED, *KNOWN),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("snapshots", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("snapshots", PLANS)
