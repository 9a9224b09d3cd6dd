"""`zpool status -j` (OpenZFS 2.3 on), brought to the words of the text form.

Sources: zpool_main.c (print_status_config, print_scan_scrub_resilver_status), libzfs_status.c, and recorded pairs.
"""

from __future__ import annotations

import json
import re
from typing import Any

from apps.storage.adapters.zpool import json_values as values
from apps.storage.adapters.zpool.model import Activity, PoolStatus, Vdev, ordered, type_of
from apps.storage.adapters.zpool.values import garbage
from apps.storage.adapters.zpool.work_json import checkpoint, expansion, removal, scan

_GROUPS = {"logs": "log", "l2cache": "cache", "spares": "spare", "special": "special", "dedup": "dedup"}
_UNPRINTED = ("hole", "indirect")  # left behind by a removed vdev: the text form shows no row for them
_NOTES = {
    "OPEN_FAILED": "cannot open",
    "BAD_GUID_SUM": "missing device",
    "NO_REPLICAS": "insufficient replicas",
    "VERSION_NEWER": "newer version",
    "UNSUP_FEAT": "unsupported feature(s)",
    "ASHIFT_TOO_BIG": "unsupported minimum blocksize",
    "SPARED": "currently in use",
    "ERR_EXCEEDED": "too many errors",
    "IO_FAILURE": "experienced I/O failures",
    "BAD_LOG": "bad intent log",
    "EXTERNAL": "external device fault",
    "EXTERNAL_PERSIST": "external device fault",
    "SPLIT_POOL": "split into new pool",
    "ACTIVE": "currently in use",
    "CHILDREN_OFFLINE": "all children offline",
    "BAD_LABEL": "invalid label",
}
_DRAID = re.compile(r"draid(?P<parity>[1-3])\b")
_MANY_LEVELS = 10  # a real tree has four


def parse_status_json(text: str, *, now: float | None = None) -> tuple[PoolStatus, ...]:
    """The pools of `zpool status -j`, with or without --json-int and -p. Raises ToolGarbage.

    now: Unix seconds when the tool ran. The JSON, unlike the text, has no estimate of the time to go: with `now` it is
    worked out as the tool does, without it is None.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        garbage("not JSON", text)
    pools = values.record(values.record(document).get("pools"))
    return tuple(_pool(values.record(pool), now) for pool in pools.values())


def _pool(pool: dict[str, Any], now: float | None) -> PoolStatus:
    scanned = values.record(pool["scan_stats"]) if "scan_stats" in pool else None
    running = _running_note(scanned)
    # --json-pool-key-guid and odd names: the root vdev is the only entry whatever its key is
    root = next(iter(values.record(pool.get("vdevs")).values()), None)
    groups = {"data": _children(values.record(root), running, 0)}
    for key, role in _GROUPS.items():
        if key in pool:
            groups[role] = _children({"vdevs": pool[key]}, running, 0)
    count = values.whole(pool.get("error_count", 0))
    damaged = values.texts(pool.get("errlist", []))
    return PoolStatus(
        name=values.text(pool, "name"),
        state=values.text(pool, "state"),
        status=values.words(pool, "status"),
        action=values.words(pool, "action"),
        see=values.words(pool, "moreinfo"),
        scan=scan(scanned, now) if scanned else None,
        root=_vdev(values.record(root), "", depth=0, kind="root"),
        groups=ordered(groups),
        errors=_errors(count, bool(damaged)),
        damaged=damaged,
        removal=removal(pool),
        expansion=expansion(pool),
        checkpoint=checkpoint(pool),
    )


def _errors(count: int, named: bool) -> str:
    if named:
        return "Permanent errors have been detected in the following files:"
    return f"{count} data errors, use '-v' for a list" if count else "No known data errors"


def _children(vdev: dict[str, Any], running: str, depth: int) -> list[Vdev]:
    if depth > _MANY_LEVELS:
        garbage("a vdev tree without end", "")
    children = [values.record(child) for child in values.record(vdev.get("vdevs", {})).values()]
    return [_vdev(child, running, depth=depth) for child in children if child.get("vdev_type") not in _UNPRINTED]


def _vdev(vdev: dict[str, Any], running: str, *, depth: int, kind: str = "") -> Vdev:
    children = () if kind == "root" else tuple(_children(vdev, running, depth + 1))
    name = values.text(vdev, "name")
    return Vdev(
        name=name,
        type=kind or type_of(name, has_children=bool(children)),
        state=_state(vdev, children),
        read=values.count(vdev, "read_errors"),
        write=values.count(vdev, "write_errors"),
        checksum=values.count(vdev, "checksum_errors"),
        note=_note(vdev, "" if children else running),
        children=children,
        guid=str(values.whole(vdev["guid"])) if "guid" in vdev and not kind else "",  # the text has none for the root
        path=values.text(vdev, "path") if "path" in vdev else "",
        trim=_activity(vdev, "trim_state", ("trimmed", "to_trim"), "trim_time"),
        initialize=_activity(vdev, "init_state", ("initialized", "to_initialize"), "init_time"),
    )


def _activity(vdev: dict[str, Any], state: str, amounts: tuple[str, str], time: str) -> Activity | None:
    word = vdev.get(state)
    if word not in ("ACTIVE", "SUSPENDED", "COMPLETE"):
        return None
    done, all_of_it = (values.whole(vdev.get(key, 0)) for key in amounts)
    percent = min(100, 100 * done // all_of_it) if all_of_it > 0 else 100
    return Activity(word.lower(), percent, values.moment(vdev, time))


def _state(vdev: dict[str, Any], children: tuple[Vdev, ...]) -> str:
    """zpool_state_to_name(): the text form's word for a vdev state.

    A draid has none, nor a guid (seen on 2.3.2): what is wrong with its disks tells it.
    """
    if "state" not in vdev and children:
        return _state_of_draid(values.text(vdev, "name"), children)
    state, aux = values.text(vdev, "state"), vdev.get("aux")
    if state == "CLOSED":
        return "OFFLINE"
    if state != "CANT_OPEN":
        return state
    if aux in ("CORRUPT_DATA", "BAD_LOG"):
        return "FAULTED"
    return "SPLIT" if aux == "SPLIT_POOL" else "UNAVAIL"


def _state_of_draid(name: str, children: tuple[Vdev, ...]) -> str:
    if not (draid := _DRAID.match(name)):
        garbage("a vdev without a state", name)
    if sum(child.state not in ("ONLINE", "DEGRADED") for child in children) > int(draid["parity"]):
        return "UNAVAIL"
    return "ONLINE" if all(child.state == "ONLINE" for child in children) else "DEGRADED"


def _note(vdev: dict[str, Any], running: str) -> str:
    if "was" in vdev:
        return f"was {values.text(vdev, 'was')}"
    notes = []
    if vdev.get("aux", "NONE") != "NONE":
        notes.append(_NOTES.get(values.text(vdev, "aux"), "corrupted data"))
    if running and values.whole(vdev.get("scan_processed", 0)):
        notes.append(running)
    if values.whole(vdev.get("resilver_deferred", 0)):
        notes.append("(awaiting resilver)")
    return " ".join(notes)


def _running_note(scan: dict[str, Any] | None) -> str:
    if not scan or scan.get("state") != "SCANNING":
        return ""
    return "(resilvering)" if scan.get("function") == "RESILVER" else "(repairing)"
