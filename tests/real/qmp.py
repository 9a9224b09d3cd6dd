"""QEMU's monitor (QMP) over a UNIX socket: commands, and waiting for an event."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Monitor:
    """A connection on which capabilities are negotiated. ``patience``: seconds for an answer or an event."""

    def __init__(self, path: Path, patience: float = 60.0) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.events: list[Json] = []
        self._next()  # its greeting
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> Any:
        """What the command returns. Raises RuntimeError with QEMU's own words."""
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            message = self._next()
            if "error" in message:
                raise RuntimeError(f"{command}: {message['error']['desc']}")
            if "return" in message:
                return message["return"]
            self.events.append(message)

    def wait_for(self, name: str, is_it: Callable[[Json], bool] = lambda data: True) -> Json:
        """The first event of that name and such data since the connection was made; it is used up."""
        while True:
            for event in self.events:
                if event.get("event") == name and is_it(event.get("data", {})):
                    self.events.remove(event)
                    return event
            self.events.append(self._next())

    def close(self) -> None:
        self.lines.close()
        self.socket.close()

    def _next(self) -> Json:
        line = self.lines.readline()
        if not line:
            raise RuntimeError("QEMU has gone")
        return dict(json.loads(line))
