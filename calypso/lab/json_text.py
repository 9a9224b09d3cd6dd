"""JSON as both tools print it."""

from __future__ import annotations

import json
import sys
from typing import Any


def header(command: str) -> dict[str, Any]:
    """What begins every JSON answer."""
    return {"output_version": {"command": command, "vers_major": 0, "vers_minor": 1}}


def text(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def write(value: dict[str, Any]) -> None:
    sys.stdout.write(text(value))
