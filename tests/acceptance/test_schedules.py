"""Schedules make snapshots and let old ones go; what a change would let go is shown before it is saved."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool


@pytest.mark.row("ST 11")
def test_a_schedule_previews_runs_and_keeps_a_record(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    job = {"kind": "snapshots", "dataset": f"{pool}/a", "naming": "auto-%Y-%m-%d_%H-%M-%S"}
    when = {"cron": "0 3 * * *"}
    wish = {"job": {**job, "retention": {"last": 10}}, "when": when}
    path = f"/storage/schedules/{pool}"
    preview = box.look("POST", "/storage/schedules/preview", {"name": pool, **wish})
    assert preview["expiring_count"] == 0 and preview["datasets"] == 1 and preview["next_runs"]
    box.ask("POST", "/storage/schedules", {"name": pool, **wish})
    try:
        for _ in range(3):
            before = len(box.snapshots(f"{pool}/a"))
            box.ask("POST", f"{path}/run", {})
            box.until(lambda had=before: len(box.snapshots(f"{pool}/a")) == had + 1, "it made a snapshot")
        assert {row["schedule"] for row in box.snapshots(f"{pool}/a")} == {pool}
        assert [run["state"] for run in box.items(f"{path}/runs")] == ["ran"] * 3
        fewer = {"job": {**job, "retention": {"last": 1}}, "when": when}
        expiring = box.look("POST", "/storage/schedules/preview", {"name": pool, **fewer})
        assert expiring["expiring_count"] == 2
        old = sorted(box.snapshots(f"{pool}/a"), key=lambda row: row["full_name"])[:2]
        assert {row["full_name"] for row in expiring["expiring"]} == {row["full_name"] for row in old}
        with pytest.raises(Refused) as refused:
            box.ask("PUT", path, fewer)
        assert refused.value.code == "confirmation_needed"
        box.ask("PUT", path, fewer, confirm=pool)
        box.ask("POST", f"{path}/run", {})
        box.until(lambda: len(box.snapshots(f"{pool}/a")) == 1, "what expired is gone")
    finally:
        box.ask("DELETE", path, confirm=pool)
