"""journalctl: its argv, recordings of what it printed, its refusals, pages and cursors that were rotated away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.system.adapters import journalctl
from apps.system.adapters.journalctl import BadCursor, CursorGone, LogQuery
from calypso.kernel.errors import CalypsoError, ToolGarbage
from calypso.lab.tools.journalctl import _plain
from tests.support.recordings import load

CURSOR = "s=cfe88f045c9246cfaffa38f6695df4b2;i=320;b=3494782c08be4d23af13866f4cfb04e9;m=6352d62;t=660eb9b84fe15;x=a594"


def test_a_page_is_asked_for_with_one_entry_more() -> None:
    query = LogQuery(unit="ssh.service", since=1.5, until=2, priority="warning", text="a.b", limit=10)
    assert journalctl.page_argv(query)[1:] == [
        "--output=json",
        f"--output-fields={journalctl.FIELDS}",
        "--no-pager",
        "--quiet",
        "--unit=ssh.service",
        "--since=@1.500000",
        "--until=@2.000000",
        "--priority=warning",
        "--grep=\\Qa.b\\E",
        "--case-sensitive=false",
        "--reverse",
        "--lines=11",
    ]
    behind = journalctl.page_argv(query.model_copy(update={"cursor": CURSOR}))
    assert behind[-2:] == ["--lines=12", f"--cursor={CURSOR}"]


def test_what_is_followed_is_not_limited_in_time() -> None:
    argv = journalctl.follow_argv(LogQuery(unit="ssh.service", since=1, until=2))
    assert argv[-2:] == ["--follow", "--lines=0"]
    assert not [word for word in argv if word.startswith(("--since", "--until"))]
    assert journalctl.follow_argv(LogQuery(unit="a.service", cursor=CURSOR))[-1] == f"--after-cursor={CURSOR}"


@pytest.mark.parametrize("cursor", ["bogus", "--output=cat", f"{CURSOR};--x", f"{CURSOR}\n", "s=;i=;b=;m=;t=;x="])
def test_what_is_no_cursor_does_not_reach_the_tool(cursor: str) -> None:
    with pytest.raises(BadCursor):
        journalctl.page_argv(LogQuery(unit="ssh.service", cursor=cursor))


@given(st.text(st.sampled_from("\\QEab.*[]()"), max_size=12))
def test_a_text_is_searched_for_as_it_is(text: str) -> None:
    assert _plain(journalctl.literal(text)) == text


# --- recordings ---


@pytest.mark.parametrize("number", ["01", "02", "03", "05", "11"])
def test_recorded_entries_are_read(number: str) -> None:
    recording = load("journalctl", number)
    entries = [journalctl.parse(line) for line in recording.stdout.splitlines()]
    assert entries
    for entry in entries:
        assert journalctl.checked_cursor(entry.cursor) and entry.at > 1_795_000_000
    assert [e.at for e in entries] == sorted(e.at for e in entries)


def test_a_recorded_entry_says_who_wrote_what() -> None:
    *_, second = [journalctl.parse(line) for line in load("journalctl", "02").stdout.splitlines()[:2]]
    assert (second.identifier, second.pid, second.priority) == ("sshd", 523, "info")
    assert second.message == "Server listening on 0.0.0.0 port 22."


def test_a_message_that_is_no_text_is_shown_nevertheless() -> None:
    messages = [journalctl.parse(line).message for line in load("journalctl", "11").stdout.splitlines()]
    assert messages[0] == "multi-line"
    assert messages[1] == "bin\x01ary \\xff data"


def test_a_unit_without_entries_has_an_empty_page() -> None:
    recording = load("journalctl", "04")
    assert journalctl.page_of(LogQuery(unit="nope.service"), recording.stdout, truncated=False) == ([], None)


@pytest.mark.parametrize(("number", "code"), [("06", "bad_cursor"), ("07", "journal_denied")])
def test_recorded_refusals_are_named(number: str, code: str) -> None:
    recording = load("journalctl", number)
    assert recording.exit_code == 1
    error = journalctl.error_from(recording.stderr)
    assert (error.code, bool(error.hint), error.detail) == (code, True, recording.stderr)


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(json.dumps))
def test_anything_else_that_is_printed_is_garbage(line: str) -> None:
    try:
        journalctl.parse(line)
    except ToolGarbage as error:
        assert error.code == "tool_garbage"


BYTES, TEXTS = st.lists(st.integers(0, 255), max_size=5), st.lists(st.text(max_size=5), max_size=3)
VALUES = st.none() | st.text(max_size=9) | BYTES | TEXTS


@given(st.dictionaries(st.sampled_from(["MESSAGE", "PRIORITY", "_PID", "SYSLOG_IDENTIFIER"]), VALUES))
def test_fields_of_any_form_are_read_or_refused(fields: dict[str, Any]) -> None:
    line = json.dumps({"__CURSOR": CURSOR, "__REALTIME_TIMESTAMP": "1", **fields})
    try:
        entry = journalctl.parse(line)
    except CalypsoError as error:
        assert isinstance(error, ToolGarbage)
    else:
        assert "\x00" not in entry.message + entry.identifier


# --- pages ---


def printed(*numbers: int) -> str:
    entries = [{"__CURSOR": at(n), "__REALTIME_TIMESTAMP": str(n), "MESSAGE": str(n)} for n in numbers]
    return "".join(f"{json.dumps(entry)}\n" for entry in entries)


def at(number: int) -> str:
    return CURSOR.replace("i=320", f"i={number:x}")


def test_a_page_goes_on_behind_the_last_entry_of_the_one_before() -> None:
    first, following = journalctl.page_of(LogQuery(unit="u", limit=2), printed(9, 8, 7), truncated=False)
    assert ([e.message for e in first], following) == (["9", "8"], at(8))
    query = LogQuery(unit="u", limit=2, cursor=at(8))
    second, end = journalctl.page_of(query, printed(8, 7, 6), truncated=False)
    assert ([e.message for e in second], end) == (["7", "6"], None)


def test_a_cursor_that_was_rotated_away_is_said() -> None:
    """journalctl itself would go on at the nearest entry, and say nothing."""
    for left in ("", printed(5, 4)):
        with pytest.raises(CursorGone) as caught:
            journalctl.page_of(LogQuery(unit="u", cursor=at(8)), left, truncated=False)
        assert (caught.value.code, caught.value.status) == ("cursor_gone", 409)


def test_a_page_that_is_too_large_ends_with_its_last_whole_entry() -> None:
    cut = printed(9, 8, 7)[:-20]
    entries, following = journalctl.page_of(LogQuery(unit="u", limit=50), cut, truncated=True)
    assert ([e.message for e in entries], following) == (["9", "8"], at(8))
