"""The stand-ins say what the real tools said: the recorded story told again in the lab, and compared.

Only GUIDs, dates and the byte figures of running scans are normalised; sizes and columns must be equal.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from calypso.lab import happenings
from calypso.lab.state import change
from tests.support.lab_box import Box, recorded_box
from tests.support.recordings import load

D = "/dev/disk/by-id/wwn-0x5000c500000000"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "lab" / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return recorded_box(tmp_path / "lab" / "state.db")


@pytest.fixture
def pools(box: Box) -> Box:
    for number in ("009", "010"):
        same(box, "zpool", number)
    box.set_pool("vault", allocated=753_664)
    box.set_pool("tank", fragmentation=2)
    return box


def plain(text: str) -> str:
    text = re.sub(r"\b[0-9]{17,20}\b", "GUID", text)
    text = re.sub(r"\w{3} \w{3} [ 0-9]\d \d\d:\d\d:\d\d (UTC )?\d{4}", "DATE", text)
    text = re.sub(r'"txg":"?\d+"?', '"txg":N', text)
    progress = r"(?m)^\t.*(scanned|% done).*$"
    return re.sub(progress, lambda line: re.sub(r"\d[\d.:]*(B|[KMGT])?", "N", line[0]), text)


def shape(text: str) -> list[str]:
    """The keys of a JSON text, in order."""
    return re.findall(r'"[^"]+":', text)


def same(box: Box, tool: str, number: str) -> None:
    recording = load(tool, number)
    said = box.run(*recording.argv)
    assert plain(said.stdout) == plain(recording.stdout)
    assert said.stderr == recording.stderr
    assert said.exit_code == recording.exit_code


@pytest.mark.parametrize("number", ["001", "002", "003", "004", "005", "006", "007", "008", "054", "055", "056", "062"])
def test_an_empty_box(box: Box, number: str) -> None:
    same(box, "zpool", number)


@pytest.mark.parametrize("number", ["011", "020", "021", "022", "025", "026"])
def test_healthy_pools(pools: Box, number: str) -> None:
    same(pools, "zpool", number)


@pytest.mark.parametrize("number", ["013", "014", "015", "016", "017"])
def test_healthy_pools_with_figures(pools: Box, number: str) -> None:
    pools.set_pool("vault", allocated=1_253_376)
    same(pools, "zpool", number)


def test_healthy_pools_as_json(pools: Box) -> None:
    pools.set_pool("vault", allocated=1_302_528)
    same(pools, "zpool", "027")
    allocated = re.findall(r'"allocated":{"value":(\d+)', load("zpool", "019").stdout)
    pools.set_pool("vault", allocated=int(allocated[1]))
    same(pools, "zpool", "019")


def test_list_H(pools: Box) -> None:
    pools.set_pool("vault", allocated=1_132_544)
    same(pools, "zpool", "012")


@pytest.mark.parametrize(
    "number",
    [
        "038",
        "039",
        "040",
        "041",
        "042",
        "043",
        "044",
        "045",
        "047",
        "048",
        "049",
        "050",
        "051",
        "054",
        "055",
        "056",
        "057",
        "058",
        "059",
        "067",
        "068",
        "082",
    ],
)
def test_refusals(pools: Box, number: str) -> None:
    before = pools.state()
    same(pools, "zpool", number)
    assert pools.state() == before


@pytest.mark.parametrize("number", ["052", "061"])
def test_refusals_without_privilege(pools: Box, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALYPSO_LAB_UNPRIVILEGED", "1")
    same(pools, "zpool", number)


def test_a_name_with_a_blank(box: Box) -> None:
    box.ok("zpool", "create", "a b", D + "07")
    assert box.ok("zpool", "list", "-H", "-o", "name") == "a b\n"
    box.ok("zpool", "destroy", "a b")
    assert box.state()["pools"] == []


def test_a_disk_with_a_filesystem_then_export_and_import(box: Box) -> None:
    with change(box.path) as state:
        state["disks"][6]["fstype"] = "ext4"
    same(box, "zpool", "071")
    box.ok("zpool", "create", "-f", "other", D + "07")
    box.ok("zpool", "export", "other")
    same(box, "zpool", "074")
    assert "other                     ONLINE" in box.ok("zpool", "import")
    box.ok("zpool", "import", "-o", "readonly=on", "-N", "-R", "/mnt", "other")
    assert box.ok("zpool", "list", "-Hp", "-o", "name,health,altroot,readonly", "other") == "other\tONLINE\t/mnt\ton\n"
    box.ok("zpool", "export", "other")
    box.ok("zpool", "import", "-d", "/dev/disk/by-id", "other", "renamed")
    same(box, "zpool", "084")


@pytest.fixture
def two_mirrors(pools: Box) -> Box:
    pools.ok("zpool", "destroy", "tank")
    pools.ok("zpool", "create", "tank", "mirror", D + "01", D + "02", "mirror", D + "07", D + "08")
    pools.set_pool("tank", allocated=683_245_568)
    return pools


def test_offline_and_online(two_mirrors: Box) -> None:
    box = two_mirrors
    same(box, "zpool", "088")
    box.ok("zpool", "offline", "tank", "wwn-0x5000c50000000001")
    for number in ("090", "092", "095", "096"):
        same(box, "zpool", number)
    box.options(resilver_seconds=301)
    box.ok("zpool", "online", "tank", "wwn-0x5000c50000000001")
    box.advance(1)
    same(box, "zpool", "098")
    box.advance(300)
    assert "scan: resilvered 120K in 00:05:01 with 0 errors on Mon Nov 23" in box.ok("zpool", "status", "tank")


def test_a_scrub(two_mirrors: Box) -> None:
    box = two_mirrors
    box.options(scrub_seconds=12)
    box.ok("zpool", "scrub", "tank")
    box.advance(1)
    same(box, "zpool", "107")
    box.advance(5)
    same(box, "zpool", "105")
    box.ok("zpool", "scrub", "-p", "tank")
    box.advance(100)
    same(box, "zpool", "109")
    box.ok("zpool", "scrub", "tank")
    box.ok("zpool", "scrub", "-s", "tank")
    same(box, "zpool", "113")
    same(box, "zpool", "114")
    box.options(scrub_seconds=5)
    box.ok("zpool", "scrub", "tank")
    box.advance(5)
    same(box, "zpool", "116")


def test_a_forced_fault_and_clear(two_mirrors: Box) -> None:
    box = two_mirrors
    box.ok("zpool", "offline", "-f", "tank", "wwn-0x5000c50000000002")
    said = box.ok("zpool", "status", "tank")
    recorded = load("zpool", "153").stdout.replace("0009", "0001")
    assert plain(said) == plain(re.sub("  scan: .*\n", "", recorded))
    box.ok("zpool", "clear", "tank", "wwn-0x5000c50000000002")
    assert "state: ONLINE" in box.ok("zpool", "status", "tank")


def test_checksum_errors(two_mirrors: Box) -> None:
    box = two_mirrors
    groups = box.state()["pools"][1]["groups"]
    groups["data"][0]["children"][0]["checksum"] = 41
    scan = {"function": "scrub", "start": 1795412264, "pass_start": 1795412264, "seconds": 10, "total": 683319296}
    scan |= {"processed": 2969600, "disk": "", "paused_at": None, "spent_paused": 0, "canceled_at": None}
    box.set_pool("tank", groups=groups, scan=scan)
    box.options(now=1795412300)
    for number in ("119", "121", "122"):
        same(box, "zpool", number)
    box.ok("zpool", "clear", "tank")
    same(box, "zpool", "128")


def test_a_removed_disk_and_the_spare(pools: Box) -> None:
    box = pools
    box.set_pool("vault", allocated=64_815_104)
    box.options(scrub_seconds=11)
    box.disk(happenings.pull, "wwn-0x5000c50000000003")
    box.advance(6)
    same(box, "zpool", "132")
    box.advance(5)
    spare = plain(box.ok("zpool", "status", "vault"))
    assert re.sub("resilvered .* in", "resilvered N in", spare) == re.sub(
        "resilvered .* in", "resilvered N in", plain(load("zpool", "133").stdout)
    )
    assert "spare-0" in box.ok("zpool", "list", "-v", "-Hp", "vault")
    assert shape(box.ok("zpool", "status", "-j", "--json-int", "-p", "vault")) == shape(load("zpool", "134").stdout)
    box.disk(happenings.plug, "LAB0003")
    box.advance(1)
    same(box, "zpool", "138")


def test_a_suspended_pool(box: Box) -> None:
    box.ok("zpool", "create", "susp", D + "08")
    box.disk(happenings.pull, "LAB0008")
    for number in ("205", "207", "208", "211"):
        same(box, "zpool", number)
    for number in ("144", "145"):
        same(box, "zfs", number)
    box.disk(happenings.plug, "LAB0008")
    same(box, "zpool", "211")
    box.ok("zpool", "clear", "susp")
    box.advance(1)
    assert "state: ONLINE" in box.ok("zpool", "status", "susp")


def test_a_broken_disk(pools: Box) -> None:
    pools.disk(happenings.break_, "wwn-0x5000c50000000001")
    said = pools.ok("zpool", "status", "tank")
    assert " state: DEGRADED\n" in said
    assert "wwn-0x5000c50000000001  FAULTED      0     0     0  too many errors" in said
    pools.disk(happenings.repair, "wwn-0x5000c50000000001")
    pools.advance(1)
    assert "scan: resilvered 120K in 00:00:01 with 0 errors" in pools.ok("zpool", "status", "tank")


@pytest.mark.parametrize("number", ["110", "111", "112", "113", "114", "115", "116", "117", "119", "124", "127", "129"])
def test_zfs_refusals(pools: Box, number: str) -> None:
    pools.ok("zfs", "create", "tank/fs1")
    same(pools, "zfs", number)


def test_zfs_needs_r_for_children(pools: Box) -> None:
    pools.ok("zfs", "create", "-p", "tank/backups/daily/host-a")
    said = pools.run("zfs", "destroy", "tank/backups")
    kept = [line for line in load("zfs", "054").stderr.splitlines(True) if "@" not in line]
    assert (said.exit_code, said.stderr) == (1, "".join(kept))
    assert pools.ok("zfs", "destroy", "-rnvp", "tank/backups") == (
        "destroy\ttank/backups/daily/host-a\ndestroy\ttank/backups/daily\ndestroy\ttank/backups\n"
    )
    pools.ok("zfs", "destroy", "-r", "tank/backups")
    assert pools.ok("zfs", "list", "-H", "-o", "name") == "tank\nvault\n"


def test_zfs_list(pools: Box) -> None:
    pools.set_pool("tank", allocated=98_304)
    assert pools.ok("zfs", "list", "-Hp", "tank") == "tank\t98304\t872316928\t98304\t/tank\n"
    assert pools.ok("zfs", "list") == (
        "NAME    USED  AVAIL  REFER  MOUNTPOINT\n"
        "tank     96K   832M    96K  /tank\n"
        "vault   490K  1.71G    96K  /vault\n"
    )
    assert pools.ok("zfs", "get", "-Hp", "-o", "property,value,source", "compression,used,mountpoint", "tank") == (
        "compression\tlz4\tlocal\nused\t98304\t-\nmountpoint\t/tank\tlocal\n"
    )
