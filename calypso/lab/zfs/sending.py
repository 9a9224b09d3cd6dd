"""`zfs send` as far as its dry run goes, and what is said of streams: the lab carries none."""

from __future__ import annotations

import sys

from calypso.lab.options import Options, Refused
from calypso.lab.sizes import nice
from calypso.lab.state import reading
from calypso.lab.zfs import snaps, usage
from calypso.lab.zfs.snaps import Snap
from calypso.lab.zfs.tree import Forest, Item

HEADER = 624  # bytes of begin and end records
MAGIC = (0x2F5BACBAC).to_bytes(8, "little")  # DMU_BACKUP_MAGIC in a stream's first record
NO_STREAMS = "The lab carries no streams: it can tell what would be sent (-n), but not send or receive it.\n"
LONG = ("dryrun", "verbose", "parsable", "replicate", "raw", "large-block", "compressed", "embed", "props", "holds")


def send(argv: list[str]) -> int:
    text = usage.of("send")
    given = Options(argv, "i:I:RDpvnPLecwhbst:VX:", text, LONG)
    if given.value("t"):
        raise Refused(NO_STREAMS)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing snapshot argument\n") + text, 2)
    if sys.stdout.isatty() and not given.has("n"):
        raise Refused("Error: Stream can not be written to a terminal.\nYou must redirect standard output.\n")
    with reading() as state:
        forest = Forest(state)
        name = given.operands[0]
        snap = snaps.open_(forest, name) if "@" in name else _live(forest.open(name))
        base = _base(forest, snap, given)
        if not given.has("n"):
            raise Refused(NO_STREAMS)
        _tell(_parts(snap, base, given), given)
    return 0


def _live(item: Item) -> Snap:
    newest = snaps.of(item)[-1:]
    if not newest:
        raise Refused(f"cannot send '{item.name}': the lab sends snapshots only\n")
    return newest[0]


def _base(forest: Forest, snap: Snap, given: Options) -> Snap | None:
    word = given.value("i") or given.value("I")
    if word is None:
        return None
    name = snap.item.name + word if word.startswith("@") else word if "@" in word else f"{snap.item.name}@{word}"
    base = snaps.open_(forest, name)
    same = base.item is snap.item or snap.item.row["origin"] == base.id
    if not same or base.row["txg"] >= snap.row["txg"]:
        raise Refused(f"warning: cannot send '{snap.name}': not an earlier snapshot from the same fs\n")
    return base


def _parts(snap: Snap, base: Snap | None, given: Options) -> list[tuple[Snap | None, Snap]]:
    """What is sent: from (None: in full) and to."""
    items = [snap.item, *(snap.item.all_below() if given.has("R") else [])]
    parts: list[tuple[Snap | None, Snap]] = []
    for item in items:
        there = snaps.of(item)
        last = next((one for one in there if one.short == snap.short), None)
        if last is None:
            continue
        first = next((one for one in there if base is not None and one.short == base.short), None)
        if given.has("R") or given.value("I"):
            chain = [one for one in there if one.row["txg"] <= last.row["txg"]]
            chain = [one for one in chain if first is None or one.row["txg"] > first.row["txg"]]
            parts += list(zip([first, *chain[:-1]], chain, strict=True))
        else:
            parts.append((first if base is None or base.item is item else base, last))
    return parts


def _tell(parts: list[tuple[Snap | None, Snap]], given: Options) -> None:
    if not given.has("v") and not given.has("P"):
        return
    total, lines = 0, []
    for base, snap in parts:
        size = HEADER + (snap.row["logical"] if base is None else _between(base, snap))
        total += size
        if given.has("P"):
            word = f"full\t{snap.name}" if base is None else f"incremental\t{base.name}\t{snap.name}"
            lines.append(f"{word}\t{size}\n")
        else:
            word = f"full send of {snap.name}" if base is None else f"send from {base.name} to {snap.name}"
            lines.append(f"{word} estimated size is {nice(size)}\n")
    lines.append(f"size\t{total}\n" if given.has("P") else f"total estimated size is {nice(total)}\n")
    sys.stdout.write("".join(lines))


def _between(base: Snap, snap: Snap) -> int:
    seen = "SELECT total(logical) FROM blocks WHERE dataset = ? AND born > ? AND born <= ? AND died > ?"
    txg = snap.row["txg"]
    row = snap.item.tree.state.db.execute(seen, (snap.item.id, base.row["txg"], txg, txg)).fetchone()
    return int(row[0])


def receive(argv: list[str]) -> int:
    text = usage.of("receive")
    given = Options(argv, "vMnsFhuo:x:deA", text)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing snapshot argument\n") + text, 2)
    source = getattr(sys.stdin, "buffer", None)
    data = source.read(64) if source is not None else sys.stdin.read(64).encode("latin-1")
    raise Refused(NO_STREAMS if MAGIC in data else "cannot receive: failed to read from stream\n")


def wait(argv: list[str]) -> int:
    """Nothing is ever left to wait for: what is destroyed here is gone at once."""
    text = usage.of("wait")
    given = Options(argv, "t:", text)
    if len(given.operands) != 1:
        raise Refused(("too many arguments\n" if given.operands else "missing 'filesystem' argument\n") + text, 2)
    if given.value("t") not in (None, "deleteq"):
        raise Refused(f"invalid activity '{given.value('t')}'\n{text}", 2)
    with reading() as state:
        Forest(state).open(given.operands[0])
    return 0
