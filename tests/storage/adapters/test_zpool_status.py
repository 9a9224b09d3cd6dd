"""`zpool status` in both forms, against recordings of one and the same pools."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.storage.adapters import zpool
from calypso.kernel.errors import ToolGarbage
from tests.support.recordings import load, numbers

PAIRS = ["020/027", "090/091", "101/102", "116/117", "119/120", "133/134", "153/154", "185/186", "191/192", "203/204"]
RUNNING_PAIRS = ["098/099", "105/106", "109/110", "146/147"]  # one or two seconds apart
TEXTS = [n for n in numbers("zpool") if (r := load("zpool", n)).argv[1] == "status" and "pool:" in r.stdout]
JSONS = [n for n in numbers("zpool") if (r := load("zpool", n)).argv[1] == "status" and r.stdout.startswith("{")]


def both(pair: str) -> tuple[tuple[zpool.PoolStatus, ...], tuple[zpool.PoolStatus, ...]]:
    text, json = pair.split("/")
    shown = zpool.parse_status_json(load("zpool", json).stdout)
    return zpool.parse_status_text(load("zpool", text).stdout), tuple(nameless(pool) for pool in shown)


def nameless(pool: zpool.PoolStatus) -> zpool.PoolStatus:
    """Without GUIDs and paths, which the text has only under -g and -P: those forms were recorded of one pool."""

    def bare(vdevs: tuple[zpool.Vdev, ...]) -> tuple[zpool.Vdev, ...]:
        return tuple(replace(vdev, guid="", path="", children=bare(vdev.children)) for vdev in vdevs)

    return replace(pool, groups=tuple((role, bare(vdevs)) for role, vdevs in pool.groups))


def without_progress(pool: zpool.PoolStatus) -> zpool.PoolStatus:
    assert pool.scan is not None
    return replace(pool, scan=replace(pool.scan, percent=None, seconds_to_go=None))


@pytest.mark.parametrize("pair", PAIRS)
def test_both_forms_of_one_state_give_the_same_value(pair: str) -> None:
    text, json = both(pair)
    assert text == json


def test_a_draid_has_no_state_of_its_own_in_json() -> None:
    """Nor a guid; the state is that of its disks (OpenZFS 2.3.2, recorded in the guest of `make real`)."""
    [text], [json] = (
        zpool.parse_status_text(load("guest", "001").stdout),
        zpool.parse_status_json(load("guest", "002").stdout),
    )
    assert nameless(json) == replace(nameless(text), groups=nameless(json).groups)
    assert [vdev.name for vdev in json.group("data")] == ["draid1:2d:5c:1s-0"]
    states = {}
    for away in range(3):
        document = load("guest", "002").stdout.replace(
            '"class":"normal","state":"ONLINE","rep', '"state":"REMOVED","rep', away
        )
        [pool] = zpool.parse_status_json(document)
        states[away] = pool.group("data")[0].state
    assert states == {0: "ONLINE", 1: "DEGRADED", 2: "UNAVAIL"}


def test_the_text_with_guids_and_paths_gives_all_that_json_gives() -> None:
    looks = [load("zpool", number).stdout for number in ("020", "023", "022")]
    vault = "  pool: vault" + looks[0].partition("  pool: vault")[2]
    [text] = zpool.parse_status_text(vault, guids=looks[1], paths=looks[2])
    [json] = [pool for pool in zpool.parse_status_json(load("zpool", "027").stdout) if pool.name == "vault"]
    assert text == json
    disk = dict(text.leaves())["log"]
    assert (disk.guid, disk.path) == ("6605846371980162060", "/dev/nvme0n1p1")


def test_looks_at_different_pools_do_not_fit_together() -> None:
    healthy, guids, replacing = (load("zpool", number).stdout for number in ("021", "023", "146"))
    for other in (guids, replacing):
        with pytest.raises(ToolGarbage, match="between two looks"):
            zpool.parse_status_text(healthy, guids=other, paths=other)


def test_a_missing_disk_has_the_path_where_it_was() -> None:
    look = load("zpool", "191").stdout
    [text] = zpool.parse_status_text(look, guids=look, paths=look)
    [json] = zpool.parse_status_json(load("zpool", "192").stdout)
    missing = text.group("data")[0].children[0]
    assert missing.path == json.group("data")[0].children[0].path == "/dev/disk/by-id/wwn-0x5000c50000000003-part1"


def test_what_goes_on_in_a_pool() -> None:
    removing, removed, checkpoint = (zpool.parse_status_text(load("zpool", n).stdout)[0] for n in ("174", "176", "167"))
    assert removing.removal == zpool.Removal("in_progress", 1795412801, None, 16.45)
    assert removed.removal == zpool.Removal("finished", None, 1795412804)
    assert checkpoint.checkpoint == zpool.Checkpoint("exists", 1795412794)
    assert (removing.checkpoint, checkpoint.removal, removing.expansion) == (None, None, None)
    assert zpool.parse_status_text(load("zpool", "179").stdout)[0].upgradable and not removing.upgradable


def test_trim_and_initialisation_disk_by_disk() -> None:
    trim, initialize, neither = (zpool.parse_status_text(load("zpool", n).stdout)[0] for n in ("170", "172", "024"))
    assert [leaf.trim for _, leaf in trim.leaves()] == [
        zpool.Activity("active", percent, 1795412795) for percent in (11, 11, 0, 0)
    ]
    assert [leaf.initialize and leaf.initialize.percent for _, leaf in initialize.leaves()] == [10, 10, 8]
    assert {(leaf.trim, leaf.initialize) for _, leaf in neither.leaves()} == {(None, None)}


WORK_IN_JSON = {
    "removal_stats": {"state": "SCANNING", "start_time": 1795412801, "to_copy": 400, "copied": 65, "end_time": 0},
    "raidz_expand_stats": {"name": "raidz1-0", "state": "FINISHED", "end_time": "Mon Nov 23 05:46:44 UTC 2026"},
    "checkpoint_stats": {"state": "DISCARDING", "start_time": 1795412801, "space": "384K"},
}


def test_what_goes_on_in_json() -> None:
    import json

    document = json.loads(load("zpool", "091").stdout)
    tank = document["pools"]["tank"] | WORK_IN_JSON
    leaf = tank["vdevs"]["tank"]["vdevs"]["mirror-0"]["vdevs"]["wwn-0x5000c50000000001"]
    leaf |= {
        "trim_state": "SUSPENDED",
        "trimmed": 50,
        "to_trim": 200,
        "trim_time": 1795412795,
        "init_state": "CANCELED",
    }
    document["pools"]["tank"] = tank
    [pool] = zpool.parse_status_json(json.dumps(document))
    assert pool.removal == zpool.Removal("in_progress", 1795412801, None, 16.25)
    assert pool.expansion == zpool.Expansion("raidz1-0", "finished", None, 1795412804)
    assert pool.checkpoint == zpool.Checkpoint("discarding")
    disk = pool.leaves()[0][1]
    assert disk.trim == zpool.Activity("suspended", 25, 1795412795) and disk.initialize is None


@pytest.mark.parametrize(
    ("words", "expansion"),
    [
        (
            "expand: expansion of raidz1-0 in progress since Mon Nov 23 05:46:41 2026\n"
            "\t63.7M / 387M copied at 63.7M/s, 16.45% done, 00:00:05 to go",
            zpool.Expansion("raidz1-0", "in_progress", 1795412801, None, 16.45),
        ),
        (
            "expand: expanded raidz1-0 copied 387M in 00:01:21, on Mon Nov 23 05:46:44 2026",
            zpool.Expansion("raidz1-0", "finished", None, 1795412804),
        ),
    ],
)
def test_the_growth_of_a_raidz(words: str, expansion: zpool.Expansion) -> None:
    text = load("zpool", "021").stdout.replace("config:", f"{words}\nconfig:")
    assert zpool.parse_status_text(text)[0].expansion == expansion


@pytest.mark.parametrize("pair", RUNNING_PAIRS)
def test_both_forms_of_a_running_scan_differ_in_progress_only(pair: str) -> None:
    (text,), (json,) = both(pair)
    assert without_progress(text) == without_progress(json)
    assert text.scan is not None and json.scan is not None
    assert text.scan.percent is not None and json.scan.percent is not None
    assert 0 <= json.scan.percent - text.scan.percent < 1


@pytest.mark.parametrize("number", TEXTS)
def test_every_recorded_text_is_read_whole(number: str) -> None:
    text = load("zpool", number).stdout
    pools = zpool.parse_status_text(text)
    assert [pool.name for pool in pools] == [line[8:] for line in text.split("\n") if line.startswith("  pool: ")]
    assert all(pool.state == pool.root.state or pool.state == "SUSPENDED" for pool in pools)
    rows = [line for line in text.split("\n") if line.startswith("\t  ")]
    assert len(rows) == sum(_count(vdev) for pool in pools for _, vdevs in pool.groups for vdev in vdevs)


def _count(vdev: zpool.Vdev) -> int:
    return 1 + sum(_count(child) for child in vdev.children)


def test_a_healthy_box() -> None:
    tank, vault = zpool.parse_status_text(load("zpool", "020").stdout)
    disk = zpool.Vdev("wwn-0x5000c50000000001", "disk", "ONLINE", 0, 0, 0)
    assert tank.group("data") == (
        zpool.Vdev("mirror-0", "mirror", "ONLINE", 0, 0, 0, "", (disk, replace(disk, name="wwn-0x5000c50000000002"))),
    )
    assert (tank.state, tank.status, tank.scan, tank.errors) == ("ONLINE", "", None, "No known data errors")
    assert [role for role, _ in vault.groups] == ["data", "log", "cache", "spare"]
    assert vault.group("data")[0].type == "raidz1"
    assert vault.group("spare") == (zpool.Vdev("wwn-0x5000c50000000006", "disk", "AVAIL"),)
    assert len(vault.leaves()) == 6


def test_a_scrub_in_progress() -> None:
    (tank,) = zpool.parse_status_text(load("zpool", "105").stdout)
    assert tank.scan == zpool.Scan("scrub", "in_progress", 1795412242, percent=44.63, seconds_to_go=6)


def test_json_gives_an_estimate_when_told_the_time() -> None:
    (tank,) = zpool.parse_status_json(load("zpool", "106").stdout, now=1795412242 + 5)
    assert tank.scan is not None and tank.scan.seconds_to_go == 6
    (slow,) = zpool.parse_status_json(load("zpool", "106").stdout, now=1795412242 + 500)
    assert slow.scan is not None and slow.scan.seconds_to_go is None


def test_scans_that_ended() -> None:
    scans = [zpool.parse_status_text(load("zpool", n).stdout)[0].scan for n in ("109", "114", "116", "101", "184")]
    assert scans == [
        zpool.Scan("scrub", "paused", 1795412242, percent=49.3),
        zpool.Scan("scrub", "canceled", ended_at=1795412252),
        zpool.Scan("scrub", "finished", 1795412253, 1795412258, errors=0),
        zpool.Scan("resilver", "finished", 1795412238, 1795412241, errors=0),
        zpool.Scan("scrub", "finished", 1795412838, 1795412919, errors=632),
    ]


@pytest.mark.parametrize(
    ("words", "scan"),
    [
        ("none requested", None),
        (
            "resilvered (mirror-0) 10.2M in 1 days 00:00:05 with 0 errors on Mon Nov 23 05:37:38 2026",
            zpool.Scan("resilver", "finished", 1795412258 - 86405, 1795412258, errors=0),
        ),
        ("resilver canceled on Mon Nov 23 05:37:32 2026", zpool.Scan("resilver", "canceled", ended_at=1795412252)),
    ],
)
def test_scan_lines_of_other_versions(words: str, scan: zpool.Scan | None) -> None:
    text = load("zpool", "021").stdout.replace("config:", f"  scan: {words}\nconfig:")
    assert zpool.parse_status_text(text)[0].scan == scan


def test_a_spare_in_use_and_a_replacement() -> None:
    (vault,) = zpool.parse_status_text(load("zpool", "133").stdout)
    spare = vault.group("data")[0].children[0]
    assert (spare.type, [leaf.state for leaf in spare.children]) == ("spare", ["REMOVED", "ONLINE"])
    assert vault.group("spare")[0].state == "INUSE" and vault.group("spare")[0].note == "currently in use"
    (tank,) = zpool.parse_status_json(load("zpool", "147").stdout)
    assert tank.group("data")[0].children[0].type == "replacing"
    assert tank.group("data")[0].children[0].children[1].note == "(resilvering)"


def test_a_missing_disk_keeps_where_it_was() -> None:
    (vault,) = zpool.parse_status_json(load("zpool", "192").stdout)
    lost = vault.group("data")[0].children[0]
    assert (lost.name, lost.state) == ("17421825962672117265", "UNAVAIL")
    assert lost.note == "was /dev/disk/by-id/wwn-0x5000c50000000003-part1"


def test_a_suspended_pool_and_damaged_files() -> None:
    (susp,) = zpool.parse_status_text(load("zpool", "203").stdout)
    assert (susp.state, susp.root.state, susp.group("data")[0].read) == ("SUSPENDED", "ONLINE", 3)
    (frail,) = zpool.parse_status_json(load("zpool", "186").stdout)
    assert "/frail/name with space.bin" in frail.damaged
    assert frail.group("data")[0].checksum == 1331  # printed as 1.30K


def test_a_pool_name_may_hold_a_blank() -> None:
    text = load("zpool", "021").stdout.replace("\ttank                        ", "\ttank ONLINE   0 0           ")
    assert zpool.parse_status_text(text)[0].root.name == "tank ONLINE   0 0"


def test_no_pools() -> None:
    assert zpool.parse_status_text(load("zpool", "005").stdout) == ()
    assert zpool.parse_status_json(load("zpool", "006").stdout) == ()
