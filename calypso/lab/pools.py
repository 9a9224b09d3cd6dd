"""Finds the lab's pools by name."""

from __future__ import annotations

from typing import Any

from calypso.lab.options import Refused
from calypso.lab.state import State


def pool_named(state: State, name: str) -> dict[str, Any]:
    """The imported pool of that name; raises Refused."""
    for pool in state["pools"]:
        if pool["name"] == name:
            assert isinstance(pool, dict)
            return pool
    raise Refused(f"cannot open '{name}': no such pool\n")
