"""Records restarts as events, from a thread, since the database may be what just died. None is lost."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from calypso.kernel.logs import get_logger

RETRY = 1.0  # seconds

log = get_logger("calypso.supervisor")


class Restarts:
    """A queue in memory with a file behind it: what could not be recorded is tried again at the next start."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.waiting: deque[dict[str, Any]] = deque(_load(file))
        self.closing = False
        self.saving = threading.Lock()
        self.thread = threading.Thread(target=self._run, name="restarts", daemon=True)
        self.thread.start()

    def add(self, process: str, exit_code: int | None, signal: int | None) -> None:
        """exit_code or signal is None when the process ended the other way; both when it's unknown."""
        self.waiting.append({"process": process, "exit_code": exit_code, "signal": signal})
        self._save()

    def close(self, seconds: float = 1.0) -> None:
        """Gives the rest a last chance of so many seconds."""
        self.closing = True
        self.thread.join(seconds)

    def _run(self) -> None:
        while not (self.closing and not self.waiting):
            if self.waiting and _recorded(self.waiting[0]):
                self.waiting.popleft()
                self._save()
            else:
                time.sleep(0.05 if not self.waiting else RETRY)

    def _save(self) -> None:
        with self.saving:
            self.file.write_text("".join(f"{json.dumps(entry)}\n" for entry in list(self.waiting)))


def _load(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text().splitlines()]
    except (OSError, ValueError):
        return []


def _recorded(entry: dict[str, Any]) -> bool:
    from django.db import connections

    try:
        from apps.system.processes import record_restart

        record_restart(**entry)
    except Exception as error:  # whatever it is, the appliance must go on and the event stays in the queue
        log.debug("restart not recorded yet", error=str(error))
        return False
    finally:
        connections.close_all()
    return True
