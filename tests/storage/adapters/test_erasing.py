"""wipefs, blkdiscard, dd, cmp, ledctl: argument lists, their recorded words, and how far they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.storage.adapters import erasing, ledctl
from calypso.kernel.errors import CalypsoError
from tests.support.recordings import load, numbers

LOOP = "/dev/loop0"
TOOLS = ("wipefs", "blkdiscard", "dd", "cmp")
SIZE = 64 * 1024**2


@pytest.mark.parametrize(
    ("tool", "number", "argv"),
    [
        ("wipefs", "001", erasing.signatures_argv(LOOP)),
        ("wipefs", "004", erasing.wipe_signatures_argv(LOOP)),
        ("blkdiscard", "002", erasing.discard_argv(LOOP, SIZE)),
        ("dd", "001", erasing.zero_argv(LOOP, 0, SIZE)),
        ("dd", "002", erasing.zero_argv(LOOP, SIZE // 2, SIZE // 2)),
        ("cmp", "001", erasing.compare_argv(LOOP, SIZE)),
    ],
)
def test_what_calypso_would_run_is_what_was_recorded_to_work(tool: str, number: str, argv: list[str]) -> None:
    recording = load(tool, number)
    assert (recording.argv, recording.exit_code) == (argv, 0)


def test_signatures() -> None:
    assert erasing.parse_signatures(load("wipefs", "001").stdout) == ()
    assert erasing.parse_signatures(load("wipefs", "002").stdout) == ("ext4",)


@pytest.mark.parametrize(
    ("tool", "number", "code"),
    [
        ("wipefs", "003", "disk_in_use"),
        ("wipefs", "005", "no_such_device"),
        ("blkdiscard", "001", "disk_in_use"),
        ("blkdiscard", "004", "no_such_device"),
        ("dd", "003", "disk_write_failed"),
        ("dd", "004", "no_such_device"),
        ("cmp", "002", "wipe_not_verified"),
        ("cmp", "003", "no_such_device"),
    ],
)
def test_recorded_refusals(tool: str, number: str, code: str) -> None:
    recording = load(tool, number)
    assert recording.exit_code != 0
    error = erasing.error_from(tuple(recording.argv), recording.stdout, recording.stderr)
    assert error.code == code and error.detail and error.hint


@pytest.mark.parametrize("tool", TOOLS)
def test_every_recorded_failure_has_a_name_of_its_own(tool: str) -> None:
    for number in numbers(tool):
        recording = load(tool, number)
        if recording.exit_code:
            error = erasing.error_from(tuple(recording.argv), recording.stdout, recording.stderr)
            assert error.code != "wipe_failed", recording.name


def test_how_far_dd_is() -> None:
    recording = load("dd", "001")
    told = erasing.dd_progress(tuple(recording.argv), recording.stderr)
    assert told is not None
    assert (told.done, told.total, told.percent, told.eta_seconds) == (SIZE, SIZE, 100.0, 0)
    lines = [
        "16777216 bytes (17 MB, 16 MiB) copied, 1 s, 16.8 MB/s",
        "33554432 bytes (34 MB, 32 MiB) copied, 2 s, 17 MB/s",
    ]
    running = "\r".join([*lines, "3355"])
    half = erasing.dd_progress(tuple(recording.argv), running)
    assert half is not None
    assert (half.percent, half.rate, half.eta_seconds) == (50.0, 16777216.0, 2)
    assert erasing.dd_progress(tuple(recording.argv), "") is None


def test_how_far_blkdiscard_is() -> None:
    recording = load("blkdiscard", "003")
    told = erasing.discard_progress(tuple(recording.argv), recording.stdout)
    assert told is not None and told.percent == 100.0


@given(st.text() | st.from_regex(r"[0-9]{1,30} bytes copied, [0-9.]{1,20} s", fullmatch=True))
def test_any_words_give_a_value_or_a_named_error(words: str) -> None:
    erasing.dd_progress(("dd", "count=5"), words)
    erasing.discard_progress(("blkdiscard", "-l", "5"), words)
    ledctl.parse_controllers(words)
    assert erasing.error_from(("dd",), words, words).message
    try:
        erasing.parse_signatures(words)
    except CalypsoError as error:
        assert error.code == "tool_garbage"


def test_ledctl() -> None:
    assert ledctl.locate_argv("/dev/sda", True) == ["ledctl", "-x", "locate=/dev/sda"]
    assert ledctl.locate_argv("/dev/sda", False) == ["ledctl", "-x", "locate_off=/dev/sda"]
    listed = "/sys/devices/pci0000:00/0000:00:17.0 (AHCI)\n/sys/devices/pci0000:00/0000:00:1f.2 (NPEM)\n"
    assert ledctl.parse_controllers(listed) == (
        "/sys/devices/pci0000:00/0000:00:17.0",
        "/sys/devices/pci0000:00/0000:00:1f.2",
    )
