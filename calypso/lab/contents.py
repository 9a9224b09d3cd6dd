"""What a pool holds, as far as zpool(8) cares: made with it, gone with it, taken along when it is exported."""

from __future__ import annotations

import json
from typing import Any

from calypso.lab.state import State, clock, new_guid

EMPTY = 98_304  # bytes of an empty filesystem, as recorded
EMPTY_LOGICAL = 43_008
FIGURES = (EMPTY, EMPTY_LOGICAL, EMPTY, EMPTY)


def begin(state: State, pool: dict[str, Any], properties: dict[str, str]) -> None:
    """The root dataset of a new pool, mounted."""
    pool["txg"] = 1
    mounted = properties.get("canmount", "on") == "on" and properties.get("mountpoint") not in ("none", "legacy")
    state.db.execute(
        "INSERT INTO datasets (pool, name, type, guid, created, txg, mounted, properties, referenced, logical, owned,"
        " fresh) VALUES (?, '', 'filesystem', ?, ?, 1, ?, ?, ?, ?, ?, ?)",
        (pool["guid"], new_guid(), int(clock(state)), mounted, json.dumps(properties), *FIGURES),
    )
    dataset = state.db.execute("SELECT last_insert_rowid()").fetchone()[0]
    state.db.execute("INSERT INTO blocks VALUES (?, 1, 1 << 62, ?, ?)", (dataset, EMPTY, EMPTY_LOGICAL))


def forget(state: State, pool: dict[str, Any]) -> None:
    """The pool's disks were given to another one: nothing brings it back."""
    state.db.execute("DELETE FROM datasets WHERE pool = ?", (pool["guid"],))


def root_mountpoint(state: State, pool: dict[str, Any]) -> str:
    """Where the root dataset is mounted."""
    row = state.db.execute("SELECT properties FROM datasets WHERE pool = ? AND name = ''", (pool["guid"],)).fetchone()
    return str(json.loads(row["properties"]).get("mountpoint") or f"/{pool['name']}")
