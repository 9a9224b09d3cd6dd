"""What a pool holds, as far as zpool(8) cares: made with it, gone with it, taken along when it is exported."""

from __future__ import annotations

import json
from typing import Any

from calypso.lab.disks import leaves
from calypso.lab.state import State, clock, new_guid

EMPTY = 98_304  # bytes of an empty filesystem, as recorded
EMPTY_LOGICAL = 43_008
MOUNT = "UPDATE datasets SET mounted = (SELECT 1 + max(mounted) FROM datasets) WHERE id = ?"  # mounts are numbered
BUSY = "SELECT 1 FROM holders JOIN datasets ON id = dataset WHERE dataset = ? AND mounted > 0 LIMIT 1"
FIGURES = (EMPTY, EMPTY_LOGICAL, EMPTY, EMPTY)


def begin(state: State, pool: dict[str, Any], properties: dict[str, str], key: dict[str, Any] | None = None) -> None:
    """The root dataset of a new pool, mounted."""
    pool["txg"] = 1
    text = json.dumps(key) if key else ""
    mounted = properties.get("canmount", "on") == "on" and properties.get("mountpoint") not in ("none", "legacy")
    state.db.execute(
        "INSERT INTO datasets"
        " (pool, name, type, guid, created, txg, properties, key, referenced, logical, owned, fresh)"
        " VALUES (?, '', 'filesystem', ?, ?, 1, ?, ?, ?, ?, ?, ?)",
        (pool["guid"], new_guid(), int(clock(state)), json.dumps(properties), text, *FIGURES),
    )
    dataset = state.db.execute("SELECT last_insert_rowid()").fetchone()[0]
    if mounted:
        state.db.execute(MOUNT, (dataset,))
    state.db.execute("INSERT INTO blocks VALUES (?, 1, 1 << 62, ?, ?)", (dataset, EMPTY, EMPTY_LOGICAL))


def forget_lost(state: State) -> None:
    """Nothing brings back an exported pool none of whose disks has a label, or a destroyed one that lost any."""
    for former, enough in (("exported", all), ("destroyed", any)):
        for pool in list(state[former]):
            if enough(leaf.get("wiped", False) for leaf in leaves(pool)):
                state[former].remove(pool)
                state.db.execute("DELETE FROM datasets WHERE pool = ?", (pool["guid"],))


def root_mountpoint(state: State, pool: dict[str, Any]) -> str:
    """Where the root dataset is mounted."""
    row = state.db.execute("SELECT properties FROM datasets WHERE pool = ? AND name = ''", (pool["guid"],)).fetchone()
    return str(json.loads(row["properties"]).get("mountpoint") or f"/{pool['name']}")


def mountpoints(state: State, pool: dict[str, Any]) -> list[tuple[int, str]]:
    """(dataset id, where) of every filesystem of the pool that has a place to be mounted, parents first."""
    rows = state.db.execute(
        "SELECT id, name, type, properties FROM datasets WHERE pool = ? ORDER BY name", (pool["guid"],)
    ).fetchall()
    own = {row["name"]: json.loads(row["properties"]).get("mountpoint") for row in rows}
    found = []
    for row in rows:
        where = _mountpoint(own, str(row["name"]), pool)
        if row["type"] == "filesystem" and where:
            found.append((int(row["id"]), where))
    return found


def _mountpoint(own: dict[str, str | None], name: str, pool: dict[str, Any]) -> str:
    """The nearest setting upwards with the rest of the name; "" for none and legacy."""
    parts = name.split("/") if name else []
    for depth in range(len(parts), -1, -1):
        base = own.get("/".join(parts[:depth]))
        if base or not depth:
            where = base or f"/{pool['name']}"
            return "" if where in ("none", "legacy") else "/".join([pool["altroot"] + where, *parts[depth:]])
    return ""


def unmount_all(state: State, pool: dict[str, Any]) -> str:
    """Unmount everything, deepest first, up to the first that is busy: where that is, or "" when all is unmounted.

    What was unmounted before a busy one stays so, as with the real tool.
    """
    for dataset, where in sorted(mountpoints(state, pool), key=lambda pair: pair[1], reverse=True):
        busy = state.db.execute(BUSY, (dataset,)).fetchone()
        if busy:
            return where
        state.db.execute("UPDATE datasets SET mounted = 0 WHERE id = ?", (dataset,))
    _forget_keys(state, pool)
    volumes = "SELECT 1 FROM holders JOIN datasets ON id = dataset WHERE pool = ? AND type = 'volume' LIMIT 1"
    return root_mountpoint(state, pool) if state.db.execute(volumes, (pool["guid"],)).fetchone() else ""


def _forget_keys(state: State, pool: dict[str, Any]) -> None:
    """A pool that goes leaves no key behind: the next one who has it loads them."""
    for row in state.db.execute("SELECT id, key FROM datasets WHERE pool = ? AND key > ''", (pool["guid"],)).fetchall():
        key = json.loads(row["key"])
        if key.get("loaded"):
            text = json.dumps({**key, "loaded": False})
            state.db.execute("UPDATE datasets SET key = ? WHERE id = ?", (text, row["id"]))


def mount_all(state: State, pool: dict[str, Any]) -> None:
    """Mount what is to be mounted when a pool is imported; encrypted datasets wait for their keys."""
    for dataset, _ in mountpoints(state, pool):
        row = state.db.execute("SELECT properties, key FROM datasets WHERE id = ?", (dataset,)).fetchone()
        if json.loads(row["properties"]).get("canmount", "on") == "on" and not row["key"]:
            state.db.execute(MOUNT, (dataset,))
