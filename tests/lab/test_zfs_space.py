"""Space adds up: whatever is written, snapshotted, cloned, promoted, rolled back and destroyed, in any order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calypso.lab import writing
from calypso.lab.state import change, reading
from calypso.lab.zfs import space
from calypso.lab.zfs.tree import Forest
from tests.support.lab_box import Box
from tests.support.lab_zfs import MIB, act, box, refused, value, write

__all__ = ["box"]

FIGURES = "name,used,usedbydataset,usedbysnapshots,usedbychildren,usedbyrefreservation,referenced,written"


def check(box: Box) -> None:
    """Sums, and that working everything out anew changes nothing."""
    before = box.ok("zfs", "list", "-Hp", "-t", "all", "-o", FIGURES)
    for line in before.splitlines():
        name, *figures = line.split("\t")
        if "@" not in name and "#" not in name:
            used, *parts = [int(figure) for figure in figures[:5]]
            assert used == sum(parts), line
    with reading(box.path) as state:
        allocated = state["pools"][0]["allocated"]
    with change(box.path) as state:
        tree = Forest(state).tree(state["pools"][0])
        for item in tree.by_name.values():
            space.settle(state, item)
        physical = sum(item.row["owned"] + item.row["snapped"] for item in tree.by_name.values())
        assert tree.root.below + tree.root.row["owned"] + tree.root.row["snapped"] == tree.root.used
        assert allocated - physical == 294_912, "what the pool takes for itself stays the same"
    assert box.ok("zfs", "list", "-Hp", "-t", "all", "-o", FIGURES) == before


def test_a_snapshot_holds_what_was_overwritten(box: Box) -> None:
    box.ok("zfs", "create", "tank/fs")
    write(box, "tank/fs", 10 * MIB, files=10)
    box.ok("zfs", "snapshot", "tank/fs@a")
    assert act(box, writing.rewrite, "tank/fs", files=3) == 3
    assert int(value(box, "tank/fs@a", "used")) == 3 * MIB + 65_536
    box.ok("zfs", "snapshot", "tank/fs@b")
    act(box, writing.erase, "tank/fs", files=5)
    assert value(box, "tank/fs@a", "used") == str(3 * MIB + 65_536)
    assert value(box, "tank/fs@b", "used") == str(3 * MIB + 65_536)
    assert int(value(box, "tank/fs", "usedbysnapshots")) == 8 * MIB + 2 * 65_536, "two files are in both"
    said = box.ok("zfs", "destroy", "-nvp", "tank/fs@a,b")
    assert said == f"destroy\ttank/fs@a\ndestroy\ttank/fs@b\nreclaim\t{8 * MIB + 2 * 65_536}\n"
    assert "would reclaim 3.06M\n" in box.ok("zfs", "destroy", "-nv", "tank/fs@a")
    box.ok("zfs", "destroy", "tank/fs@a")
    assert int(value(box, "tank/fs@b", "used")) == 5 * MIB + 65_536
    box.ok("zfs", "destroy", "tank/fs@%")
    assert value(box, "tank/fs", "usedbysnapshots") == "0"
    check(box)


def test_a_rollback_brings_back_what_was(box: Box) -> None:
    box.ok("zfs", "create", "tank/fs")
    write(box, "tank/fs", 10 * MIB, files=10)
    box.ok("zfs", "snapshot", "tank/fs@a")
    before = value(box, "tank/fs", "referenced")
    act(box, writing.erase, "tank/fs", files=4)
    write(box, "tank/fs", 20 * MIB)
    box.ok("zfs", "bookmark", "tank/fs@a", "tank/fs#m")
    box.ok("zfs", "snapshot", "tank/fs@b")
    code, said = refused(box, "zfs", "rollback", "tank/fs@a")
    assert (code, said.splitlines()[-1]) == (1, "tank/fs@b")
    box.ok("zfs", "rollback", "-r", "tank/fs@a")
    assert (value(box, "tank/fs", "referenced"), value(box, "tank/fs@a", "used")) == (before, "0")
    assert box.ok("zfs", "diff", "tank/fs@a") == ""
    assert box.ok("zfs", "list", "-H", "-t", "bookmark", "-o", "name") == "tank/fs#m\n"
    check(box)


def test_a_clone_shares_and_a_promoted_one_owns(box: Box) -> None:
    box.ok("zfs", "create", "tank/fs")
    write(box, "tank/fs", 30 * MIB, files=3)
    box.ok("zfs", "snapshot", "tank/fs@a")
    box.ok("zfs", "clone", "tank/fs@a", "tank/copy")
    assert (value(box, "tank/copy", "used"), value(box, "tank/copy", "origin")) == ("0", "tank/fs@a")
    assert value(box, "tank/copy", "referenced") == value(box, "tank/fs", "referenced")
    assert value(box, "tank/fs@a", "clones") == "tank/copy"
    write(box, "tank/copy", MIB)
    assert int(value(box, "tank/copy", "used")) == MIB + 65_536
    before = int(value(box, "tank", "used"))
    box.ok("zfs", "promote", "tank/copy")
    assert int(value(box, "tank", "used")) == before
    assert (value(box, "tank/copy", "origin"), value(box, "tank/fs", "origin")) == ("-", "tank/copy@a")
    assert int(value(box, "tank/copy", "used")) > 30 * MIB and value(box, "tank/fs", "used") == "0"
    check(box)
    box.ok("zfs", "destroy", "-r", "tank/fs")
    box.ok("zfs", "destroy", "-r", "tank/copy")
    assert value(box, "tank", "usedbychildren") == "294912"


def test_quotas_reservations_and_what_is_available(box: Box) -> None:
    box.ok("zfs", "create", "-o", "quota=100M", "tank/fs")
    box.ok("zfs", "create", "-o", "reservation=50M", "tank/fs/kept")
    assert int(value(box, "tank/fs", "used")) == 50 * MIB + 98_304
    assert int(value(box, "tank/fs", "available")) == 50 * MIB - 98_304
    assert int(value(box, "tank/fs/kept", "available")) == 100 * MIB - 2 * 98_304
    assert write(box, "tank/fs", 80 * MIB) == "Disk quota exceeded"
    assert value(box, "tank/fs", "available") == "0"
    assert write(box, "tank/fs/kept", 10 * MIB) == "", "what is reserved is there"
    assert refused(box, "zfs", "create", "tank/fs/more") == (1, "cannot create 'tank/fs/more': out of space\n")
    code, said = refused(box, "zfs", "set", "reservation=10G", "tank/fs/kept")
    assert (code, said) == (
        255,
        "cannot set property for 'tank/fs/kept': size is greater than available space\n",
    )
    box.ok("zfs", "set", "quota=none", "tank/fs")
    box.ok("zfs", "set", "refquota=200M", "tank/fs/kept")
    assert write(box, "tank/fs/kept", 500 * MIB) == "Disk quota exceeded"
    assert refused(box, "zfs", "set", "quota=0", "tank/fs")[1].endswith("use 'none' to disable quota/refquota\n")


def test_a_volume_and_its_reservation(box: Box) -> None:
    box.ok("zfs", "create", "-V", "100M", "tank/vol")
    whole = int(value(box, "tank/vol", "refreservation"))
    free = int(value(box, "tank", "available"))
    write(box, "tank/vol", 40 * MIB)
    assert int(value(box, "tank", "available")) == free, "the space was reserved"
    assert int(value(box, "tank/vol", "usedbyrefreservation")) == whole - 40 * MIB - 57_344
    box.ok("zfs", "snapshot", "tank/vol@a")
    assert int(value(box, "tank/vol", "usedbyrefreservation")) == whole, "all of it may be written anew"
    write(box, "tank/vol", 90 * MIB)
    assert int(value(box, "tank/vol", "referenced")) == 100 * MIB
    assert int(value(box, "tank/vol@a", "used")) == 30 * MIB + 57_344
    assert refused(box, "zfs", "set", "volsize=100000000", "tank/vol")[0] == 255
    box.ok("zfs", "set", "volsize=200M", "tank/vol")
    assert int(value(box, "tank/vol", "refreservation")) > 200 * MIB
    box.ok("zfs", "set", "refreservation=none", "tank/vol")
    assert value(box, "tank/vol", "usedbyrefreservation") == "0"
    check(box)


def test_compressed_data(box: Box) -> None:
    box.ok("zfs", "create", "-o", "compression=zstd", "tank/fs")
    write(box, "tank/fs", 100 * MIB, ratio=4.0)
    assert 24 * MIB < int(value(box, "tank/fs", "used")) < 26 * MIB
    assert value(box, "tank/fs", "refcompressratio") in ("3.95", "3.96", "3.97", "3.98", "3.99", "4.00")
    assert box.ok("zfs", "list", "-H", "-o", "compressratio", "tank/fs").strip()[-1] == "x"
    box.ok("zfs", "set", "compression=off", "tank/fs")
    write(box, "tank/fs", 100 * MIB, ratio=4.0)
    assert int(value(box, "tank/fs", "used")) > 124 * MIB


def test_users_have_quotas(box: Box) -> None:
    box.ok("zfs", "create", "tank/fs")
    box.ok("zfs", "set", "userquota@ann=10M", "groupquota@staff=1G", "projectobjquota@7=5", "tank/fs")
    assert value(box, "tank/fs", "userquota@ann") == str(10 * MIB)
    assert write(box, "tank/fs", 20 * MIB, files=2, owner="ann") == "Disk quota exceeded"
    rows = box.ok("zfs", "userspace", "-Hp", "-o", "type,name,used,quota,objused", "tank/fs").splitlines()
    assert rows[0] == f"POSIX User\tann\t{10 * MIB}\t{10 * MIB}\t2" and rows[1].startswith("POSIX User\troot\t")
    assert box.ok("zfs", "groupspace", "-H", "-o", "name,quota", "tank/fs") == "root\tnone\nstaff\t1G\n"
    assert box.ok("zfs", "projectspace", "-Hp", "-o", "name,objquota", "tank/fs") == "0\t0\n7\t5\n"
    box.ok("zfs", "set", "userquota@ann=none", "tank/fs")
    assert write(box, "tank/fs", 20 * MIB, owner="ann") == ""
    assert "NAME  USED  QUOTA" in box.ok("zfs", "userspace", "-o", "name,used,quota", "tank/fs").replace("  ", "  ")


names = st.sampled_from(["a", "b", "c"])
snaps = st.sampled_from(["s1", "s2", "s3"])
deeds = st.one_of(
    st.tuples(st.just("create"), names, snaps),
    st.tuples(st.just("write"), names, snaps),
    st.tuples(st.just("rewrite"), names, snaps),
    st.tuples(st.just("erase"), names, snaps),
    st.tuples(st.just("snapshot"), names, snaps),
    st.tuples(st.just("destroy_snapshot"), names, snaps),
    st.tuples(st.just("clone"), names, snaps),
    st.tuples(st.just("promote"), names, snaps),
    st.tuples(st.just("rollback"), names, snaps),
    st.tuples(st.just("destroy"), names, snaps),
)


def do(box: Box, what: str, name: str, snap: str) -> None:
    dataset, other = f"tank/{name}", f"tank/{name}{name}"
    argv = {
        "create": ("create", dataset),
        "snapshot": ("snapshot", f"{dataset}@{snap}"),
        "destroy_snapshot": ("destroy", f"{dataset}@{snap}"),
        "clone": ("clone", f"{dataset}@{snap}", other),
        "promote": ("promote", other),
        "rollback": ("rollback", "-R", f"{dataset}@{snap}"),
        "destroy": ("destroy", "-R", dataset),
    }.get(what)
    if argv is not None:
        box.run("zfs", *argv)
        return
    target = other if snap == "s3" else dataset
    if box.run("zfs", "list", target).exit_code == 0:
        deed = {"write": write, "rewrite": _rewrite, "erase": _erase}[what]
        deed(box, target, 3 * MIB)


def _rewrite(box: Box, name: str, _: int) -> None:
    act(box, writing.rewrite, name)


def _erase(box: Box, name: str, _: int) -> None:
    act(box, writing.erase, name)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(deeds, min_size=5, max_size=25))
def test_any_story_adds_up(box: Box, story: list[tuple[str, str, str]]) -> None:
    for name in ("a", "b", "c"):
        box.run("zfs", "destroy", "-R", f"tank/{name}")
        box.run("zfs", "destroy", "-R", f"tank/{name}{name}")
    for what, name, snap in story:
        do(box, what, name, snap)
    check(box)


@pytest.mark.parametrize("name", ["tank/nope", "tank@nope", "nope"])
def test_writing_to_nothing_is_refused(box: Box, name: str) -> None:
    with pytest.raises(Exception, match="does not exist"):
        write(box, name, 1)
