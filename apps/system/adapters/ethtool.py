"""ethtool(8): what a network card tells of itself. Pure.

Older releases (6.1 for one) have no JSON for the plain query, so that the text is read; from 6.10 on they have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

_FIELD = re.compile(r"^[ \t]*([A-Za-z][A-Za-z -]*?)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Settings:
    """``speed`` in Mbit/s, None where there is none, as without a carrier; ``duplex`` full, half or ""."""

    speed: int | None = None
    duplex: str = ""


@dataclass(frozen=True)
class Driver:
    driver: str = ""
    bus: str = ""


def settings_argv(name: str, *, json: bool) -> list[str]:
    return ["ethtool", *(["--json"] if json else []), name]


def driver_argv(name: str) -> list[str]:
    return ["ethtool", "-i", name]


def parse_settings(printed: str) -> Settings:
    """Of either form. A card that tells nothing gives the empty settings."""
    if printed.lstrip().startswith("["):
        try:
            found = orjson.loads(printed)[0]
        except (orjson.JSONDecodeError, IndexError):
            return Settings()
        fields = {str(key).lower(): value for key, value in found.items()}
        speed, duplex = fields.get("speed"), str(fields.get("duplex") or "")
        return Settings(speed if isinstance(speed, int) and 0 < speed < 2**31 else None, _duplex(duplex))
    fields = dict(_FIELD.findall(printed))
    rate = re.match(r"(\d+)Mb/s", fields.get("Speed", ""))
    return Settings(int(rate[1]) if rate else None, _duplex(fields.get("Duplex", "")))


def _duplex(word: str) -> str:
    return word.lower() if word.lower() in ("full", "half") else ""


def parse_driver(printed: str) -> Driver:
    fields = dict(_FIELD.findall(printed))
    return Driver(fields.get("driver", ""), fields.get("bus-info", ""))
