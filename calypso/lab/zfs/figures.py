"""The values of properties as -p shows them, with their sources: one small function a property and kind of dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from calypso.lab.zfs import quotas, snaps
from calypso.lab.zfs.properties import LETTERS, PROPERTIES, of_quota, user_defined
from calypso.lab.zfs.snaps import Mark, Snap
from calypso.lab.zfs.tree import Item

Shown = Item | Snap | Mark
ENCRYPTED = {"encryption": "suite", "keyformat": "format", "pbkdf2iters": "iters"}
NOTHING = "-"


def ratio(logical: int, physical: int) -> str:
    """``1.50``; never below one, because metadata is not counted against it."""
    hundredths = max(100, 100 * logical // physical if physical else 100)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _logical_used(item: Item) -> int:
    own, row = sum(_logical_used(child) for child in item.children), item.row
    share = row["logical"] / row["referenced"] if row["referenced"] else 0
    return own + int((row["owned"] + row["snapped"]) * share)


def _origin(item: Item) -> str:
    return snaps.snapshot_name(item.tree, item.row["origin"]) if item.row["origin"] else NOTHING


DATASET: dict[str, Callable[[Item], Any]] = {
    "name": lambda item: item.name,
    "type": lambda item: item.type,
    "creation": lambda item: item.row["created"],
    "used": lambda item: item.used,
    "available": lambda item: item.available,
    "referenced": lambda item: item.row["referenced"],
    "compressratio": lambda item: ratio(_logical_used(item), item.used - item.held),
    "refcompressratio": lambda item: ratio(item.row["logical"], item.row["referenced"]),
    "mounted": lambda item: "yes" if item.row["mounted"] else "no",
    "origin": _origin,
    "mountpoint": lambda item: item.mountpoint,
    "createtxg": lambda item: item.row["txg"],
    "guid": lambda item: item.row["guid"],
    "usedbysnapshots": lambda item: item.row["snapped"],
    "usedbydataset": lambda item: item.row["owned"],
    "usedbychildren": lambda item: item.below,
    "usedbyrefreservation": lambda item: item.held,
    "objsetid": lambda item: item.row["id"] + 50,
    "written": lambda item: item.row["fresh"],
    "logicalused": _logical_used,
    "logicalreferenced": lambda item: item.row["logical"],
    "snapshots_changed": lambda item: item.row["snapshots_changed"] or NOTHING,
    "encryptionroot": lambda item: root.name if (root := item.encryption_root) else NOTHING,
    "keystatus": lambda item: ("available" if item.key_loaded else "unavailable") if item.key else NOTHING,
    "receive_resume_token": lambda item: NOTHING,
}
SNAPSHOT: dict[str, Callable[[Snap], Any]] = {
    "name": lambda snap: snap.name,
    "type": lambda snap: "snapshot",
    "creation": lambda snap: snap.row["created"],
    "used": lambda snap: snap.row["used"],
    "referenced": lambda snap: snap.row["referenced"],
    "compressratio": lambda snap: ratio(snap.row["logical"], snap.row["referenced"]),
    "refcompressratio": lambda snap: ratio(snap.row["logical"], snap.row["referenced"]),
    "createtxg": lambda snap: snap.row["txg"],
    "guid": lambda snap: snap.row["guid"],
    "defer_destroy": lambda snap: "on" if snap.row["defer"] else "off",
    "userrefs": lambda snap: snap.holds,
    "objsetid": lambda snap: snap.row["id"] + 50_000,
    "written": lambda snap: snap.row["written"],
    "clones": lambda snap: ",".join(snap.clones) or NOTHING,
    "logicalreferenced": lambda snap: snap.row["logical"],
    "volsize": lambda snap: snap.item.setting("volsize"),
    "encryptionroot": lambda snap: root.name if (root := snap.item.encryption_root) else NOTHING,
    "keystatus": lambda snap: DATASET["keystatus"](snap.item),
}
BOOKMARK: dict[str, Callable[[Mark], Any]] = {
    "name": lambda mark: mark.name,
    "type": lambda mark: "bookmark",
    "creation": lambda mark: mark.row["created"],
    "referenced": lambda mark: mark.row["referenced"],
    "createtxg": lambda mark: mark.row["txg"],
    "guid": lambda mark: mark.row["guid"],
    "logicalreferenced": lambda mark: mark.row["logical"],
}


def value(shown: Shown, name: str) -> str:
    """The value; ``-`` where it does not apply or there is none."""
    if isinstance(shown, Item):
        figure = DATASET.get(name)
        if figure is not None and (name == "name" or shown.type[0] in PROPERTIES[name].types):
            return str(figure(shown))
        return _setting(shown, shown, name)
    if isinstance(shown, Snap):
        snapshot = SNAPSHOT.get(name)
        return str(snapshot(shown)) if snapshot is not None else _setting(shown, shown.item, name)
    mark = BOOKMARK.get(name)
    return str(mark(shown)) if mark is not None else NOTHING


def _setting(shown: Item | Snap, item: Item, name: str) -> str:
    found = PROPERTIES.get(name)
    if found is None:
        return _special(shown, item, name)
    if LETTERS[shown.type] not in found.types or (found.way == "r" and found.default == NOTHING):
        return NOTHING
    if name in ENCRYPTED and item.key:
        root = item.encryption_root
        return str(item.key["suite"] if name == "encryption" else root.key[ENCRYPTED[name]] if root else NOTHING)
    if name == "keylocation" and "hash" in item.key:
        return str(item.key["location"])
    if name == "version":
        return NOTHING if item.type == "volume" else item.setting(name)
    return item.setting(name)


def _special(shown: Item | Snap, item: Item, name: str) -> str:
    if of_quota(name):
        return quotas.value(item, name)
    if name.startswith("written@"):
        return snaps.written_since(item, name.partition("@")[2])
    if isinstance(shown, Snap) and name in shown.local:
        return shown.local[name]
    found = item.in_force.get(name)
    return found[0] if found else NOTHING


def source(shown: Shown, name: str) -> tuple[str, str]:
    """("local" | "default" | "inherited" | "received" | "-", the dataset it is inherited from or "")."""
    if isinstance(shown, Mark) or name == "name":
        return NOTHING, ""
    item = shown if isinstance(shown, Item) else shown.item
    if isinstance(shown, Snap) and name in shown.local:
        return "local", ""
    found = PROPERTIES.get(name)
    if found is None:
        if of_quota(name):
            return ("local" if "quota" in name.partition("@")[0] else NOTHING), ""
        if not user_defined(name):
            return NOTHING, ""
    elif not _has_source(shown, item, name, found.way, found.types):
        return NOTHING, ""
    if name == "keylocation" and "hash" in item.key:
        return "local", ""
    pair = item.in_force.get(name)
    if pair is None:
        return (NOTHING if found is None else "default"), ""
    if pair[1] is shown:
        return ("local" if name in item.local else "received"), ""
    return "inherited", pair[1].name


def _has_source(shown: Item | Snap, item: Item, name: str, way: str, types: str) -> bool:
    if LETTERS[shown.type] not in types or name in ("version", "utf8only", "normalization", "casesensitivity"):
        return False
    if item.key and name in ENCRYPTED:
        return False
    return way != "r" or name in ("filesystem_count", "snapshot_count")


def known(shown: Shown) -> list[str]:
    """What `get all` shows: native properties that there are, then users' own."""
    names = [name for name, found in PROPERTIES.items() if LETTERS[shown.type] in found.types]
    names = [name for name in names if value(shown, name) != NOTHING]
    if isinstance(shown, Mark):
        return names
    item = shown if isinstance(shown, Item) else shown.item
    own = shown.local if isinstance(shown, Snap) else {}
    return names + sorted({name for name in (*item.in_force, *own) if ":" in name})


def received(shown: Shown, name: str) -> str:
    """The value that a stream brought."""
    return str(shown.received.get(name, NOTHING)) if isinstance(shown, Item) else NOTHING
