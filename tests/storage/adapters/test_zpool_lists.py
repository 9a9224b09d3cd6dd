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


def listed(number: str) -> str:
    """What `zpool list` prints of a pool whose properties were all recorded, by `zpool get`."""
    rows = [line.split("\t") for line in load("zpool", number).stdout.splitlines()]
    values = {name: value for _, name, value, *_ in rows} | {"name": rows[0][0]}
    return "\t".join(values[name] for name in zpool.LIST_COLUMNS) + "\n"


DEFAULTS = {
    "altroot": "", "ashift": "0", "autoexpand": "off", "autoreplace": "off", "autotrim": "off", "cachefile": "",
    "comment": "", "compatibility": "off", "delegation": "on", "failmode": "wait", "listsnapshots": "off",
    "multihost": "off",
}  # fmt: skip


def test_pools() -> None:
    tank, vault = zpool.parse_list(listed("029") + listed("030"))
    properties = DEFAULTS | {"ashift": "12"}
    assert tank == zpool.PoolInfo(
        "tank", "9687753976379866932", 1006632960, 393216, 1006239744, 2, 0, "ONLINE", False, 0, properties
    )
    assert (vault.name, vault.size, vault.properties["ashift"]) == ("vault", 2952790016, "12")


def test_no_pools() -> None:
    assert zpool.parse_list(load("zpool", "003").stdout) == ()


def test_a_read_only_pool_under_another_root() -> None:
    line = "a b\t1\t-\t-\t-\t-\t-\tUNAVAIL\ton\t1048576\t/mnt"
    (pool,) = zpool.parse_list(line + "\t-" * (len(zpool.SETTINGS) - 1) + "\n")
    assert (pool.name, pool.readonly, pool.properties["altroot"], pool.fragmentation) == ("a b", True, "/mnt", None)
    assert pool.expandable == 1048576


def test_version() -> None:
    assert zpool.parse_version(load("zpool", "001").stdout) == (2, 3, 2)
    assert zpool.parse_version("zfs-2.1.11-1\nzfs-kmod-2.1.11-1\n") == (2, 1, 11)


@pytest.mark.parametrize("parse", [zpool.parse_list, zpool.parse_version])
def test_any_text_is_a_value_or_garbage(parse: Callable[[str], object]) -> None:
    field = st.text(max_size=5) | st.sampled_from(["filesystem", "-", "1", "12%", "9" * 30])
    line = st.lists(field, min_size=9, max_size=22).map("\t".join)

    @settings(max_examples=150, deadline=None)
    @given(st.text() | st.lists(line, max_size=3).map("\n".join))
    def check(text: str) -> None:
        try:
            parse(text)
        except ToolGarbage as error:
            assert error.message

    check()
