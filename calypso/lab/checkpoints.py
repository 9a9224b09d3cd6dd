"""What a pool's checkpoint holds: a copy of all rows of its datasets and of its properties, to go back to."""

from __future__ import annotations

import json
from typing import Any

from calypso.lab.state import State

Pool = dict[str, Any]

_OF_DATASETS = ("snapshots", "bookmarks", "blocks", "files", "quotas")
_ROWS = "SELECT {table}.* FROM {table} JOIN datasets ON datasets.id = {table}.dataset WHERE datasets.pool = ?"
_HOLDS = (
    "SELECT holds.* FROM holds JOIN snapshots ON snapshots.id = holds.snapshot"
    " JOIN datasets ON datasets.id = snapshots.dataset WHERE datasets.pool = ?"
)


def keep(state: State, pool: Pool) -> None:
    """Copies the pool's contents as they are now, over an older copy."""
    queries = {
        "datasets": "SELECT * FROM datasets WHERE pool = ?",
        **{table: _ROWS.format(table=table) for table in _OF_DATASETS},
        "holds": _HOLDS,
    }
    rows = {table: [dict(row) for row in state.db.execute(query, (pool["guid"],))] for table, query in queries.items()}
    text = json.dumps({"rows": rows, "properties": pool["properties"]})
    state.db.execute("INSERT OR REPLACE INTO checkpoints (pool, text) VALUES (?, ?)", (pool["guid"], text))


def rewind(state: State, pool: Pool) -> None:
    """Puts back what was copied; what was written, made and destroyed since is as if it had never been."""
    [row] = state.db.execute("SELECT text FROM checkpoints WHERE pool = ?", (pool["guid"],)).fetchall()
    kept = json.loads(row["text"])
    state.db.execute("DELETE FROM datasets WHERE pool = ?", (pool["guid"],))
    for table, rows in kept["rows"].items():
        for each in rows:
            marks = ", ".join("?" * len(each))
            insert = f"INSERT INTO {table} ({', '.join(each)}) VALUES ({marks})"  # noqa: S608  our own names
            state.db.execute(insert, tuple(each.values()))
    pool["properties"] = kept["properties"]
    pool["checkpoint"] = None
