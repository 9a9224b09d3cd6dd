"""zfs(8) for snapshots: its lines as recorded, and any text as a value or a named error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters.zfs import snapshots as zfs
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load


def said(name: str) -> str:
    return load("zfs", name.partition("-")[0]).stdout


def test_holds_as_recorded() -> None:
    assert zfs.parse_holds(said("071-holds-H")) == {"tank/fs1@s1": ["keep"]}
    assert set(zfs.parse_holds(said("072-holds-Hp"))) == {
        "tank/backups@nightly-2026-01-01",
        "tank/backups/daily@nightly-2026-01-01",
        "tank/backups/daily/host-a@nightly-2026-01-01",
    }


def test_bookmarks_as_recorded() -> None:
    """The recording has the time before the GUID."""
    name, created, guid, txg = said("046-list-bookmarks").rstrip("\n").split("\t")
    assert zfs.parse_bookmarks("\t".join((name, guid, created, txg))) == [
        zfs.SeenBookmark("tank/fs1#b1", "248140040616330571", 1795412412, 146)
    ]


def test_differences_as_recorded() -> None:
    assert zfs.parse_diff(said("041-diff")) == [
        zfs.Difference(1795412409.555421310, "-", "F", "/tank/fs1/f1", ""),
        zfs.Difference(1795412414.883421310, "+", "F", "/tank/fs1/f4", ""),
        zfs.Difference(1795412416.231421310, "M", "/", "/tank/fs1/", ""),
    ]


def test_a_rename_and_escaped_letters() -> None:
    line = "1795412409.5\tR\tF\t/tank/a\\0040b\t/tank/\\0303\\0274\n"
    assert zfs.parse_diff(line) == [zfs.Difference(1795412409.5, "R", "F", "/tank/a b", "/tank/ü")]


def test_snapshots_as_recorded() -> None:
    """The recording has more columns, in another order: name, used, refer, creation, guid, txg, userrefs, …, defer."""
    picked = [line.split("\t") for line in said("039-list-snapshots-Hp").splitlines()]
    text = "".join("\t".join((r[0], r[4], r[3], r[5], r[6], r[9], r[1], r[2])) + "\n" for r in picked)
    found = zfs.parse_list(text)
    assert len(found) == 8
    assert found[6] == zfs.SeenSnapshot(
        "tank/fs1@s2", "15252887550238853623", 1795412416, 150, 0, False, 65536, 23306240
    )


PARSERS: list[Callable[[str], Any]] = [
    zfs.parse_list, zfs.parse_bookmarks, zfs.parse_holds, zfs.parse_written, zfs.parse_diff
]  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(st.text(st.sampled_from("\t\n\\0123789.-+abFR/@x\x00"), max_size=80))
def test_any_text_is_a_value_or_garbage(parse: Callable[[str], Any], text: str) -> None:
    try:
        parse(text)
    except ToolGarbage as error:
        assert error.code == "tool_garbage"


def test_names_stand_behind_the_end_of_options() -> None:
    assert zfs.snapshot_argv(["a@s", "b@s"], recursive=True) == ["zfs", "snapshot", "-r", "--", "a@s", "b@s"]
    assert zfs.destroy_argv("a", ["1", "2"], defer=True) == ["zfs", "destroy", "-d", "--", "a@1,2"]
    assert zfs.rollback_argv("a@1", newer=True, clones=True) == ["zfs", "rollback", "-R", "--", "a@1"]
    assert zfs.rename_argv("a@1", "a@2", recursive=True) == ["zfs", "rename", "-r", "--", "a@1", "a@2"]
    assert zfs.hold_argv("-x", "a@1", recursive=False) == ["zfs", "hold", "--", "-x", "a@1"]
