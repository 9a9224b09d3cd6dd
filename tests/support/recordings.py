"""Recordings of the real tools: one command each, with what it printed (tests/recordings/<tool>/<nn-name>.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recording:
    name: str
    argv: list[str]
    exit_code: int | None  # None: it was killed
    stdout: str
    stderr: str
    stdin: str = ""


@cache
def load(tool: str, number: str) -> Recording:
    """The recording of `tool` whose file name begins with `number`, such as ``load("zpool", "020")``."""
    (path,) = (FOLDER / tool).glob(f"{number}-*.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    return Recording(path.stem, data["argv"], data["exit_code"], data["stdout"], data["stderr"], data["stdin"] or "")


def numbers(tool: str) -> list[str]:
    """The numbers of all recordings of `tool` that are at hand."""
    return sorted(path.name[:3] for path in (FOLDER / tool).glob("*.json"))
