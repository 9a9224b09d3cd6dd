"""Argument lists, read as texts."""

from __future__ import annotations

import pytest

from apps.storage.adapters import zpool
from calypso.kernel.errors import Invalid


def words(argv: list[str]) -> str:
    return " ".join(argv)


def test_reading() -> None:
    assert words(zpool.version_argv()) == "zfs version"
    assert words(zpool.list_argv()) == (
        "zpool list -Hp -o name,guid,size,allocated,free,fragmentation,capacity,health,readonly,expandsize,altroot,"
        "ashift,autoexpand,autoreplace,autotrim,cachefile,comment,delegation,failmode,listsnapshots,multihost"
    )
    assert words(zpool.status_argv(json=True)) == "zpool status -p -j --json-int"
    assert words(zpool.status_argv(json=False, names=["tank", "a b"])) == "zpool status -p -- tank a b"


def test_create() -> None:
    argv = zpool.create_argv(
        "tank",
        [("mirror", "data", ["/dev/a", "/dev/b"])],
        properties={"ashift": "12"},
        filesystem_properties={"compression": "lz4"},
        force=True,
        dry_run=True,
    )
    assert words(argv) == "zpool create -f -n -o ashift=12 -O compression=lz4 -- tank mirror /dev/a /dev/b"


def test_create_says_each_role_once_and_bare_disks_before_groups() -> None:
    vdevs = [
        zpool.VdevSpec("mirror", "log", ["/dev/a", "/dev/b"]),
        zpool.VdevSpec("stripe", "spare", ["/dev/s"]),
        zpool.VdevSpec("mirror", "log", ["/dev/c", "/dev/d"]),
        zpool.VdevSpec("raidz2", "data", ["/dev/1", "/dev/2", "/dev/3"]),
        zpool.VdevSpec("stripe", "data", ["/dev/0"]),
        zpool.VdevSpec("stripe", "cache", ["/dev/x", "/dev/y"]),
    ]
    assert words(zpool.create_argv("t", vdevs)) == (
        "zpool create -- t /dev/0 raidz2 /dev/1 /dev/2 /dev/3 log mirror /dev/a /dev/b mirror /dev/c /dev/d"
        " cache /dev/x /dev/y spare /dev/s"
    )


@pytest.mark.parametrize(
    "vdev",
    [
        ("mirror", "spare", ["/dev/a", "/dev/b"]),
        ("ring", "data", ["/dev/a"]),
        ("stripe", "moon", ["/dev/a"]),
        ("stripe", "data", ["-f"]),
        ("stripe", "data", ["mirror"]),
    ],
)
def test_create_refuses_what_would_be_read_as_something_else(vdev: tuple[str, str, list[str]]) -> None:
    with pytest.raises(Invalid) as caught:
        zpool.create_argv("t", [vdev])
    assert caught.value.field == "vdevs"


def test_create_refuses_a_strange_property() -> None:
    with pytest.raises(Invalid):
        zpool.create_argv("t", [], properties={"-n": "1"})


def test_changing() -> None:
    assert words(zpool.destroy_argv("-f")) == "zpool destroy -- -f"
    assert [words(zpool.scrub_argv("t", action)) for action in ("start", "pause", "stop")] == [
        "zpool scrub -- t",
        "zpool scrub -p -- t",
        "zpool scrub -s -- t",
    ]


@pytest.mark.parametrize("name", ["tank", "a b", "T-1_x.y:z", "logs", "clutch", "m", "a" * 128])
def test_names_that_zfs_takes(name: str) -> None:
    zpool.check_pool_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "1bad", "-f", " tank", "tank ", "a\nb", "tänk", "a/b", "a@b", "a$b", "é", "a\t", "a\x00", "a" * 129),
        *("mirror", "mirrored", "raidz2", "draid", "spare", "log", "c0", "c1t0d0"),
    ],
)
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        zpool.check_pool_name(name)
    assert caught.value.field == "name" and caught.value.hint
