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
        "ashift,autoexpand,autoreplace,autotrim,cachefile,comment,compatibility,delegation,failmode,listsnapshots,multihost"
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


def test_adding() -> None:
    vdevs = [("mirror", "data", ["/dev/a", "/dev/b"]), ("stripe", "spare", ["/dev/c"])]
    assert words(zpool.add_argv("tank", vdevs)) == "zpool add -- tank mirror /dev/a /dev/b spare /dev/c"
    assert words(zpool.add_argv("tank", vdevs[:1], force=True)).startswith("zpool add -f -- tank")


def test_draid_special_and_dedup() -> None:
    vdevs = [
        ("mirror", "dedup", ["/dev/e"]),
        ("mirror", "special", ["/dev/d"]),
        ("draid1:2d:3c:0s", "data", ["/dev/a", "/dev/b", "/dev/c"]),
    ]
    told = "zpool create -- t draid1:2d:3c:0s /dev/a /dev/b /dev/c special mirror /dev/d dedup mirror /dev/e"
    assert words(zpool.create_argv("t", vdevs)) == told
    for odd in ("draid4", "draid1:2x", "draid1;rm", "draid1:2d:3c:0s:1d"):
        with pytest.raises(Invalid):
            zpool.create_argv("t", [(odd, "data", ["/dev/a"])])


def test_members() -> None:
    assert words(zpool.attach_argv("t", "1", "/dev/b", force=True)) == "zpool attach -f -- t 1 /dev/b"
    assert words(zpool.detach_argv("t", "1")) == "zpool detach -- t 1"
    assert words(zpool.replace_argv("t", "1", "/dev/b")) == "zpool replace -- t 1 /dev/b"
    assert words(zpool.remove_argv("t", ["1", "2"])) == "zpool remove -- t 1 2"
    assert words(zpool.cancel_removal_argv("t")) == "zpool remove -s -- t"
    assert words(zpool.offline_argv("t", "1", temporary=True)) == "zpool offline -t -- t 1"
    assert words(zpool.online_argv("t", ["1", "2"], expand=True)) == "zpool online -e -- t 1 2"
    assert words(zpool.clear_argv("t")) == "zpool clear -- t"
    assert words(zpool.clear_argv("t", "1")) == "zpool clear -- t 1"
    assert words(zpool.trim_argv("t", "start", rate=5)) == "zpool trim -r 5 -- t"
    assert words(zpool.trim_argv("t", "cancel", ["1"], rate=5)) == "zpool trim -c -- t 1"
    assert words(zpool.initialize_argv("t", "suspend")) == "zpool initialize -s -- t"


def test_whole_pools() -> None:
    assert words(zpool.get_argv("t", ["comment"])) == "zpool get -Hp -o name,property,value,source comment -- t"
    assert zpool.set_argv("t", "comment", "a b") == ["zpool", "set", "comment=a b", "t"]
    assert words(zpool.upgrade_argv("t")) == "zpool upgrade -- t"
    assert words(zpool.checkpoint_argv("t", discard=True)) == "zpool checkpoint -d -- t"
    assert words(zpool.export_argv("t", force=True)) == "zpool export -f -- t"
    assert words(zpool.importable_argv(destroyed=True)) == "zpool import -D"
    assert words(zpool.import_argv("7")) == "zpool import -- 7"
    assert (
        words(
            zpool.import_argv(
                "7",
                "new",
                folders=["/dev/disk/by-id"],
                read_only=True,
                altroot="/mnt",
                destroyed=True,
                missing_log=True,
            )
        )
        == "zpool import -D -f -m -o readonly=on -R /mnt -d /dev/disk/by-id -- 7 new"
    )
