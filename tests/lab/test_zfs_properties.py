"""Properties in the lab: where values come from, what is refused, names, sorts, types, JSON and mounts that follow."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calypso.lab import writing, zfs
from calypso.lab.zfs.properties import PROPERTIES
from calypso.lab.zfs.values import Invalid, number
from tests.support.lab_box import Box
from tests.support.lab_zfs import act, box, refused, value

__all__ = ["box"]


@pytest.fixture
def tree(box: Box) -> Box:
    box.ok("zfs", "create", "-p", "tank/a/b")
    box.ok("zfs", "create", "tank/a-b")
    box.ok("zfs", "create", "-s", "-V", "10M", "tank/vol")
    box.ok("zfs", "snapshot", "-r", "tank@s1")
    return box


def source(box: Box, name: str, property_: str) -> str:
    return box.ok("zfs", "get", "-Hp", "-o", "value,source", property_, name).strip()


def test_values_are_inherited_from_the_nearest(tree: Box) -> None:
    tree.ok("zfs", "set", "compression=zstd-9", "calypso:note=x y", "tank/a")
    assert source(tree, "tank/a/b", "compression") == "zstd-9\tinherited from tank/a"
    assert source(tree, "tank/a/b@s1", "calypso:note") == "x y\tinherited from tank/a"
    tree.ok("zfs", "set", "quota=1G", "tank/a")
    assert source(tree, "tank/a/b", "quota") == "0\tdefault"
    tree.ok("zfs", "set", "compression=off", "tank/a/b")
    tree.ok("zfs", "inherit", "-r", "compression", "tank/a")
    assert source(tree, "tank/a/b", "compression") == "on\tdefault"
    tree.ok("zfs", "inherit", "calypso:note", "tank/a")
    assert source(tree, "tank/a/b", "calypso:note") == "-\t-"
    local = tree.ok("zfs", "get", "-Hp", "-r", "-s", "local", "-t", "filesystem,volume", "-o", "name,property", "all")
    assert local == "tank/a\tquota\ntank/vol\tvolsize\n"


def test_inherit_is_refused_for_what_is_not_inherited(tree: Box) -> None:
    more = "use 'zfs set quota=none' to clear\nuse 'zfs inherit -S quota' to revert to received value\n"
    assert refused(tree, "zfs", "inherit", "quota", "tank/a") == (1, f"'quota' property cannot be inherited\n{more}")
    assert refused(tree, "zfs", "inherit", "used", "tank/a") == (1, "used property is read-only\n")
    assert refused(tree, "zfs", "inherit", "bogus", "tank/a")[0] == 2


@pytest.mark.parametrize(
    ("wished", "why"),
    [
        ("recordsize=3K", "'recordsize' must be power of 2 from 512B to 16M"),
        ("recordsize=1X", "invalid numeric suffix '1X'"),
        ("quota=much", "bad numeric value 'much'"),
        ("atime=maybe", "'atime' must be one of 'on | off'"),
        ("copies=4", "'copies' must be one of '1 | 2 | 3'"),
        ("mountpoint=data", "'mountpoint' must be an absolute path, 'none', or 'legacy'"),
        ("volsize=1G", "'volsize' does not apply to datasets of this type"),
        ("encryption=on", "'encryption' is readonly"),
        ("keylocation=prompt", "keylocation must be 'none' for unencrypted datasets"),
        ("casesensitivity=mixed", "'casesensitivity' is readonly"),
        ("Up:case=1", "invalid property 'Up:case'"),
    ],
)
def test_bad_values(tree: Box, wished: str, why: str) -> None:
    why = why.replace("'1X'", "'X'")
    assert refused(tree, "zfs", "set", wished, "tank/a") == (255, f"cannot set property for 'tank/a': {why}\n")


def test_usage_errors_have_exit_code_two(tree: Box) -> None:
    for argv in (
        ["set", "tank/a"], ["set", "a=b"], ["get"], ["get", "nonsense", "tank"], ["list", "-o", "nonsense"], ["create"],
        ["list", "-t", "nonsense"], ["list", "-d", "x"], ["destroy"], ["snapshot"], ["rollback"], ["rename", "tank/a"],
        ["hold", "x"], ["unmount"], ["load-key"], ["nonsense"], ["bookmark", "tank@s1"], ["get", "-s", "x", "all"],
    ):  # fmt: skip
        assert refused(tree, "zfs", *argv)[0] == 2, argv


def test_lists_sort_by_name(tree: Box) -> None:
    names = tree.ok("zfs", "list", "-H", "-o", "name").split()
    assert names == ["tank", "tank/a", "tank/a-b", "tank/a/b", "tank/vol"], "as strcmp(3) sorts"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("-S name", "tank/vol tank/a/b tank/a-b tank/a tank"),
        ("-d 1 tank", "tank tank/a tank/a-b tank/vol"),
        ("-t snap tank/a", "tank/a@s1"),
        ("-r -t snap tank/a", "tank/a@s1 tank/a/b@s1"),
        ("-d 1 -t all tank/a", "tank/a tank/a@s1 tank/a/b"),
        ("-t vol", "tank/vol"),
        ("-s type -s name tank/vol tank", "tank tank/vol"),
        ("/tank/a", "tank/a"),
    ],
)
def test_lists_choose(tree: Box, words: str, names: str) -> None:
    assert tree.ok("zfs", "list", "-H", "-o", "name", *words.split()).split() == names.split()


def test_a_type_that_does_not_fit_is_refused(tree: Box) -> None:
    said = refused(tree, "zfs", "list", "-t", "filesystem", "tank/vol")
    assert said == (1, "cannot open 'tank/vol': operation not applicable to datasets of this type\n")
    assert tree.ok("zfs", "list", "-o", "space").split()[:3] == ["NAME", "AVAIL", "USED"]


def test_json(tree: Box) -> None:
    found = json.loads(tree.ok("zfs", "list", "-j", "--json-int", "-t", "all", "-o", "name,used,guid", "tank/a@s1"))
    entry = found["datasets"]["tank/a@s1"]
    assert (entry["type"], entry["dataset"], entry["snapshot_name"]) == ("SNAPSHOT", "tank/a", "s1")
    assert entry["properties"]["used"] == {"value": 0, "source": {"type": "NONE", "data": "-"}}
    text = json.loads(tree.ok("zfs", "get", "-j", "all", "tank/vol"))["datasets"]["tank/vol"]["properties"]
    lines = tree.ok("zfs", "get", "-H", "-o", "property,value", "all", "tank/vol").splitlines()
    assert [f"{name}\t{entry['value']}" for name, entry in text.items()] == lines


def test_mounts_follow_their_properties(tree: Box) -> None:
    tree.ok("zfs", "set", "mountpoint=/srv/a", "tank/a")
    assert value(tree, "tank/a/b", "mountpoint") == "/srv/a/b" and value(tree, "tank/a/b", "mounted") == "yes"
    tree.ok("zfs", "set", "mountpoint=none", "tank/a")
    assert (value(tree, "tank/a", "mounted"), value(tree, "tank/a/b", "mounted")) == ("no", "no")
    assert refused(tree, "zfs", "mount", "tank/a")[1] == "cannot mount 'tank/a': no mountpoint set\n"
    tree.ok("zfs", "inherit", "mountpoint", "tank/a")
    assert (value(tree, "tank/a", "mounted"), value(tree, "tank/a/b", "mountpoint")) == ("yes", "/tank/a/b")
    tree.ok("zfs", "set", "canmount=off", "tank/a-b")
    assert refused(tree, "zfs", "mount", "tank/a-b")[1].endswith("'canmount' property is set to 'off'\n")
    act(tree, writing.hold, "tank/a", "bash")
    assert (
        refused(tree, "zfs", "set", "mountpoint=/x", "tank/a")[1]
        == "cannot unmount '/tank/a': pool or dataset is busy\n"
    )
    assert refused(tree, "zfs", "rename", "tank/a", "tank/c")[1].startswith("cannot unmount '/tank/a'")
    tree.ok("zfs", "unmount", "-f", "/tank/a")


def test_rename_takes_what_is_below_along(tree: Box) -> None:
    tree.ok("zfs", "rename", "-p", "tank/a", "tank/new/place")
    assert tree.ok("zfs", "list", "-H", "-o", "name", "-t", "all", "-r", "tank/new").split() == [
        "tank/new", "tank/new/place", "tank/new/place@s1", "tank/new/place/b", "tank/new/place/b@s1",
    ]  # fmt: skip
    assert value(tree, "tank/a-b", "type") == "filesystem"
    tree.ok("zfs", "rename", "-r", "tank@s1", "tank@s2")
    assert len(tree.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "name").split()) == 5
    assert "@s1" not in tree.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "name")
    said = refused(tree, "zfs", "rename", "tank/new", "tank/new/place/x")[1]
    assert said.endswith("New dataset name cannot be a descendant of current dataset name\n")


def test_snapshots_changed_and_user_properties_of_snapshots(tree: Box) -> None:
    changed = value(tree, "tank/a", "snapshots_changed")
    assert changed == value(tree, "tank/a@s1", "creation")
    tree.advance(100)
    tree.ok("zfs", "snapshot", "-o", "calypso:by=plan", "tank/a@s2")
    assert int(value(tree, "tank/a", "snapshots_changed")) == int(changed) + 100
    assert source(tree, "tank/a@s2", "calypso:by") == "plan\tlocal"
    assert tree.ok("zfs", "list", "-H", "-t", "snapshot", "-o", "calypso:by", "tank/a") == "-\nplan\n"
    tree.ok("zfs", "create", "tank/fresh")
    assert value(tree, "tank/fresh", "snapshots_changed") == "-"


def test_holds_keep_and_deferred_snapshots_go(tree: Box) -> None:
    tree.ok("zfs", "hold", "-r", "keep", "tank@s1")
    tree.ok("zfs", "destroy", "-d", "tank/a@s1")
    assert (value(tree, "tank/a@s1", "defer_destroy"), value(tree, "tank/a@s1", "userrefs")) == ("on", "1")
    assert refused(tree, "zfs", "destroy", "-r", "tank/a")[1].startswith("cannot destroy snapshot tank/a")
    tree.ok("zfs", "release", "keep", "tank/a@s1")
    assert tree.run("zfs", "list", "tank/a@s1").exit_code == 1
    tree.ok("zfs", "release", "-r", "keep", "tank@s1")
    tree.ok("zfs", "destroy", "-r", "tank/a")


def test_a_deferred_origin_goes_with_its_last_clone(tree: Box) -> None:
    tree.ok("zfs", "clone", "tank/a@s1", "tank/one")
    tree.ok("zfs", "clone", "tank/a@s1", "tank/two")
    tree.ok("zfs", "destroy", "-d", "tank/a@s1")
    tree.ok("zfs", "destroy", "tank/one")
    assert value(tree, "tank/a@s1", "clones") == "tank/two"
    tree.ok("zfs", "destroy", "tank/two")
    assert tree.run("zfs", "list", "tank/a@s1").exit_code == 1


def test_what_the_lab_does_not_have_it_says(tree: Box) -> None:
    assert refused(tree, "zfs", "allow", "tank") == (1, "The lab has no 'zfs allow'.\n")


WORDS = """tank tank/a tank/a/b tank/vol tank/a@s1 tank@s1 tank/a#m @s2 tank/new tank/a@s1% tank/a@s1,s2 all used 1 64M
-r -R -n -v -p -P -d -f -H -j -t -o -s -S -V -u -a -i -L -I -O name,used quota=1G volsize=8M mountpoint=none
keyformat=hex encryption=on x:y=z keep refreservation=auto userquota@ann=1G snapshot local --json-int --"""
words = st.sampled_from(WORDS.split())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(sorted(zfs.COMMANDS)), argv=st.lists(words | st.text(max_size=4), max_size=6))
def test_any_words_are_answered(tree: Box, command: str, argv: list[str]) -> None:
    said = tree.run("zfs", command, *argv, stdin=b"correct horse battery\n")
    assert said.exit_code in (0, 1, 2, 255)
    assert said.exit_code == 0 or said.stderr


def test_nothing_changes_in_a_read_only_pool(tree: Box) -> None:
    tree.ok("zpool", "export", "tank")
    tree.ok("zpool", "import", "-o", "readonly=on", "tank")
    for argv in (
        ["create", "tank/x"], ["snapshot", "tank/a@x"], ["destroy", "tank/a@s1"], ["destroy", "-r", "tank/a"],
        ["set", "atime=off", "tank/a"], ["rename", "tank/a", "tank/x"], ["hold", "x", "tank/a@s1"],
        ["rollback", "tank/a@s1"], ["clone", "tank/a@s1", "tank/x"], ["bookmark", "tank/a@s1", "#x"],
        ["inherit", "atime", "tank/a"],
    ):  # fmt: skip
        assert "pool is read-only" in refused(tree, "zfs", *argv)[1], argv


def test_a_suspended_pool_answers_nothing(tree: Box) -> None:
    tree.ok("zpool", "create", "other", "/dev/disk/by-id/wwn-0x5000c50000000005")
    tree.set_pool("tank", suspended=True)
    for argv in (["list", "tank"], ["get", "all", "tank/a"], ["set", "atime=off", "tank"], ["destroy", "-r", "tank/a"]):
        said = tree.run("zfs", *argv)
        assert said.exit_code == 1 and said.stderr.endswith("pool I/O is currently suspended\n")
    assert tree.ok("zfs", "list", "-H", "-o", "name") == "other\n"


def test_a_filesystem_is_told_before_it_is_made(tree: Box) -> None:
    said = tree.ok("zfs", "create", "-nP", "-o", "atime=off", "tank/x")
    assert said == "create\ttank/x\nproperty\tatime\toff\n"
    assert tree.run("zfs", "list", "tank/x").exit_code == 1


@given(st.integers(0, 2**40), st.sampled_from("KMGTP"))
def test_sizes_with_units(size: int, unit: str) -> None:
    size %= 2**10
    assert number(f"{size}{unit}") == size * 1024 ** (" KMGTP".index(unit))


@given(st.text(max_size=10))
def test_any_text_is_a_size_or_invalid(text: str) -> None:
    try:
        assert number(text) >= 0
    except Invalid as invalid:
        assert str(invalid)


def test_every_default_is_a_value() -> None:
    for name, found in PROPERTIES.items():
        if found.kind == "index" and found.way != "r":
            assert found.default in found.values.split(" | "), name


def test_the_pool_remembers_what_was_done_to_its_datasets(tree: Box) -> None:
    tree.ok("zpool", "events", "-c")
    tree.ok("zfs", "set", "atime=off", "tank/a")
    tree.run("zfs", "set", "atime=maybe", "tank/a")
    tree.ok("zfs", "list", "tank/a")
    tree.ok("zfs", "destroy", "-n", "tank/a@s1")
    told = [line.partition(" ")[2] for line in tree.ok("zpool", "history", "tank").splitlines() if " zfs " in line]
    assert told[-2:] == ["zfs snapshot -r tank@s1", "zfs set atime=off tank/a"]
    assert tree.ok("zpool", "events", "-H").count("sysevent.fs.zfs.history_event\n") == 1
