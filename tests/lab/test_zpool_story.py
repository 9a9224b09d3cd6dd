"""The recorded story of zpool(8), 215 commands in their order, told again in the lab and compared.

GUIDs, dates, transaction groups and what a scan measured (bytes, durations) are normalised, and in JSON all figures of
allocation. What is not compared at all is listed in NOT_COMPARED, with reasons.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calypso.lab import happenings
from calypso.lab.damage import corrupt
from calypso.lab.disks import member
from calypso.lab.state import change
from tests.support.lab_box import Box, recorded_box
from tests.support.recordings import load, numbers

D = "/dev/disk/by-id/wwn-0x5000c500000000"
MANY = {  # figures that a real box measured; the lab's are plausible, not equal
    "035": "iostat: rates since the start",
    "036": "iostat: rates, and allocation at that second",
    "037": "iostat: latencies",
    "053": "list: what was allocated in three pools at that second",
}
NOT_COMPARED = {
    "065": "history -il: the ioctls and transaction groups of that kernel; its beginning is compared below",
    "124": "events: 99 history events of that kernel; kinds are compared below",
    "125": "events -v: the same, with their nvlists",
    "137": "events after a removal: the same",
    "210": "events of a suspension: the same",
    "203": "the second before the kernel noticed that the disk was gone: root and disk still read ONLINE",
    "204": "the same second, as JSON",
    "206": "a scrub of a suspended pool: hangs until killed (test_programs has it)",
    "213": "the real pool began a scrub by itself after the suspension; the lab resilvers",
} | MANY
MEASURED = {
    "alloc_space", "to_examine", "examined", "skipped", "processed", "bytes_per_scan", "pass_start", "issued", "txg",
    "issued_bytes_per_scan", "start_time", "end_time", "scrub_pause", "scrub_spent_paused", "guid", "pool_guid",
    "checksum_errors", "allocated", "free", "load_guid",
}  # fmt: skip
OPTIONAL = {"scan_processed", "self_healed"}  # on which vdevs the kernel happened to count


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("CALYPSO_LAB_STATE", str(tmp_path / "state.db"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    box = recorded_box(tmp_path / "state.db")
    monkeypatch.setattr(time, "sleep", lambda _seconds: box.advance(1))
    with change(box.path) as state:
        state["disks"][9]["size"] //= 2
    return box


def plain(text: str) -> str:
    text = re.sub(r"\b[0-9]{17,20}\b", "GUID", text)
    text = re.sub(r"(?m)^(\t *\S+) {2,}", r"\1  ", text) if " GUID " in text else text  # the first column's width
    text = re.sub(r"\w{3} \w{3} [ 0-9]\d \d\d:\d\d:\d\d (UTC )?\d{4}", "DATE", text)
    text = re.sub(r"\d{4}-\d\d-\d\d\.\d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"hostid=[0-9a-f]+", "hostid=N", text)
    text = re.sub(r"1\.\d\dK$", "N", text, flags=re.M)  # checksum errors of damaged files: each was met twice or more
    text = re.sub(r"(?m)^(wwn\S+\t(read|write)_(ops|bytes)\t)\d+", r"\1N", text)
    text = re.sub(r"(?m)^(\t\S+\t\d+\t)\d+\t\d+(\t-\t-\t)\d+", r"\1N\tN\2N", text)  # one vdev's share of the data
    text = re.sub(r"(\d+)%( trimmed| initialized)", r"N%\2", text)
    moving = r"(?m)^(  scan: .*|\t.*(scanned|% done|memory used).*|remove: .*|checkpoint: .*)$"
    text = re.sub(moving, lambda line: re.sub(r"\d[\d.:]*(h\d+m|B|[KMGT])?", "N", line[0]), text)
    return re.sub(r", (N to go|no estimated completion time)$", ", TO GO", text, flags=re.M)


def figures(value: Any, key: str = "") -> Any:
    """A JSON document without what was measured."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in OPTIONAL}
        return {("GUID" if k.isdigit() else k): figures(v, k) for k, v in kept.items()}
    return "N" if key in MEASURED else plain(value) if isinstance(value, str) else value


def compare(box: Box, number: str) -> list[str]:
    """What differs."""
    recording = load("zpool", number)
    commands = [recording.argv]
    if recording.argv[0] == "bash":
        commands = [line.split() for line in recording.argv[2].split(" && ")]
    box.run("zpool", "version")  # what is due comes about
    before = box.state()
    for argv in commands:
        said = box.run(*argv)
    if recording.stdout.startswith("{"):
        ours, theirs = json.loads(said.stdout or "{}"), json.loads(recording.stdout)
        same = json.dumps(figures(ours)) == json.dumps(figures(theirs))
        out = "" if same else f"{json.dumps(figures(ours))}\n{json.dumps(figures(theirs))}"
    else:
        ours, theirs = plain(said.stdout), plain(recording.stdout)
        out = "" if ours == theirs else f"{ours}--- recorded:\n{theirs}"
    found = [f"{number} {recording.argv}\n{out}"] if out else []
    if said.exit_code and box.state() != before:
        found.append(f"{number} {recording.argv} was refused, and changed the state")
    if (said.stderr, said.exit_code) != (recording.stderr, recording.exit_code):
        found.append(f"{number} {said.exit_code} {said.stderr!r} instead of {recording.exit_code} {recording.stderr!r}")
    return found


def used(name: str, allocated: int, fragmentation: int = 0) -> Callable[[Box], None]:
    return lambda box: box.set_pool(name, allocated=allocated, fragmentation=fragmentation)


def disk(action: Any, name: str) -> Callable[[Box], None]:
    return lambda box: box.disk(action, name)


def run(*argv: str) -> Callable[[Box], None]:
    return lambda box: box.run(*argv) and None


def options(**values: Any) -> Callable[[Box], None]:
    return lambda box: box.options(**values)


def later(seconds: float) -> Callable[[Box], None]:
    return lambda box: box.advance(seconds)


def fstype(number: int, word: str) -> Callable[[Box], None]:
    def do(box: Box) -> None:
        with change(box.path) as state:
            state["disks"][number - 1]["fstype"] = word

    return do


def damaged(name: str, pool: str, blocks: int, *files: str) -> Callable[[Box], None]:
    def do(box: Box) -> None:
        with change(box.path) as state:
            leaf = member(next(one for one in state["pools"] if one["name"] == pool), name)
            assert leaf is not None
            corrupt(leaf, blocks, list(files))

    return do


def trimmed(*names: str) -> Callable[[Box], None]:
    """These disks are done already."""

    def do(box: Box) -> None:
        with change(box.path) as state:
            for name in names:
                leaf = member(state["pools"][0], name)
                assert leaf is not None
                leaf["trim"]["seconds"] = 1

    return do


def holder(dataset: str) -> Callable[[Box], None]:
    """A process has its working directory in a file system, or an initiator uses a volume."""

    def do(box: Box) -> None:
        with change(box.path) as state:
            row = state.db.execute("SELECT id FROM datasets WHERE name = ?", (dataset,)).fetchone()
            state.db.execute("INSERT INTO holders VALUES (?, 'process', 4711, 'bash')", (row["id"],))

    return do


def released(box: Box) -> None:
    with change(box.path) as state:
        state.db.execute("DELETE FROM holders")


def foreign(pool: str, where: str = "exported") -> Callable[[Box], None]:
    def do(box: Box) -> None:
        with change(box.path) as state:
            found = next(one for one in state["pools"] if one["name"] == pool)
            found["foreign_host"] = {"name": "appliance", "id": "5f33fb90", "at": 1795413036}
            if where == "exported":
                state["pools"].remove(found)
                state["exported"].append(found)

    return do


BEFORE: dict[str, list[Callable[[Box], None]]] = {  # what happened between the commands
    "011": [used("tank", 393_216, 2), used("vault", 753_664)],
    "012": [used("vault", 1_132_544)],
    "013": [used("vault", 1_253_376)],
    "029": [used("vault", 1_302_528)],
    "071": [fstype(7, "ext4")],
    "090": [used("tank", 525_398_016, 2)],
    "097": [used("tank", 683_048_960, 2), options(resilver_seconds=3)],
    "098": [later(1)],
    "103": [options(scrub_seconds=12)],
    "104": [later(1)],
    "105": [later(4)],
    "112": [later(3)],
    "115": [options(scrub_seconds=5)],
    "118": [options(scrub_seconds=10), damaged("sda", "tank", 41), used("tank", 683_380_736, 2)],
    "129": [used("tank", 1_878_466_560, 29)],
    "131": [run("zfs", "create", "-o", "mountpoint=/srv/manual", "tank/manual"), holder("manual")],
    "132": [released, options(scrub_seconds=11, resilver_seconds=11), used("vault", 64_815_104),
            disk(happenings.pull, "LAB0003"), later(6)],
    "133": [later(5)],
    "138": [options(resilver_seconds=1), disk(happenings.plug, "LAB0003"), later(1)],
    "142": [used("tank", 813_592_576, 17)],
    "145": [options(resilver_seconds=7)],
    "146": [later(1)],
    "158": [options(resilver_seconds=16)],
    "159": [later(16)],
    "169": [options(work_seconds=9)],
    "170": [later(1)],
    "172": [later(1)],
    "173": [options(work_seconds=3)],
    "174": [trimmed("sdi", "sdb"), later(1)],
    "177": [used("tank", 813_727_744, 23)],
    "183": [run("zpool", "create", "frail", D + "07"), options(scrub_seconds=81),
            damaged("sdg", "frail", 632, "/frail/a.bin", "/frail/name with space.bin", "frail@snap:/a.bin",
                    "frail@snap:/name with space.bin")],
    "187": [run("zpool", "destroy", "frail"), run("zpool", "export", "vault"), disk(happenings.pull, "LAB0003")],
    "188": [disk(happenings.pull, "LAB0004")],
    "190": [disk(happenings.plug, "LAB0004")],
    "193": [options(resilver_seconds=1), disk(happenings.plug, "LAB0003"), later(1)],
    "196": [run("zpool", "create", "logged", D + "07", "log", "/dev/nvme0n1"), run("zpool", "export", "logged"),
            disk(happenings.pull, "nvme0n1")],
    "200": [run("zpool", "destroy", "logged"), run("zpool", "create", "-f", "roaming", D + "07"), foreign("roaming")],
    "203": [run("zpool", "destroy", "roaming"), run("zpool", "create", "-f", "susp", D + "08"),
            disk(happenings.pull, "LAB0008"), foreign("tank", "pools"), foreign("vault", "pools")],
    "211": [disk(happenings.plug, "LAB0008")],
    "215": [run("zfs", "create", "-s", "-V", "64M", "tank/vol"), holder("vol")],
}  # fmt: skip


def test_the_story(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    differences = []
    for number in numbers("zpool"):
        for step in BEFORE.get(number, []):
            step(box)
        if number in NOT_COMPARED:
            if load("zpool", number).argv[1] == "scrub":
                continue
            assert box.run(*load("zpool", number).argv).exit_code == 0
            continue
        monkeypatch.setenv("CALYPSO_LAB_UNPRIVILEGED", "1") if number in ("052", "061") else None
        differences += compare(box, number)
        monkeypatch.delenv("CALYPSO_LAB_UNPRIVILEGED", raising=False)
    assert not differences, "\n".join(differences)


def test_events_and_internal_history_begin_as_recorded(box: Box) -> None:
    box.run(*load("zpool", "009").argv)
    kinds = [line.split("\t")[1] for line in load("zpool", "124").stdout.splitlines()][:48]
    assert [line.split("\t")[1] for line in box.ok("zpool", "events", "-H").splitlines()] == kinds
    recorded = [line for line in load("zpool", "065").stdout.splitlines() if "[txg:4]" in line]
    assert recorded
    ours = box.ok("zpool", "history", "-il", "tank").splitlines()[1:-1]
    assert [plain(line) for line in ours[: len(recorded)]] == [plain(line) for line in recorded]
    assert ours[len(recorded)].endswith("[user 0 (root) on appliance:linux]")
