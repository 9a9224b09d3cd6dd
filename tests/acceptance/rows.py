"""The rows that acceptance is measured by: storage 1 to 11 and 13 to 16, and the complaints about today's systems."""

from __future__ import annotations

ROWS = {
    "ST 1": "pools of every vdev class; redundancy shown",
    "ST 2": "dangerous layouts refused unless forced",
    "ST 3": "disks named by stable id",
    "ST 4": "replace, attach, detach, offline, online, remove, expand",
    "ST 5": "scrub and resilver with live progress",
    "ST 6": "export with dependents, find, import",
    "ST 7": "who holds a pool or dataset",
    "ST 8": "datasets, zvols, quotas, reservations",
    "ST 9": "native encryption",
    "ST 10": "snapshots",
    "ST 11": "snapshot schedules with retention",
    "ST 13": "ARC, I/O, capacity history and forecast",
    "ST 14": "SMART, self-tests, wipe, locate",
    "ST 15": "alerts",
    "ST 16": "what uses a dataset",
    "box": "what was done behind Calypso's back: adopted, drift",
    "complaint: destroy": "`zpool destroy` asks nothing",
    "complaint: add": "a bare disk added by mistake can't be undone",
    "complaint: replace": "a healthy disk replaced by sdX lost the pool",
    "complaint: 4,000 snapshots": "destroyed one by one they block every command",
    "complaint: zfs list": "tools run in page requests",
}
