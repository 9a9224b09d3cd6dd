"""The program that brings the old configuration back: too early, too late, twice, after a crash at any point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calypso.deploy.network_rollback import files, tools, verbs

THEIRS, NEW = "/etc/netplan/01.yaml", "/etc/netplan/90-calypso.yaml"


class Box:
    """A root of its own; the tools only note that they were called. `refuses`: the first words of those that fail."""

    def __init__(self, root: Path) -> None:
        self.root, self.ran, self.refuses, self.now = root, [], (), 1000.0
        self.write(THEIRS, "old\n")
        self.at(THEIRS).chmod(0o640)

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str) -> None:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text)

    def run(self, argv: list[str]) -> str:
        self.ran.append(" ".join(argv))
        return f"{argv[0]} refuses" if any(self.ran[-1].startswith(words) for words in self.refuses) else ""

    def call(self, *argv: str) -> int:
        return verbs.main(["--root", str(self.root), *argv])

    def arm(self, name: str = "c1", *more: str) -> int:
        return self.call("arm", "--seconds", "30", "--renderer", "netplan", *more, "--", name, THEIRS, NEW)

    def changed(self, *more: str) -> None:
        """A change that is in force on trial."""
        assert self.arm("c1", "--interface", "eth0", *more) == 0
        self.write(THEIRS, "new\n")
        self.write(NEW, "made\n")
        assert self.call("apply", "c1") == 0

    def state(self, name: str = "c1") -> Any:
        return json.loads((self.root / files.STATE / "changes" / name / "change.json").read_text())

    def is_old(self) -> bool:
        return self.at(THEIRS).read_text() == "old\n" and not self.at(NEW).exists()


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    made = Box(tmp_path)
    monkeypatch.setattr(tools, "run", made.run)
    monkeypatch.setattr(files, "now", lambda: made.now)
    for module in (files, verbs):
        monkeypatch.setattr(module, "boot_id", lambda: "boot 1")
    yield made


def test_the_timer_runs_before_anything_is_changed(box: Box) -> None:
    assert box.arm() == 0
    assert any(
        words.startswith("systemd-run --unit=calypso-network-rollback-c1-0 --on-active=150s") for words in box.ran
    )
    assert "systemctl enable calypso-network-rollback.service" in box.ran
    assert box.at("/etc/systemd/system/calypso-network-rollback.service").exists()
    assert box.is_old() and not any(words.startswith("netplan") for words in box.ran)


def test_its_copy_needs_nothing_of_calypsos(box: Box, tmp_path: Path) -> None:
    box.arm()
    copy = tmp_path / files.STATE
    assert (copy / "calypso-network-rollback").stat().st_mode & 0o111
    for module in (copy / "network_rollback").glob("*.py"):
        assert "calypso." not in module.read_text() and "django" not in module.read_text()


def test_without_a_timer_nothing_is_begun(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.refuses = ("systemd-run",)
    assert box.arm() == 1
    assert capsys.readouterr().err.startswith("calypso-network-rollback: no_timer: ")
    box.refuses = ()
    assert box.arm("c2") == 0, "and nothing is in the way of the next"


def test_when_the_time_is_over_all_is_as_it_was(box: Box) -> None:
    box.changed("--made", "bond0")
    box.now += 30
    assert box.call("rollback", "c1", "--cause", "timeout") == 0
    assert box.is_old() and box.at(THEIRS).stat().st_mode & 0o777 == 0o640
    back = box.ran.index("ip link delete dev bond0")
    assert box.ran[back + 1] == "netplan apply", "what the change made is gone before"
    assert (box.state()["state"], box.state()["cause"], box.state()["complete"]) == ("rolled_back", "timeout", True)
    box.write(THEIRS, "later\n")
    assert box.call("rollback", "c1", "--cause", "timeout") == 0
    assert box.at(THEIRS).read_text() == "later\n", "once is enough"


def test_a_timer_that_comes_too_early_does_nothing(box: Box) -> None:
    box.changed()
    box.now += 20
    assert box.call("rollback", "c1", "--cause", "timeout") == 0
    assert box.state()["state"] == "pending" and not box.is_old()


def test_what_is_confirmed_stays(box: Box) -> None:
    box.changed()
    assert box.call("confirm", "c1") == box.call("confirm", "c1") == 0
    box.now += 100
    assert box.call("rollback", "c1", "--cause", "timeout") == 0
    assert not box.is_old()
    assert box.call("rollback", "c1", "--cause", "asked") == 1
    assert [words for words in box.ran if words.startswith("systemctl stop")][-1].endswith("-1.timer")


def test_a_confirmation_that_comes_too_late_is_refused(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.changed()
    box.now += 31
    box.call("rollback", "c1", "--cause", "timeout")
    assert box.call("confirm", "c1") == 1
    assert "change_over: The change c1 is over: the old configuration is back." in capsys.readouterr().err


def test_after_a_reboot_the_files_are_back_before_the_network_is_up(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.changed()
    assert box.call("boot") == 0
    assert box.state()["state"] == "pending", "it is the same boot"
    monkeypatch.setattr(files, "boot_id", lambda: "boot 2")
    monkeypatch.setattr(verbs, "boot_id", lambda: "boot 2")
    box.ran.clear()
    assert box.call("boot") == 0
    assert box.is_old() and box.state()["cause"] == "boot"
    assert box.ran[0] == "netplan generate" and "netplan apply" not in box.ran


def test_a_tool_that_refuses_the_new_files_brings_the_old_back(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.arm()
    box.write(THEIRS, "wrong\n")
    box.refuses = ("netplan apply",)
    assert box.call("apply", "c1") == 1
    assert "apply_failed: netplan refuses" in capsys.readouterr().err
    assert box.is_old() and box.state()["cause"] == "refused" and not box.state()["complete"]


def test_an_interface_that_does_not_come_up_brings_the_old_back(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without VLANs, for one: netplan and networkd only log it."""
    monkeypatch.setattr(tools.time, "sleep", lambda _: None)
    box.arm("c1", "--interface", "v7", "--made", "v7")
    box.write(THEIRS, "new\n")
    box.refuses = ("ip link show dev v7",)
    assert box.call("apply", "c1") == 1
    assert box.is_old() and "v7 did not come up" in box.state()["detail"]


def test_a_change_that_was_rolled_back_can_not_be_applied_any_more(box: Box) -> None:
    """Calypso was killed between its steps, and came back after the time was over."""
    box.arm()
    box.now += 200
    box.call("rollback", "c1", "--cause", "timeout")
    box.write(THEIRS, "new\n")
    box.ran.clear()
    assert box.call("apply", "c1") == 1 and box.arm() == 1
    assert box.ran == []


def test_a_pending_change_whose_timer_was_lost_is_taken_back_by_the_next(box: Box) -> None:
    box.changed()
    assert box.arm("c2") == 1
    box.now += 60
    assert box.arm("c2") == 0
    assert box.state()["state"] == "rolled_back" and box.is_old()


@pytest.mark.parametrize("at", range(4))
def test_a_crash_in_the_middle_of_taking_back_is_gone_on_with(
    box: Box, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.changed()
    box.now += 60
    calls = {"left": at}

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    for module, name in ((verbs, "put_back"), (verbs, "put_in_force")):
        real = getattr(module, name)

        def counted(*args: Any, real: Any = real, **named: Any) -> Any:
            if calls["left"] == 0:
                dies()
            calls["left"] -= 1
            return real(*args, **named)

        monkeypatch.setattr(module, name, counted)
    if at < 3:
        with pytest.raises(KeyboardInterrupt):
            box.call("rollback", "c1", "--cause", "timeout")
    calls["left"] = 100
    assert box.call("rollback", "c1", "--cause", "timeout") == 0
    assert box.is_old() and box.state()["state"] == "rolled_back"


def test_what_somebody_else_wrote_meanwhile_is_kept_aside(box: Box) -> None:
    box.changed()
    box.write(THEIRS, "by hand\n")
    box.now += 60
    box.call("rollback", "c1", "--cause", "timeout")
    assert box.is_old()
    kept = box.root / files.STATE / "changes" / "c1" / "0.replaced"
    assert kept.read_text() == "by hand\n" and kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("renderer", "commands"),
    [
        ("netplan", ["ip link delete dev v1", "netplan apply"]),
        (
            "networkmanager",
            ["nmcli connection reload", "ip link delete dev v1", "nmcli --wait 30 connection up ifname eth0"],
        ),
        (
            "ifupdown",
            [
                "ifdown --force v1",
                "ifdown --force eth0",
                "ip address flush dev eth0 scope global",
                "ip link delete dev v1",
                "ifup eth0",
            ],
        ),
    ],
)
def test_each_renderer_has_its_commands(renderer: str, commands: list[str]) -> None:
    found = tools.tools({"renderer": renderer, "interfaces": ["eth0", "v1"]}, ["v1"], True)
    assert [" ".join(argv) for argv, _ in found] == commands


def test_old_changes_are_forgotten_in_the_end(box: Box) -> None:
    for number in range(9):
        name = f"c{number}"
        assert box.arm(name) == 0
        box.call("rollback", name, "--cause", "asked")
    assert len(list((box.root / files.STATE / "changes").iterdir())) == files.KEPT + 1


def test_a_link_is_refused(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    box.at(NEW).symlink_to(box.at(THEIRS))
    assert box.arm() == 1
    assert "file_is_link" in capsys.readouterr().err
