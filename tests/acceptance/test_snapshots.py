"""Snapshots: made at one moment, rolled back with the list of what is lost, held, renamed, compared."""

from __future__ import annotations

import pytest

from tests.acceptance.box import Box, Refused
from tests.acceptance.conftest import MakePool
from tests.acceptance.ground import Ground

MIB = 1024**2


@pytest.mark.smoke
@pytest.mark.row("ST 10")
def test_snapshots_of_many_datasets_are_of_one_moment(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    for name in ("a", "a/b", "c", "d"):
        box.create_dataset(f"{pool}/{name}")
    box.snapshot([f"{pool}/a", f"{pool}/c"], "monday", recursive=True)
    made = box.items("/storage/snapshots", pool=pool)
    assert {row["full_name"] for row in made} == {f"{pool}/{name}@monday" for name in ("a", "a/b", "c")}
    assert len({row["created_txg"] for row in made}) == 1


@pytest.mark.row("ST 10")
def test_a_rollback_says_exactly_what_it_destroys(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    for name in ("one", "two", "three"):
        ground.write(f"{pool}/a", MIB)
        box.snapshot([f"{pool}/a"], name)
    body = {"snapshot": f"{pool}/a@one"}
    with pytest.raises(Refused) as refused:
        box.plan("POST", "/storage/snapshots/rollback", body)
    assert refused.value.code == "newer_snapshots"
    assert f"{pool}/a@two" in refused.value.words and f"{pool}/a@three" in refused.value.words
    plan = box.plan("POST", "/storage/snapshots/rollback", {**body, "losing": "newer"})
    assert set(plan["destroys"]["names"]) == {f"{pool}/a@two", f"{pool}/a@three"}
    box.ask("POST", "/storage/snapshots/rollback", {**body, "losing": "newer"}, confirm=f"{pool}/a")
    assert [row["name"] for row in box.snapshots(f"{pool}/a")] == ["one"]
    assert ground.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "name", "-r", pool).split() == [f"{pool}/a@one"]


@pytest.mark.row("ST 10")
def test_a_held_snapshot_stays(box: Box, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    box.snapshot([f"{pool}/a"], "s")
    named = {"snapshots": [f"{pool}/a@s"], "tag": "audit"}
    box.ask("POST", "/storage/snapshots/hold", named)
    assert box.snapshots(f"{pool}/a")[0]["holds"] == ["audit"]
    with pytest.raises(Refused) as refused:
        box.plan("POST", "/storage/snapshots/destroy", {"names": [f"{pool}/a@s"]})
    assert refused.value.code == "snapshot_in_use"
    box.ask("POST", "/storage/snapshots/release", named)
    box.ask("POST", "/storage/snapshots/rename", {"snapshot": f"{pool}/a@s", "name": "t"})
    box.ask("POST", "/storage/snapshots/destroy", {"names": [f"{pool}/a@t"]}, confirm=f"{pool}/a@t")
    assert box.snapshots(f"{pool}/a") == []


@pytest.mark.row("ST 10")
def test_two_snapshots_are_compared_and_one_is_bookmarked(box: Box, ground: Ground, make_pool: MakePool) -> None:
    pool = make_pool()["name"]
    box.create_dataset(f"{pool}/a")
    box.snapshot([f"{pool}/a"], "old")
    ground.write(f"{pool}/a", MIB)
    box.snapshot([f"{pool}/a"], "new")
    operation = box.ask("POST", "/storage/snapshots/diff", {"snapshot": f"{pool}/a@old", "to": f"{pool}/a@new"})
    page = box.get(f"/storage/snapshots/diffs/{operation['id']}", limit=1)
    assert page["entries"] >= 2 and page["next"] is not None
    assert any(row["change"] == "+" for row in box.items(f"/storage/snapshots/diffs/{operation['id']}"))
    box.ask("POST", "/storage/bookmarks", {"snapshot": f"{pool}/a@old", "name": "sent"})
    assert [row["full_name"] for row in box.items("/storage/bookmarks", under=pool)] == [f"{pool}/a#sent"]
