"""`zfs create`."""

from __future__ import annotations

import json
import sys
from typing import Any

from calypso.lab import sizes
from calypso.lab.contents import EMPTY, EMPTY_LOGICAL
from calypso.lab.options import Options, Refused
from calypso.lab.state import change, clock, new_guid
from calypso.lab.zfs import keys, mounting, names, space, usage
from calypso.lab.zfs.properties import PROPERTIES
from calypso.lab.zfs.rights import denial
from calypso.lab.zfs.tree import Forest, Item, Tree
from calypso.lab.zfs.values import Invalid, checked, number, pairs

VOLUME = (57_344, 28_672)  # bytes of an empty volume, and before compression, as recorded
ENCRYPTED = {"filesystem": (196_608, 69_632), "volume": (90_112, 45_056)}


def create(argv: list[str]) -> int:
    text = usage.of("create")
    given = Options(argv, "b:no:pPsuvV:", text)
    wished = pairs(given.values.get("o", []), text)
    volume = given.value("V")
    size = _size(volume) if volume is not None else 0
    if volume is not None and given.value("b"):
        wished["volblocksize"] = str(given.value("b"))
    if given.has("s") and volume is None:
        raise Refused("'-s' can only be used when creating a volume\n" + text, 2)
    if not given.operands:
        raise Refused(f"missing {'volume' if volume is not None else 'filesystem'} argument\n" + text, 2)
    if len(given.operands) > 1:
        raise Refused("too many arguments\n" + text, 2)
    name, kind = given.operands[0], "volume" if volume is not None else "filesystem"
    names.check(name)
    with change() as state:
        forest = Forest(state)
        properties = valid(wished, kind, name)
        above = place(forest, name, "create", parents=given.has("p"))
        if above is None:
            return 0  # -p: it is there already
        if kind == "volume":
            properties |= volume_sizes(above.tree, size, properties, name, sparse=given.has("s"))
        key = keys.for_new(name, above, properties)
        _check_space(above, name, properties, key)
        if given.has("v") or given.has("n"):
            _tell(name, properties, given)
        if not given.has("n"):
            with_parents(above, name)
            add(forest, name, kind, properties, key=key, mount=not given.has("u"))
    return 0


def _size(text: str) -> int:
    try:
        size = number(text)
    except Invalid as invalid:
        raise Refused(f"bad volume size '{text}': {invalid}\n", 255) from None
    return size


def valid(wished: dict[str, str], kind: str, name: str, what: str = "create") -> dict[str, str]:
    """The properties as they are kept; raises Refused."""
    try:
        return checked(wished, kind, creating=True)
    except Invalid as invalid:
        raise Refused(f"cannot {what} '{name}': {invalid}\n") from None


def place(forest: Forest, name: str, what: str, *, parents: bool) -> Item | None:
    """The nearest dataset above that exists; None when with `parents` the dataset itself exists. Raises Refused."""
    pool_name, slash, _ = name.partition("/")
    pool = forest.pool(name)
    why = ""
    if not slash:
        why = "missing dataset name"
    elif pool is None:
        why = f"no such pool '{pool_name}'"
    elif pool["suspended"]:
        why = "pool I/O is currently suspended"
    if why:
        raise Refused(f"cannot {what} '{name}': {why}\n")
    if forest.find(name) is not None:
        if parents and what == "create":
            return None
        raise Refused(f"cannot {what} '{name}': dataset already exists\n")
    above, found = names.parent(name), None
    while (found := forest.find(above)) is None and parents:
        above = names.parent(above)
    if found is None:
        raise Refused(f"cannot {what} '{name}': parent does not exist\n")
    if found.type != "filesystem":
        raise Refused(f"cannot {what} '{name}': parent is not a filesystem\n")
    if why := denial(found.pool):
        raise Refused(f"cannot {what} '{name}': {why}\n")
    return found


def volume_sizes(tree: Tree, size: int, properties: dict[str, str], name: str, *, sparse: bool) -> dict[str, str]:
    """volsize, rounded up silently as recorded, and what is reserved for it."""
    block = int(properties.get("volblocksize", PROPERTIES["volblocksize"].default))
    if not size:
        raise Refused(f"cannot create '{name}': 'volsize' cannot be zero\n")
    size = -(-size // block) * block
    found = {"volsize": str(size)}
    if properties.get("refreservation") == "auto" or (not sparse and "refreservation" not in properties):
        copies = int(properties.get("copies") or 1)
        found["refreservation"] = str(volume_reservation(tree, size, block, copies))
    return found


def volume_reservation(tree: Tree, size: int, block: int, copies: int) -> int:
    """zvol_volsize_to_reservation(): the data with its parity, and the blocks that point to it."""
    count, indirect = size // block, 7
    while count > 1:
        count = -(-count // 1024)
        indirect += count
    widest = max((_raidz_share(vdev, block) for vdev in sizes.counted(tree.pool)), default=1.0)
    return int(size * widest) * copies + indirect * min(3, copies + 1) * 131_072


def _raidz_share(vdev: dict[str, Any], block: int) -> float:
    """How much more a block of this size takes than one of 128 KiB, by which free space is reckoned."""
    if vdev["kind"] != "raidz":
        return 1.0
    width, parity = len(vdev["children"]), int(vdev["parity"])

    def allocated(size: int) -> int:
        sectors = -(-size // 4096)
        sectors += parity * -(-sectors // (width - parity))
        return -(-sectors // (parity + 1)) * (parity + 1) * 4096

    return max(1.0, allocated(block) / block * 131_072 / allocated(131_072))


def _check_space(above: Item, name: str, properties: dict[str, str], key: dict[str, Any]) -> None:
    needed = max(1, int(properties.get("refreservation") or 0), int(properties.get("reservation") or 0))
    if above.available < needed:
        raise Refused(f"cannot create '{name}': out of space\n")
    quota = int(properties.get("quota") or 0)
    if key and quota and quota < ENCRYPTED["filesystem"][0]:
        raise Refused(f"cannot create '{name}': out of space\n")


def _tell(name: str, properties: dict[str, str], given: Options) -> None:
    if given.has("P"):
        lines = [f"create\t{name}\n", *(f"property\t{key}\t{value}\n" for key, value in properties.items())]
    else:
        lines = [f"would create {name}\n" if given.has("n") else f"create {name}\n"]
        lines += [f"\t{key}={value}\n" for key, value in properties.items()]
    sys.stdout.write("".join(lines))


def with_parents(above: Item, name: str) -> None:
    """Make the datasets between, mounted."""
    forest = Forest(above.tree.state)
    parts = name.split("/")
    for depth in range(above.name.count("/") + 2, len(parts)):
        add(forest, "/".join(parts[:depth]), "filesystem", {}, key=keys.inherited(above))


def add(
    forest: Forest, name: str, kind: str, properties: dict[str, str], *, key: dict[str, Any], mount: bool = True
) -> int:
    """A new dataset; its id. Nothing is checked any more."""
    state, pool = forest.state, forest.pool(name)
    assert pool is not None
    kept = {one: value for one, value in properties.items() if one not in keys.PARAMETERS}
    if kept.get("volblocksize") == PROPERTIES["volblocksize"].default:
        del kept["volblocksize"]  # so its source is "default", as recorded
    txg = space.next_txg(pool)
    size, logical = ENCRYPTED[kind] if key else (EMPTY, EMPTY_LOGICAL) if kind == "filesystem" else VOLUME
    texts = json.dumps(kept), json.dumps(key) if key else ""
    figures = (size, logical, size, size)
    row = state.db.execute(
        "INSERT INTO datasets"
        " (pool, name, type, guid, created, txg, properties, key, referenced, logical, owned, fresh)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (pool["guid"], name.partition("/")[2], kind, new_guid(), int(clock(state)), txg, *texts, *figures),
    ).fetchone()
    space.born(state.db, row[0], txg, size, logical)
    space.allocate(state, pool, size)
    if mount and kind == "filesystem":
        mounting.mount_new(state, pool, name)
    return int(row[0])
