"""The only place that starts a process: argv lists, a deadline, bounded output, a fixed environment.

The tool gets a process group of its own, ended as a whole on deadline or cancel, and SIGTERM when its parent dies.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from django.conf import settings

from calypso.kernel.errors import ToolCancelled, ToolMissing, ToolTimeout
from calypso.kernel.redaction import redact

KEEP_BYTES = 8 * 1024 * 1024  # of each stream; all of it is read and digested
TAIL_CHARACTERS = 4000  # of each stream in a record
GRACE_SECONDS = 2.0  # between SIGTERM and SIGKILL
LINGER_SECONDS = 1.0  # that output is awaited from processes which a tool left behind
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


Watch = Callable[[int, bytes], None]


@dataclass(frozen=True)
class Result:
    """What a tool did. ``stdout`` and ``stderr`` are whole unless ``truncated``; ``sha256`` is of all of both."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    sha256: str
    output_bytes: int
    truncated: bool = False

    @property
    def ok(self) -> bool:
        return self.exit_code == 0

    def tails(self) -> tuple[str, str]:
        """The ends of stdout and stderr as they may be recorded: bounded, secrets masked."""
        return redact(self.stdout)[-TAIL_CHARACTERS:], redact(self.stderr)[-TAIL_CHARACTERS:]


class _Stream:
    """Keeps the first bytes of a stream, and counts and digests all."""

    def __init__(self, keep: int) -> None:
        self.keep, self.kept, self.size, self.digest = keep, bytearray(), 0, sha256()

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        self.digest.update(data)
        self.kept += data[: max(0, self.keep - len(self.kept))]

    def text(self) -> str:
        return self.kept.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def environment() -> dict[str, str]:
    """What a tool sees: its own language, UTC, the tools' PATH, and nothing of ours."""
    fixed = {"LC_ALL": "C", "LANG": "C", "TZ": "UTC", "TERM": "dumb", "HOME": "/", "PATH": settings.CALYPSO_TOOL_PATH}
    return fixed | ({"CALYPSO_LAB_STATE": str(settings.CALYPSO_LAB_STATE)} if settings.CALYPSO_LAB else {})


def find(tool: str) -> str | None:
    """The path of a tool on the tools' PATH, or None."""
    return shutil.which(tool, path=environment()["PATH"])


def run(
    argv: Sequence[str],
    *,
    deadline: float,
    stdin: bytes | None = None,
    cancelled: Callable[[], bool] | None = None,
    keep_open: Sequence[int] = (),
    keep: int = KEEP_BYTES,
    watch: Watch | None = None,
) -> Result:
    """Runs a tool to its end. ``deadline`` in seconds; ``cancelled`` is asked five times a second.

    ``watch`` is told as often, with the tool's process and what it printed since.
    ``keep``: bytes of each stream that the result has; more than that is digested and dropped.
    A non-zero exit is a Result, not an error: the tool's adapter knows what it means.
    Raises ToolMissing, ToolTimeout or ToolCancelled.
    """
    started = time.monotonic()
    process = _start(argv, stdin is not None, keep_open)
    out, err = _Stream(keep), _Stream(keep)
    try:
        _feed(process, stdin)
        _pump(process, out, err, started + deadline, cancelled, watch=watch)
        process.wait()
    except _Overdue:
        raise ToolTimeout(
            f"{argv[0]} did not finish in {deadline:g} s and was stopped.",
            detail=redact(err.text() or out.text()),
            hint="Look at the box: a device may hang. Then try again.",
        ) from None
    except _Cancelled:
        raise ToolCancelled(f"{argv[0]} was stopped on request.", detail=redact(err.text() or out.text())) from None
    finally:
        _end(process, out, err)
    return Result(
        argv=tuple(argv),
        exit_code=process.returncode,
        stdout=out.text(),
        stderr=err.text(),
        seconds=time.monotonic() - started,
        sha256=sha256(out.digest.digest() + err.digest.digest()).hexdigest(),
        output_bytes=out.size + err.size,
        truncated=max(out.size, err.size) > keep,
    )


def follow(argv: Sequence[str], stop: Callable[[], bool], on_line: Callable[[str], None]) -> int | None:
    """Runs a tool that prints a line for each thing that happens, until it ends or ``stop`` says so.

    Returns its exit code, None when it was stopped. ``stop`` is asked five times a second. Raises ToolMissing.
    """
    process = _start(argv, False, ())
    assert process.stdout is not None
    assert process.stderr is not None
    rest = b""
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ, on_line)
            selector.register(process.stderr, selectors.EVENT_READ)
            while selector.get_map() and not stop():
                for key, _ in selector.select(timeout=0.2):
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data is not None:
                        *lines, rest = (rest + data).split(b"\n")
                        for line in lines:
                            on_line(line.decode("utf-8", "backslashreplace"))
            if not selector.get_map():
                return process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _end(process, _Stream(0), _Stream(0))
    return None


def _start(argv: Sequence[str], feeds: bool, keep_open: Sequence[int]) -> subprocess.Popen[bytes]:
    path = find(argv[0])
    if path is None:
        raise ToolMissing(
            f"The program “{argv[0]}” is not on this machine.",
            hint=f"Install the package that has {argv[0]}, or set CALYPSO_LAB=1 to work with simulated hardware.",
        )
    parent = os.getpid()
    return subprocess.Popen(
        [path, *argv[1:]],
        stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd="/",
        process_group=0,
        pass_fds=tuple(keep_open),
        preexec_fn=lambda: _end_with_parent(parent),  # noqa: PLW1509  two system calls, no lock can be held over them
    )


class _Overdue(Exception):
    pass


class _Cancelled(Exception):
    pass


def _end_with_parent(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we could ask to be told
        os._exit(1)


def _feed(process: subprocess.Popen[bytes], stdin: bytes | None) -> None:
    """Inputs are passphrases and the like, far below a pipe's 64 KiB, so that this can't block."""
    if stdin is None or process.stdin is None:
        return
    try:
        process.stdin.write(stdin)
        process.stdin.close()
    except BrokenPipeError:
        pass


def _pump(
    process: subprocess.Popen[bytes],
    out: _Stream,
    err: _Stream,
    until: float,
    cancelled: Callable[[], bool] | None,
    *,
    watch: Watch | None = None,
) -> None:
    """Reads both streams until they close and the process ended. A process that it left behind may keep them open."""
    assert process.stdout is not None
    assert process.stderr is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, out)
        selector.register(process.stderr, selectors.EVENT_READ, err)
        while selector.get_map() or not _has_ended(process):
            if time.monotonic() > until:
                if _has_ended(process):
                    return
                raise _Overdue
            if cancelled is not None and cancelled():
                raise _Cancelled
            if selector.get_map():
                printed = _read_ready(selector)
                if watch is not None:
                    watch(process.pid, printed)
            else:
                time.sleep(0.01)
            if _has_ended(process):
                until = min(until, time.monotonic() + LINGER_SECONDS)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Without reaping it: until then its pid names the group, and nobody else's."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _read_ready(selector: selectors.BaseSelector) -> bytes:
    """What came on either stream within a fifth of a second."""
    printed = b""
    for key, _ in selector.select(timeout=0.2):
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]  # the pipes registered above
        data = os.read(pipe.fileno(), 65536)
        if data:
            key.data.feed(data)
            printed += data
        else:
            selector.unregister(pipe)
    return printed


def _end(process: subprocess.Popen[bytes], out: _Stream, err: _Stream) -> None:
    """Ends the whole process group unless the process has returned: gently first, and its last words are still read.

    A process in an uninterruptible call is left to the kernel.
    """
    if process.returncode is None:
        for sent in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(process.pid, sent)
            try:
                _pump(process, out, err, time.monotonic() + GRACE_SECONDS, None)
            except _Overdue:
                pass
        process.poll()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
