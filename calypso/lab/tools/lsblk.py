"""lsblk(8) of util-linux 2.38 for the lab's disks, as JSON (`-J -b`, -o or -O) as recorded, or as a table."""

from __future__ import annotations

import getopt
import json
import sys
import uuid
import zlib
from typing import Any

from calypso.lab import disks
from calypso.lab.bays import Disk
from calypso.lab.sizes import nice, phys_space
from calypso.lab.smart.scsi import maker
from calypso.lab.state import State, read

DEFAULT = "NAME,MAJ:MIN,RM,SIZE,RO,TYPE,MOUNTPOINTS"
ALL = (
    "alignment", "disc-aln", "dax", "disc-gran", "disc-max", "disc-zero", "fsavail", "fsroots", "fssize", "fstype",
    "fsused", "fsuse%", "fsver", "group", "hctl", "hotplug", "kname", "label", "log-sec", "maj:min", "min-io", "mode",
    "model", "name", "opt-io", "owner", "partflags", "partlabel", "parttype", "parttypename", "partuuid", "path",
    "phy-sec", "pkname", "pttype", "ptuuid", "ra", "rand", "rev", "rm", "ro", "rota", "rq-size", "sched", "serial",
    "size", "start", "state", "subsystems", "mountpoint", "mountpoints", "tran", "type", "uuid", "vendor", "wsame",
    "wwn", "zoned", "zone-sz", "zone-wgran", "zone-app", "zone-nr", "zone-omax", "zone-amax",
)  # fmt: skip
ZFS = ("6a898cc3-1dd2-11b2-99a6-080020736631", "Solaris /usr & Apple ZFS")
RESERVED = ("6a945a3b-1dd2-11b2-99a6-080020736631", "Solaris reserved 1")
LINUX = ("0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux filesystem")
NINTH = 8 * 1024**2  # bytes of the partition that ZFS leaves at the end
NOTHING = 32  # exit code when no device that was named is there
SOME = 64
LONG = ("all", "bytes", "json", "output=", "output-all", "nodeps", "paths", "noheadings", "pairs", "raw", "list", "fs")
Row = dict[str, Any]


def main(argv: list[str]) -> int:
    try:
        pairs, paths = getopt.gnu_getopt(argv, "abdDze:fhiI:JlMmno:OpPrStTVx:", LONG)
    except getopt.GetoptError as error:
        sys.stderr.write(f"lsblk: {error.msg}\nTry 'lsblk --help' for more information.\n")
        return 1
    given = dict(pairs)
    words = given.get("-o", given.get("--output", DEFAULT)).lower().split(",")
    columns = list(ALL) if "-O" in given or "--output-all" in given else words
    for column in columns:
        if column not in ALL:
            sys.stderr.write(f"lsblk: unknown column: {column.upper()}\n")
            return 1
    state = read()
    found = [(path, disks.by_path(state, path)) for path in paths]
    missing = [path for path, disk in found if disk is None]
    chosen = [disk for _, disk in found if disk] if paths else [disk for disk in state["disks"] if disk["attached"]]
    as_bytes = "-b" in given or "--bytes" in given
    rows = [_shown(_disk(state, disk), columns, as_bytes, deep="-d" not in given) for disk in chosen]
    if "-J" in given or "--json" in given:
        sys.stdout.write(to_json(rows))
    elif rows:
        sys.stdout.write(_table(rows, columns))
    sys.stderr.write("".join(f"lsblk: {path}: not a block device\n" for path in missing))
    return (SOME if chosen else NOTHING) if missing else 0


def _disk(state: State, disk: Disk) -> Row:
    kept = state["disks"].index(disk)
    nvme, virtio = disk["transport"] == "nvme", disk["model"] == "virtio"
    vendor, product = maker(disk)
    partitions = _partitions(state, disk)
    row = _common(disk, 0, kept)
    row |= {"model": disk["model"] if nvme else None if virtio else product, "serial": disk["serial"]}
    row |= {"vendor": None if nvme or virtio else f"{vendor:<8}", "rev": None if nvme or virtio else _revision(disk)}
    row |= {"tran": disk["transport"] or None}
    row |= {"hctl": None if nvme or virtio else f"2:0:{disk['slot']}:0", "state": "live" if nvme else "running"}
    row |= {"type": "disk", "size": disk["size"], "fstype": None if partitions else disk["fstype"] or None}
    row |= {"mountpoints": _mounted(disk)}
    row |= {"pttype": "gpt" if partitions else None, "ptuuid": _uuid(disk, "table") if partitions else None}
    return row | ({"children": [_part(disk, kept, part) for part in partitions]} if partitions else {})


def _mounted(disk: Disk) -> list[str | None]:
    where = disk.get("mounted")
    return ["/" if where is True else str(where)] if where else [None]


def _revision(disk: Disk) -> str:
    return "2.5+" if disk["model"].startswith("QEMU") else str(disk.get("firmware", "N003"))


def _common(disk: Disk, part: int, place: int) -> Row:
    nvme = disk["transport"] == "nvme"
    row: Row = dict.fromkeys(ALL)
    name = disk["name"] if not part else disks.partition("/dev/" + disk["name"])[5:-1] + str(part)
    row |= {"alignment": 0, "disc-aln": 0, "dax": False, "disc-gran": 512 if nvme else 4096, "disc-max": 2**30}
    row |= {"disc-zero": False, "fsroots": [None], "group": "disk", "hotplug": False, "kname": name, "name": name}
    row |= {"log-sec": 512, "phy-sec": 512, "min-io": 512, "opt-io": 512 if nvme else 0, "mode": "brw-rw----"}
    row |= {"maj:min": f"{259 if nvme else 8}:{16 * place + part}", "owner": "root", "path": f"/dev/{name}", "ra": 128}
    row |= {"rand": not nvme, "rm": False, "ro": False, "rota": disk["rotational"], "rq-size": 1023 if nvme else 256}
    row |= {"sched": "none", "subsystems": "block:nvme:pci" if nvme else "block:scsi:pci", "mountpoints": [None]}
    row |= {"wsame": 0, "wwn": disk["wwn"] or None, "zoned": "none"}
    row |= {f"zone-{word}": 0 for word in ("sz", "wgran", "app", "nr", "omax", "amax")}
    return row | {"tran": "nvme" if nvme else None}


def _partitions(state: State, disk: Disk) -> list[Row]:
    for key in ("pools", "exported"):
        for pool in state[key]:
            leaf = disks.member(pool, disk["name"])
            if leaf is not None and not leaf.get("wiped"):
                zfs = {
                    "number": 1,
                    "size": phys_space(state, leaf),
                    "start": 2048,
                    "fstype": "zfs_member",
                    "fsver": "5000",
                }
                zfs |= {"label": pool["name"], "uuid": pool["guid"], "parttype": ZFS[0], "parttypename": ZFS[1]}
                zfs["partlabel"] = f"zfs-{int(leaf['guid']):016x}"[:20]
                last = {"number": 9, "size": NINTH, "start": (disk["size"] - NINTH - 2**20) // 512}
                return [zfs, last | {"parttype": RESERVED[0], "parttypename": RESERVED[1]}]
    return [{"parttype": LINUX[0], "parttypename": LINUX[1]} | part for part in disk.get("partitions", [])]


def _part(disk: Disk, place: int, part: Row) -> Row:
    row = _common(disk, part["number"], place)
    known = {key: value or None for key, value in part.items() if key in ALL}
    row |= {"type": "part", "pkname": disk["name"], "pttype": "gpt", "ptuuid": _uuid(disk, "table")} | known
    row["partuuid"] = _uuid(disk, str(part["number"]))
    row["mountpoints"] = [part.get("mountpoint") or None]
    return row


def _uuid(disk: Disk, word: str) -> str:
    numbers = [zlib.crc32(f"{disk['serial']} {word} {n}".encode()) for n in range(4)]
    return str(uuid.UUID(int=sum(number << (32 * n) for n, number in enumerate(numbers))))


def _shown(row: Row, columns: list[str], as_bytes: bool, *, deep: bool) -> Row:
    found = {column: row[column] for column in columns}
    if "size" in found and not as_bytes:
        found["size"] = nice(found["size"])
    children = row.get("children", []) if deep else []
    return found | ({"children": [_shown(c, columns, as_bytes, deep=True) for c in children]} if children else {})


def to_json(rows: list[Row]) -> str:
    """In the layout of libsmartcols 2.38."""
    if not rows:
        return '{\n   "blockdevices": [\n\n   ]\n}\n'
    return '{\n   "blockdevices": [\n' + _objects(rows, 6) + "\n   ]\n}\n"


def _objects(rows: list[Row], depth: int) -> str:
    pad = " " * depth
    return pad + "{\n" + f"\n{pad}}},{{\n".join(_pairs(row, depth + 3) for row in rows) + f"\n{pad}}}"


def _pairs(row: Row, depth: int) -> str:
    pad, lines = " " * depth, []
    for key, value in row.items():
        if key == "children":
            lines.append(f'{pad}"children": [\n{_objects(value, depth + 3)}\n{pad}]')
        elif isinstance(value, list):
            items = ",\n".join(f"{pad}    {json.dumps(item)}" for item in value)
            lines.append(f'{pad}"{key}": [\n{items}\n{pad}]')
        else:
            lines.append(f'{pad}"{key}": {json.dumps(value, ensure_ascii=False)}')
    return ",\n".join(lines)


def _table(rows: list[Row], columns: list[str]) -> str:
    flat: list[list[str]] = [[column.upper() for column in columns]]
    for row in rows:
        flat.append(_cells(row, columns, ""))
        for child in row.get("children", []):
            flat.append(_cells(child, columns, "`-"))
    widths = [max(len(line[place]) for line in flat) for place in range(len(columns))]
    return "".join(" ".join(f"{c:<{w}}" for c, w in zip(line, widths, strict=True)).rstrip() + "\n" for line in flat)


def _cells(row: Row, columns: list[str], lead: str) -> list[str]:
    found = []
    for column in columns:
        value = row[column]
        text = str(int(value)) if isinstance(value, bool) else str(value or "")
        text = " ".join(item or "" for item in value) if isinstance(value, list) else text
        found.append(lead + text if column == "name" else text)
    return found
