"""`zpool list -Hp` and `zfs version`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.storage.adapters import zpool
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load


def columns(tool: str, number: str, wanted: tuple[str, ...]) -> str:
    """A recording of more columns, narrowed to the wanted ones."""
    recording = load(tool, number)
    names = recording.argv[recording.argv.index("-o") + 1].split(",")
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in recording.stdout.splitlines()]
    return "".join("\t".join(row[name] for name in wanted) + "\n" for row in rows)


def test_pools() -> None:
    tank, vault = zpool.parse_list(columns("zpool", "011", zpool.LIST_COLUMNS))
    assert tank == zpool.PoolInfo(
        "tank", "9687753976379866932", 1006632960, 393216, 1006239744, 2, 0, "ONLINE", False, ""
    )
    assert vault.allocated == 753664


def test_no_pools() -> None:
    assert zpool.parse_list(load("zpool", "003").stdout) == ()


def test_a_read_only_pool_under_another_root() -> None:
    (pool,) = zpool.parse_list("a b\t1\t-\t-\t-\t-\t-\tUNAVAIL\ton\t/mnt\n")
    assert (pool.name, pool.readonly, pool.altroot, pool.fragmentation) == ("a b", True, "/mnt", None)


def test_version() -> None:
    assert zpool.parse_version(load("zpool", "001").stdout) == (2, 3, 2)
    assert zpool.parse_version("zfs-2.1.11-1\nzfs-kmod-2.1.11-1\n") == (2, 1, 11)


@pytest.mark.parametrize("parse", [zpool.parse_list, zpool.parse_version])
def test_any_text_is_a_value_or_garbage(parse: Callable[[str], object]) -> None:
    field = st.text(max_size=5) | st.sampled_from(["filesystem", "-", "1", "12%", "9" * 30])
    line = st.lists(field, min_size=9, max_size=12).map("\t".join)

    @settings(max_examples=150, deadline=None)
    @given(st.text() | st.lists(line, max_size=3).map("\n".join))
    def check(text: str) -> None:
        try:
            parse(text)
        except ToolGarbage as error:
            assert error.message

    check()
