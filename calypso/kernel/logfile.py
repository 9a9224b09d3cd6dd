"""A log file that several processes write to and rotate: the worker and its forked children share one."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path


class LogFile(logging.Handler):
    """Appends each line with one write(2) and rotates by size: `x.jsonl`, `x.jsonl.1` (younger) … `x.jsonl.<keep>`.

    The standard RotatingFileHandler would go on writing to the file that another process has renamed.
    """

    def __init__(self, path: str, max_bytes: int, keep: int) -> None:
        super().__init__()
        self.path = Path(path)
        self.max_bytes = max_bytes
        self.keep = keep
        self.descriptor = -1

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode(errors="backslashreplace") + b"\n"
            os.write(self._current(), line)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        super().close()

    def _current(self) -> int:
        """The descriptor of the file now under our name, after rotating it if it's full."""
        if self._is_ours() and os.fstat(self.descriptor).st_size >= self.max_bytes:
            self._rotate()
        if not self._is_ours():
            self._open()
        return self.descriptor

    def _is_ours(self) -> bool:
        try:
            return self.descriptor >= 0 and os.path.samestat(os.fstat(self.descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def _open(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1  # so that a failing open is tried again and no foreign descriptor written to
        self.descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _rotate(self) -> None:
        lock = os.open(self.path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_ours():  # nobody was faster
                for number in range(self.keep, 0, -1):
                    source = self._numbered(number - 1)
                    if source.exists():
                        source.rename(self._numbered(number))
        finally:
            os.close(lock)

    def _numbered(self, number: int) -> Path:
        return self.path if number == 0 else self.path.with_name(f"{self.path.name}.{number}")
