"""The tables beside the lab's document: what a pool holds, by the tens of thousands.

`pool` is the pool's GUID and names are without the pool's name ("" is its root dataset), so that an exported or
destroyed pool keeps its rows, and comes back under another name without a change. All sizes are in bytes. `txg` counts
each pool's changes; `born` and `died` are such counts, and LIVE is the death of what is still there.
"""

from __future__ import annotations

LIVE = 2**62

TABLES = (
    "CREATE TABLE document (id INTEGER PRIMARY KEY CHECK (id = 1), text TEXT NOT NULL)",
    # properties, received: JSON {property: value} as set here, or as a stream brought them. origin: a snapshot's id.
    # key: JSON, see calypso.lab.zfs.keys. logical, referenced: of the live data. snapped: held by snapshots alone.
    """CREATE TABLE datasets (
        id INTEGER PRIMARY KEY, pool TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, guid TEXT NOT NULL,
        created INTEGER NOT NULL, txg INTEGER NOT NULL, origin INTEGER, mounted INTEGER NOT NULL DEFAULT 0,
        properties TEXT NOT NULL DEFAULT '{}', received TEXT NOT NULL DEFAULT '{}', key TEXT NOT NULL DEFAULT '',
        referenced INTEGER NOT NULL DEFAULT 0, logical INTEGER NOT NULL DEFAULT 0,
        owned INTEGER NOT NULL DEFAULT 0, fresh INTEGER NOT NULL DEFAULT 0, snapped INTEGER NOT NULL DEFAULT 0,
        snapshots_changed INTEGER NOT NULL DEFAULT 0, UNIQUE (pool, name))""",
    "CREATE INDEX datasets_origin ON datasets (origin) WHERE origin IS NOT NULL",
    # used: bytes that only this snapshot holds. written: since the one before. defer: to be destroyed when released.
    """CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, dataset INTEGER NOT NULL, name TEXT NOT NULL, guid TEXT NOT NULL,
        created INTEGER NOT NULL, txg INTEGER NOT NULL, properties TEXT NOT NULL DEFAULT '{}',
        referenced INTEGER NOT NULL, logical INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0,
        written INTEGER NOT NULL DEFAULT 0, defer INTEGER NOT NULL DEFAULT 0, UNIQUE (dataset, name))""",
    "CREATE INDEX snapshots_age ON snapshots (dataset, txg)",
    "CREATE TABLE holds (snapshot INTEGER, tag TEXT, created INTEGER, PRIMARY KEY (snapshot, tag)) WITHOUT ROWID",
    """CREATE TABLE bookmarks (
        dataset INTEGER, name TEXT, guid TEXT, created INTEGER, txg INTEGER, referenced INTEGER, logical INTEGER,
        PRIMARY KEY (dataset, name)) WITHOUT ROWID""",
    # Data by birth and death: a snapshot sees what was born at or before it and died after it.
    "CREATE TABLE blocks (dataset INTEGER, born INTEGER, died INTEGER, bytes INTEGER, logical INTEGER)",
    "CREATE INDEX blocks_dataset ON blocks (dataset)",
    # Each change of a file is a new row of the same object. changed: unix seconds.
    """CREATE TABLE files (
        dataset INTEGER, object INTEGER, path TEXT, bytes INTEGER, logical INTEGER,
        born INTEGER, died INTEGER, changed REAL)""",
    "CREATE INDEX files_dataset ON files (dataset)",
    # kind: user, group, project. limits and figures of bytes and of objects; 0: no limit.
    """CREATE TABLE quotas (
        dataset INTEGER, kind TEXT, name TEXT, used INTEGER, quota INTEGER, objused INTEGER, objquota INTEGER,
        PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID""",
    # Who keeps a dataset busy; pid 0: the kernel.
    "CREATE TABLE holders (dataset INTEGER, kind TEXT, pid INTEGER, name TEXT)",
    "CREATE INDEX holders_dataset ON holders (dataset)",
    # text: JSON {rows: {table: rows of the pool's datasets}, properties of the pool}, see calypso.lab.checkpoints.
    "CREATE TABLE checkpoints (pool TEXT PRIMARY KEY, text TEXT NOT NULL)",
    """CREATE TRIGGER dataset_gone AFTER DELETE ON datasets BEGIN
        DELETE FROM snapshots WHERE dataset = old.id;
        DELETE FROM bookmarks WHERE dataset = old.id;
        DELETE FROM blocks WHERE dataset = old.id;
        DELETE FROM files WHERE dataset = old.id;
        DELETE FROM quotas WHERE dataset = old.id;
        DELETE FROM holders WHERE dataset = old.id;
    END""",
    "CREATE TRIGGER snapshot_gone AFTER DELETE ON snapshots BEGIN DELETE FROM holds WHERE snapshot = old.id; END",
)
