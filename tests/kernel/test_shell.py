"""shell.run: what a tool gets, what is kept of what it says, and that nothing of it is left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from calypso.kernel import shell
from calypso.kernel.errors import ToolCancelled, ToolMissing, ToolTimeout
from calypso.kernel.redaction import MASK
from tests.support.appliance import wait_for
from tests.support.deeds import end_of, forked

pytestmark = pytest.mark.process


def sh(script: str, *args: str, deadline: float = 20, **more: Any) -> shell.Result:
    return shell.run(["sh", "-c", script, "sh", *args], deadline=deadline, **more)


def alive(pid: int) -> bool:
    """Neither gone nor a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids: int) -> None:
    wait_for(lambda: not any(alive(pid) for pid in pids), 5, f"{pids} ended")


def pids_in(file: Path, count: int) -> list[int]:
    wait_for(lambda: file.exists() and len(file.read_text().split()) == count, 10, f"{count} processes in {file}")
    return [int(pid) for pid in file.read_text().split()]


# --- argv, stdin, exit ----------------------------------------------------------------------------------------------


def test_arguments_arrive_as_they_are() -> None:
    nasty = ["$(id)", "`id`", "a b", "", "*", ";exit 9", "'\"\\", "-n", "ü\n"]
    assert shell.run(["printf", "%s\\0", *nasty], deadline=10).stdout == "".join(f"{each}\\x00" for each in nasty)


def test_stdin_is_given_or_empty() -> None:
    secret = os.urandom(1000).hex()
    assert shell.run(["cat"], deadline=10, stdin=secret.encode()).stdout == secret
    assert shell.run(["cat"], deadline=10).stdout == ""
    assert sh("exit 3", stdin=b"never read" * 5000).exit_code == 3


@pytest.mark.parametrize("code", [0, 1, 2, 255])
def test_an_exit_code_is_a_result_and_no_error(code: int) -> None:
    result = sh('echo out; echo err >&2; exit "$1"', str(code))
    assert (result.exit_code, result.ok, result.stdout, result.stderr) == (code, code == 0, "out\n", "err\n")
    assert result.argv[:2] == ("sh", "-c")
    assert 0 < result.seconds < 10


def test_an_end_by_signal_is_a_negative_exit_code() -> None:
    assert sh("kill -KILL $$").exit_code == -signal.SIGKILL


def test_a_missing_tool_is_named(settings: Any, tmp_path: Path) -> None:
    for tool in ("no-such-tool", "/no/such/tool"):
        with pytest.raises(ToolMissing) as missing:
            shell.run([tool], deadline=1)
        assert missing.value.code == "tool_missing" and tool in missing.value.message
    settings.CALYPSO_TOOL_PATH = str(tmp_path)
    with pytest.raises(ToolMissing):
        shell.run(["sh"], deadline=1)


# --- environment ----------------------------------------------------------------------------------------------------


def test_a_tool_sees_a_fixed_environment_and_nothing_of_ours(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    for name in ("PGPASSWORD", "DJANGO_SETTINGS_MODULE", "CALYPSO_DATABASE", "LC_MESSAGES", "LANGUAGE", "LD_PRELOAD"):
        monkeypatch.setenv(name, "leaked")
    seen = dict(line.split("=", 1) for line in shell.run(["env"], deadline=10).stdout.splitlines())
    assert seen == {
        "LC_ALL": "C",
        "LANG": "C",
        "TZ": "UTC",
        "TERM": "dumb",
        "HOME": "/",
        "PATH": settings.CALYPSO_TOOL_PATH,
        "CALYPSO_LAB_STATE": str(settings.CALYPSO_LAB_STATE),
    }
    settings.CALYPSO_LAB = False
    assert "CALYPSO" not in shell.run(["env"], deadline=10).stdout
    assert shell.run(["pwd"], deadline=10).stdout == "/\n"


def test_a_tool_gets_no_open_file_but_those_it_is_given(tmp_path: Path) -> None:
    ours = os.open(tmp_path / "ours", os.O_CREAT | os.O_RDWR)
    given = os.open(tmp_path / "given", os.O_CREAT | os.O_RDWR)
    try:
        seen = sh("ls -l /proc/$$/fd", keep_open=[given]).stdout
        assert f"{tmp_path}/given" in seen
        assert f"{tmp_path}/ours" not in seen
    finally:
        os.close(ours)
        os.close(given)


# --- output ---------------------------------------------------------------------------------------------------------


def test_of_a_flood_a_part_is_kept_and_all_is_digested() -> None:
    size = 10 * 1024 * 1024
    result = sh(f"head -c {size} /dev/zero | tr '\\0' x; echo end >&2")
    assert len(result.stdout) == shell.KEEP_BYTES
    assert (result.stderr, result.truncated, result.output_bytes) == ("end\n", True, size + 4)
    parts = hashlib.sha256(b"x" * size).digest() + hashlib.sha256(b"end\n").digest()
    assert result.sha256 == hashlib.sha256(parts).hexdigest()
    assert not sh("echo short").truncated


def test_both_streams_are_read_at_once() -> None:
    result = sh("head -c 300000 /dev/zero | tr '\\0' e >&2; head -c 300000 /dev/zero | tr '\\0' o")
    assert (len(result.stdout), len(result.stderr)) == (300000, 300000)


def test_output_that_is_no_utf8_stays_readable_and_storable() -> None:
    result = sh(r"printf 'a\377\000\303\274b'; printf '\200' >&2")
    assert result.stdout == "a\\xff\\x00übXX".removesuffix("XX")
    assert result.stderr == "\\x80"


def test_what_is_recorded_of_output_is_its_masked_end() -> None:
    result = sh('printf "%10000s" x; echo password=hunter2hunter2; echo "Authorization: Bearer abcdef123456" >&2')
    out, err = result.tails()
    assert len(out) <= shell.TAIL_CHARACTERS
    assert out.endswith(f"password={MASK}\n") and "hunter2" not in out
    assert "abcdef123456" not in err and MASK in err


# --- deadline, cancel, death ----------------------------------------------------------------------------------------

FAMILY = """
(trap '' TERM; echo "$$" >/dev/null; sh -c 'echo $PPID >>"$1"; exec sleep 60' sh "$1") &
echo $$ >>"$1"
echo last words >&2
wait
"""


def test_a_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    with pytest.raises(ToolTimeout) as late:
        sh(FAMILY, str(tmp_path / "pids"), deadline=0.5)
    assert late.value.code == "tool_timeout"
    assert "last words" in late.value.detail
    gone(*pids_in(tmp_path / "pids", 2))


def test_a_deadline_ends_children_of_a_tool_that_goes_first(tmp_path: Path) -> None:
    """The tool ends at SIGTERM, its child ignores that; it still holds the tool's output open."""
    script = """sh -c 'trap "" TERM; echo $$ >>"$1"; while :; do sleep 0.05; done' sh "$1" & wait"""
    started = time.monotonic()
    with pytest.raises(ToolTimeout):
        sh(script, str(tmp_path / "pids"), deadline=0.5)
    assert time.monotonic() - started < 0.5 + 2 * shell.GRACE_SECONDS + 2
    gone(*pids_in(tmp_path / "pids", 1))


def test_a_tool_that_ignores_sigterm_is_killed() -> None:
    started = time.monotonic()
    with pytest.raises(ToolTimeout):
        sh("trap '' TERM; while :; do sleep 0.05; done", deadline=0.3)
    assert shell.GRACE_SECONDS < time.monotonic() - started < shell.GRACE_SECONDS + 5


def test_a_tool_that_left_a_daemon_behind_has_ended(tmp_path: Path) -> None:
    """The daemon is in a session of its own and holds the tool's output open."""
    started = time.monotonic()
    result = sh("""setsid sh -c 'echo $$ >>"$1"; exec sleep 60' sh "$1" & echo done""", str(tmp_path / "pids"))
    (daemon,) = pids_in(tmp_path / "pids", 1)
    try:
        assert (result.exit_code, result.stdout) == (0, "done\n")
        assert time.monotonic() - started < 10
        assert alive(daemon)
    finally:
        os.kill(daemon, signal.SIGKILL)


def test_a_cancel_ends_the_group(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    with pytest.raises(ToolCancelled) as cancelled:
        sh(FAMILY, str(file), cancelled=lambda: file.exists() and len(file.read_text().split()) == 2)
    assert cancelled.value.code == "tool_cancelled"
    gone(*pids_in(file, 2))


def test_an_error_while_it_is_asked_about_a_cancel_leaves_no_tool(tmp_path: Path) -> None:
    file = tmp_path / "pids"

    def broken() -> bool:
        if file.exists() and len(file.read_text().split()) == 2:
            raise RuntimeError
        return False

    with pytest.raises(RuntimeError):
        sh(FAMILY, str(file), cancelled=broken)
    gone(*pids_in(file, 2))


def test_a_tool_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = """echo $$ >>"$1"; exec sleep 60"""
    parent = forked(lambda: sh(script, str(tmp_path / "pids")))
    (tool,) = pids_in(tmp_path / "pids", 1)
    os.kill(parent, signal.SIGKILL)
    assert end_of(parent) == -signal.SIGKILL
    gone(tool)


def test_a_tool_of_a_thread_works_while_that_thread_waits(tmp_path: Path) -> None:
    """PR_SET_PDEATHSIG is bound to the thread that forks: that is the one which waits in run()."""
    results: list[shell.Result] = []
    thread = threading.Thread(target=lambda: results.append(sh("sleep 0.3; echo whole")))
    thread.start()
    thread.join(20)
    assert [r.stdout for r in results] == ["whole\n"]


def test_how_much_is_kept_is_the_callers_choice() -> None:
    little = sh("printf 0123456789", keep=4)
    assert (little.stdout, little.truncated, little.output_bytes) == ("0123", True, 10)
    much = sh("head -c 9000000 /dev/zero | tr '\\0' x", keep=10_000_000)
    assert len(much.stdout) == 9_000_000 and not much.truncated


def test_following_hears_each_line_until_the_tool_ends() -> None:
    heard: list[str] = []
    assert shell.follow(["sh", "-c", "printf 'a\\nb\\nc'; exit 3"], lambda: False, heard.append) == 3
    assert heard == ["a", "b"], "an unfinished line tells nothing"


def test_following_ends_the_tool_when_it_is_told_to_stop(tmp_path: Path) -> None:
    heard: list[str] = []
    script = f"echo $$ >{tmp_path}/pids; while :; do echo x; sleep 0.05; done"
    assert shell.follow(["sh", "-c", script], lambda: len(heard) > 2, heard.append) is None
    gone(*pids_in(tmp_path / "pids", 1))


def test_following_a_tool_that_is_not_there() -> None:
    with pytest.raises(ToolMissing):
        shell.follow(["no-such-tool"], lambda: False, print)
