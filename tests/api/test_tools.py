"""A tool that is missing, hangs, fails or prints what nobody expects: named errors, health says so, nothing is lost.

The tools are scripts in a folder put first; all of them are really started.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.storage import reading
from apps.storage.models.pools import Pool
from apps.storage.observe.scan import observe
from apps.storage.plans import pools as plans
from calypso.kernel import store
from calypso.kernel.actors import Role
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, finish, path_of, person, types_after

pytestmark = [pytest.mark.django_db, pytest.mark.process]


@pytest.fixture
def admin(db: None) -> Person:
    return person(Role.ADMINISTRATOR)


class Tools:
    """A folder of scripts that stand before the lab's tools."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.folder, self.settings, self.lab = folder, settings, settings.CALYPSO_TOOL_PATH
        folder.mkdir()
        settings.CALYPSO_TOOL_PATH = f"{folder}:{self.lab}"

    def put(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + script + "\n")
        path.chmod(0o755)

    def only(self) -> None:
        """Nothing but this folder: the lab's tools are gone."""
        self.settings.CALYPSO_TOOL_PATH = str(self.folder)

    def away(self) -> None:
        self.settings.CALYPSO_TOOL_PATH = self.lab


@pytest.fixture
def tools(tmp_path: Path, settings: Any) -> Tools:
    return Tools(tmp_path / "tools", settings)


@pytest.fixture
def seen_tank(db: None, plain_box: Box) -> Box:
    first, second = disk_ids(plain_box)[:2]
    plain_box.ok("zpool", "create", "tank", "mirror", path_of(first), path_of(second))
    observe()
    return plain_box


GARBAGE = r"printf '\377\000{not json\tat all\n'"
GERMAN = "echo 'Keine Pools vorhanden' >&2; exit 1"

# what goes wrong, for whom, and the code that health then shows
TROUBLES: dict[str, tuple[str, str, str]] = {
    "zpool prints garbage": ("zpool", GARBAGE, "tool_garbage"),
    "zpool prints a number of columns that nobody asked for": ("zpool", "printf 'tank\\t1\\n'", "tool_garbage"),
    "zpool prints another language": ("zpool", GERMAN, "tool_failed"),
    "zpool fails without a word": ("zpool", "exit 3", "tool_failed"),
    "zpool is killed": ("zpool", "kill -9 $$", "tool_failed"),
    "zpool may not": (
        "zpool",
        "echo 'Permission denied the ZFS utilities must be run as root.' >&2; exit 1",
        "permission_denied",
    ),
    "zfs prints garbage": ("zfs", GARBAGE, "tool_garbage"),
    "zfs has no version": ("zfs", "echo 'zfs-kmod-unknown'", "tool_garbage"),
    "zfs fails": ("zfs", "echo 'The ZFS modules cannot be auto-loaded.' >&2; exit 1", "tool_failed"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_scan_in_trouble_keeps_what_is_known_and_says_why(
    admin: Person, seen_tank: Box, tools: Tools, trouble: str
) -> None:
    tool, script, code = TROUBLES[trouble]
    row = Pool.objects.values().get()
    tools.put(tool, script)
    before = store.position()
    assert observe() == 1
    assert observe() == 0, "it is told once"
    assert types_after(before) == ["ZfsHealthChanged"]
    assert Pool.objects.values().get() == row
    health = admin.get("/health/zfs").body
    assert (health["status"], health["state"], health["evidence"]["code"]) == (503, "failed", code), health
    assert health["title"] and health["hint"] and health["evidence"]["pools"][0]["name"] == "tank"
    tools.away()
    assert observe() == 1
    health = admin.get("/health/zfs").body
    assert (health["state"], health["evidence"]["code"], health["advice"]) == ("ok", "", "")


def test_a_missing_tool(admin: Person, seen_tank: Box, tools: Tools) -> None:
    tools.only()
    before = store.position()
    observe()
    assert types_after(before) == ["ZfsHealthChanged"]
    health = admin.get("/health/zfs").body
    assert (health["state"], health["evidence"]["code"]) == ("not_installed", "tool_missing")
    assert Pool.objects.count() == 1


def test_a_tool_that_hangs_is_ended(
    admin: Person, seen_tank: Box, tools: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reading, "DEADLINE", 0.5)
    tools.put("zpool", f"echo started > {tmp_path}/mark; exec sleep 60")
    observe()
    assert (tmp_path / "mark").exists()
    health = admin.get("/health/zfs").body
    assert (health["state"], health["evidence"]["code"]) == ("failed", "tool_timeout")
    assert Pool.objects.count() == 1


def test_a_flood_of_output_is_not_read_as_the_truth(admin: Person, seen_tank: Box, tools: Tools) -> None:
    tools.put("zpool", "head -c 9000000 /dev/zero | tr '\\0' 'x'")
    observe()
    assert admin.get("/health/zfs").body["evidence"]["code"] == "tool_garbage"
    assert Pool.objects.count() == 1


def test_the_tools_language_is_fixed_whatever_ours_is(
    seen_tank: Box, tools: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("LANG", "LC_ALL", "LANGUAGE"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    monkeypatch.setenv("DATABASE_PASSWORD", "not-for-tools")
    tools.put("zpool", f"env > {tmp_path}/env; exit 1")
    observe()
    seen = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert (seen["LC_ALL"], seen["LANG"], seen["TZ"]) == ("C", "C", "UTC")
    assert not {"LANGUAGE", "DATABASE_PASSWORD", "CALYPSO_HOME"} & set(seen)


# --- operations -------------------------------------------------------------------------------------------------------

# zpool of the lab for whatever only reads; `create` and `scrub` do as they are told
THROUGH = 'case $1 in {verb}) {script};; *) exec {lab}/zpool "$@";; esac'

FAILURES: dict[str, tuple[str, str, str]] = {
    "says no in its own words": (
        "echo 'cannot scrub tank: the moon is full' >&2; exit 1",
        "tool_failed",
        "the moon is full",
    ),
    "says no in another language": (
        "echo 'Der Pool ist belegt: ähm' >&2; exit 1",
        "tool_failed",
        "Der Pool ist belegt: ähm",
    ),
    "says what is known": (
        "echo 'cannot scrub tank: pool I/O is currently suspended' >&2; exit 1",
        "pool_suspended",
        "suspended",
    ),
    "says nothing": ("exit 2", "tool_failed", ""),
    "prints what is no text": ("printf 'no \\377\\000 way' >&2; exit 1", "tool_failed", "\\xff"),
    "prints a secret": ("echo 'denied: password=hunter22hunter' >&2; exit 1", "tool_failed", "denied"),
}


def lab_bin(tools: Tools) -> str:
    return str(tools.lab).split(":", maxsplit=1)[0]


@pytest.mark.parametrize("failure", FAILURES)
def test_an_operation_fails_with_the_tools_words(admin: Person, seen_tank: Box, tools: Tools, failure: str) -> None:
    script, code, words = FAILURES[failure]
    tools.put("zpool", THROUGH.format(verb="scrub", script=script, lab=lab_bin(tools)))
    asked = admin.post("/storage/pools/tank/scrub", {})
    assert asked.status == 202
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", code), operation["error"]
    assert words in operation["error"]["detail"]
    assert operation["error"]["message"]
    [step] = operation["steps"]
    assert (step["state"], step["exit_code"]) == ("failed", 2 if failure == "says nothing" else 1)
    assert words in step["stderr"]
    assert "hunter22" not in str(operation)
    told = admin.get(f"/audit/events?operation={asked.body['id']}&order=position&after=0").body["items"]
    assert [e["type"].split(".")[1] for e in told] == [
        "OperationRequested",
        "OperationStarted",
        "StepStarted",
        "StepFinished",
        "OperationFailed",
    ], "no ScrubStarted: it did not start"
    assert "hunter22" not in str(told)


def test_an_operation_whose_tool_is_gone(admin: Person, seen_tank: Box, tools: Tools) -> None:
    asked = admin.post("/storage/pools/tank/scrub", {})
    tools.only()
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", "tool_missing")
    assert "CALYPSO_LAB" in operation["error"]["hint"]


def test_an_operation_whose_tool_hangs(
    admin: Person, seen_tank: Box, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "SCRUB_DEADLINE", 0.5)
    tools.put("zpool", THROUGH.format(verb="scrub", script="echo working >&2; sleep 60", lab=lab_bin(tools)))
    asked = admin.post("/storage/pools/tank/scrub", {})
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", "tool_timeout")
    assert operation["error"]["detail"] == "working\n" and operation["error"]["hint"]


def test_a_pool_whose_creation_hung_is_taken_back(
    admin: Person, seen_tank: Box, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tool had made it already when it was ended: nothing half-made is left behind."""
    monkeypatch.setattr(plans, "CREATE_DEADLINE", 2.0)
    script = f'{lab_bin(tools)}/zpool "$@"; sleep 60'
    tools.put("zpool", THROUGH.format(verb="create", script=script, lab=lab_bin(tools)))
    body = {"name": "dozer", "vdevs": [{"type": "mirror", "disks": disk_ids(seen_tank)[2:4]}]}
    asked = admin.post("/storage/pools", body)
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", "tool_timeout")
    assert operation["steps"][0]["state"] == "undone"
    assert "dozer" not in seen_tank.ok("zpool", "list", "-H", "-o", "name")
    assert admin.get("/storage/pools/dozer").status == 404


def test_a_box_that_changed_since_is_not_touched(admin: Person, seen_tank: Box) -> None:
    body = {"name": "dozer", "vdevs": [{"type": "mirror", "disks": disk_ids(seen_tank)[2:4]}]}
    asked = admin.post("/storage/pools", body)
    seen_tank.ok("zpool", "create", "other", path_of(disk_ids(seen_tank)[2]))
    finish(asked.body["id"])
    operation = admin.get(f"/operations/{asked.body['id']}").body
    assert (operation["state"], operation["error"]["code"]) == ("failed", "disk_in_use")
    assert operation["steps"][0]["state"] == "waiting", "nothing was started"
