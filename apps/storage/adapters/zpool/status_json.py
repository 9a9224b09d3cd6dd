"""`zpool status -j` (OpenZFS 2.3 on), brought to the words of the text form.

Sources: zpool_main.c (print_status_config, print_scan_scrub_resilver_status), libzfs_status.c, and recorded pairs.
"""

from __future__ import annotations

import json
from typing import Any

from apps.storage.adapters.zpool.model import Function, PoolStatus, Scan, Vdev, ordered, type_of
from apps.storage.adapters.zpool.values import garbage, number, timestamp

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
_SLOWEST_ESTIMATE = 10 * 1024 * 1024  # bytes/s; below it zpool gives no estimate
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
    pools = _dict(_dict(document).get("pools"))
    return tuple(_pool(_dict(pool), now) for pool in pools.values())


def _pool(pool: dict[str, Any], now: float | None) -> PoolStatus:
    scan = _dict(pool["scan_stats"]) if "scan_stats" in pool else None
    running = _running_note(scan)
    # --json-pool-key-guid and odd names: the root vdev is the only entry whatever its key is
    root = next(iter(_dict(pool.get("vdevs")).values()), None)
    groups = {"data": _children(_dict(root), running, 0)}
    for key, role in _GROUPS.items():
        if key in pool:
            groups[role] = _children({"vdevs": pool[key]}, running, 0)
    count = _int(pool.get("error_count", 0))
    damaged = _strings(pool.get("errlist", []))
    return PoolStatus(
        name=_str(pool, "name"),
        state=_str(pool, "state"),
        status=_words(pool, "status"),
        action=_words(pool, "action"),
        see=_words(pool, "moreinfo"),
        scan=_scan(scan, now) if scan else None,
        root=_vdev(_dict(root), "", depth=0, kind="root"),
        groups=ordered(groups),
        errors=_errors(count, bool(damaged)),
        damaged=damaged,
    )


def _errors(count: int, named: bool) -> str:
    if named:
        return "Permanent errors have been detected in the following files:"
    return f"{count} data errors, use '-v' for a list" if count else "No known data errors"


def _children(vdev: dict[str, Any], running: str, depth: int) -> list[Vdev]:
    if depth > _MANY_LEVELS:
        garbage("a vdev tree without end", "")
    children = [_dict(child) for child in _dict(vdev.get("vdevs", {})).values()]
    return [_vdev(child, running, depth=depth) for child in children if child.get("vdev_type") not in _UNPRINTED]


def _vdev(vdev: dict[str, Any], running: str, *, depth: int, kind: str = "") -> Vdev:
    children = () if kind == "root" else tuple(_children(vdev, running, depth + 1))
    name = _str(vdev, "name")
    return Vdev(
        name=name,
        type=kind or type_of(name, has_children=bool(children)),
        state=_state(vdev),
        read=_count(vdev, "read_errors"),
        write=_count(vdev, "write_errors"),
        checksum=_count(vdev, "checksum_errors"),
        note=_note(vdev, "" if children else running),
        children=children,
    )


def _state(vdev: dict[str, Any]) -> str:
    """zpool_state_to_name(): the text form's word for a vdev state."""
    state, aux = _str(vdev, "state"), vdev.get("aux")
    if state == "CLOSED":
        return "OFFLINE"
    if state != "CANT_OPEN":
        return state
    if aux in ("CORRUPT_DATA", "BAD_LOG"):
        return "FAULTED"
    return "SPLIT" if aux == "SPLIT_POOL" else "UNAVAIL"


def _note(vdev: dict[str, Any], running: str) -> str:
    if "was" in vdev:
        return f"was {_str(vdev, 'was')}"
    notes = []
    if vdev.get("aux", "NONE") != "NONE":
        notes.append(_NOTES.get(_str(vdev, "aux"), "corrupted data"))
    if running and _int(vdev.get("scan_processed", 0)):
        notes.append(running)
    if _int(vdev.get("resilver_deferred", 0)):
        notes.append("(awaiting resilver)")
    return " ".join(notes)


def _running_note(scan: dict[str, Any] | None) -> str:
    if not scan or scan.get("state") != "SCANNING":
        return ""
    return "(resilvering)" if scan.get("function") == "RESILVER" else "(repairing)"


def _scan(scan: dict[str, Any], now: float | None) -> Scan | None:
    state = _str(scan, "state")
    function: Function = "resilver" if _str(scan, "function") == "RESILVER" else "scrub"
    if state == "FINISHED":
        start, end = _time(scan, "start_time"), _time(scan, "end_time")
        return Scan(function, "finished", start, end, errors=_count(scan, "errors"))
    if state == "CANCELED":
        return Scan(function, "canceled", ended_at=_time(scan, "end_time"))
    if state != "SCANNING":
        return None
    start, percent = _time(scan, "start_time"), _percent(scan)
    if _time(scan, "scrub_pause"):
        return Scan("scrub", "paused", start, percent=percent)
    return Scan(function, "in_progress", start, percent=percent, seconds_to_go=_to_go(scan, now))


def _work(scan: dict[str, Any]) -> tuple[int, int]:
    """(bytes issued, bytes to issue in all)."""
    total = _int(scan.get("to_examine", 0)) - _int(scan.get("skipped", 0))
    return _int(scan.get("issued", 0)), total


def _percent(scan: dict[str, Any]) -> float:
    issued, total = _work(scan)
    return round(100 * issued / total, 2) if total > 0 else 0.0


def _to_go(scan: dict[str, Any], now: float | None) -> int | None:
    begun = _time(scan, "pass_start")
    if now is None or begun is None:
        return None
    elapsed = max(1, int(now) - begun - _int(scan.get("scrub_spent_paused", 0)))
    issued, total = _work(scan)
    rate = _int(scan.get("issued_bytes_per_scan", 0)) // elapsed
    return (total - issued) // rate if rate >= _SLOWEST_ESTIMATE and total >= issued else None


def _time(scan: dict[str, Any], key: str) -> int | None:
    """Unix seconds from a number, digits or a date; None for 0, ``-`` and absence."""
    value = scan.get(key)
    if isinstance(value, str) and ":" in value:
        return timestamp(value)
    return None if value in (None, "-") else _int(value) or None


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return number(value)
    garbage(f"{str(value)[:40]!r} is not a number", "")


def _count(source: dict[str, Any], key: str) -> int | None:
    return _int(source[key]) if key in source else None


def _str(source: dict[str, Any], key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str):
        garbage(f"no text in {key!r}", str(source)[:2000])
    return value


def _words(source: dict[str, Any], key: str) -> str:
    return " ".join(_str(source, key).split()) if key in source else ""


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        garbage("no list of texts", str(value)[:2000])
    return tuple(value)


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        garbage("an object is missing", str(value)[:2000])
    return value
