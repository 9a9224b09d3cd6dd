"""`manage.py lab`: a hand at the simulated box: its disk bays, and what its users do."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from calypso.lab import disks, filling, happenings, power, writing
from calypso.lab.options import Refused
from calypso.lab.sizes import nice
from calypso.lab.state import State, change, read
from calypso.lab.zfs.values import Invalid, number
from calypso.management.commands import _lab_disks, _lab_units

ACTIONS: dict[str, tuple[Callable[[State, dict[str, Any]], None], str]] = {
    "plug": (happenings.plug, "put a pulled disk back into its bay"),
    "pull": (happenings.pull, "take a disk out of its bay"),
    "break": (happenings.break_, "make a disk fail all I/O"),
    "repair": (happenings.repair, "make a broken or slow disk work again"),
    "fault": (happenings.fault, "let ZFS count too many errors of a disk and fault it"),
    "slow": (happenings.slow, "make a disk answer slowly"),
}
FILL = ("pools", "disks", "datasets", "snapshots")


class Command(BaseCommand):
    help = "What befalls the simulated box: its disks, its datasets, and many of both at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="show the disks")
        for name, (_, words) in ACTIONS.items():
            actions.add_parser(name, help=words).add_argument("disk", help="by-id name, kernel name or serial")
        _of_datasets(actions)
        _lab_disks.add_verbs(actions)
        _lab_units.add_verbs(actions)
        actions.add_parser("boot", help="boot the machine anew; Calypso goes on as if it had been started with it")
        fill = actions.add_parser("fill", help="add many disks, pools, datasets and snapshots at once")
        for what in FILL:
            fill.add_argument(f"--{what}", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.CALYPSO_LAB_STATE)
        action = options["action"]
        if action == "list":
            self.stdout.write(table(read(path)))
        elif action == "boot":
            with change(path) as state:
                self.stdout.write(f"booted: {power.boot(state)}")
        elif action in ACTIONS:
            with change(path) as state:
                disk = known(state, options["disk"])
                ACTIONS[action][0](state, disk)
            self.stdout.write(row(state, disk))
        else:
            self.stdout.write(act(path, action, options))


def _of_datasets(actions: Any) -> None:
    words = {
        "write": "write new files, or to a volume",
        "rewrite": "write the oldest files anew",
        "erase": "remove the oldest files",
        "hold": "let a process keep it busy",
        "release": "let nothing keep it busy any more",
    }
    parsers = {name: actions.add_parser(name, help=text) for name, text in words.items()}
    for parser in parsers.values():
        parser.add_argument("dataset")
    parsers["write"].add_argument("size", help="bytes, or 10M, 1.5G …")
    parsers["write"].add_argument("--ratio", type=float, default=1.0, help="how well the data compresses")
    parsers["write"].add_argument("--owner", default="root", help="the user whose files they are")
    for name in ("write", "rewrite", "erase"):
        parsers[name].add_argument("--files", type=int, default=1)
    parsers["hold"].add_argument("name", help="the name of the process")
    parsers["hold"].add_argument("--pid", type=int, default=0)
    parsers["hold"].add_argument("--kind", default="process", choices=writing.KINDS)


def act(path: Path, action: str, options: dict[str, Any]) -> str:
    """Do what is to be done to a dataset, or fill the box; what to tell. Raises CommandError."""
    try:
        with change(path) as state:
            do = next((part.act for part in (_lab_disks, _lab_units) if action in part.VERBS), _act)
            return do(state, action, options)
    except (Refused, Invalid, ValueError, LookupError) as error:
        raise CommandError(str(error).strip()) from None


def _act(state: State, action: str, options: dict[str, Any]) -> str:
    name, files = options.get("dataset", ""), max(1, options.get("files", 1))
    if action == "fill":
        filling.fill(state, **{what: options[what] for what in FILL})
        return ", ".join(f"{options[what]} {what}" for what in FILL) + " added"
    if action == "write":
        size = number(options["size"])
        why = writing.write(state, name, size, files=files, ratio=options["ratio"], owner=options["owner"])
        return f"{name}: {why}" if why else f"{name}: {nice(size, 'B')} written"
    if action == "rewrite":
        return f"{name}: {writing.rewrite(state, name, files=files)} files written anew"
    if action == "erase":
        return f"{name}: {writing.erase(state, name, files=files)} files removed"
    if action == "hold":
        writing.hold(state, name, options["name"], pid=options["pid"], kind=options["kind"])
        return f"{name}: held by {options['name']}"
    return f"{name}: {writing.let_go(state, name)} let go"


def known(state: State, name: str) -> dict[str, Any]:
    """The disk of that name. Raises CommandError that tells the known ones."""
    disk = disks.by_name(state, name)
    if disk is None:
        names = ", ".join(found["name"] for found in state["disks"])
        raise CommandError(f"There is no disk “{name}”. Known are {names}, or their by-id names or serial numbers.")
    return disk


def table(state: State) -> str:
    """All disks, one a line."""
    return "\n".join(row(state, disk) for disk in state["disks"])


def row(state: State, disk: dict[str, Any]) -> str:
    """Slot, names, size in GB, where it is and what it holds."""
    condition = "broken" if disk["broken"] else "ok"
    where = condition if disk["attached"] else "pulled"
    pool, _ = disks.pool_of(state, disk["name"])
    holds = f"pool {pool}" if pool else disk["fstype"] or "-"
    size = f"{disk['size'] / 1e9:.0f} GB"
    return f"{disk['slot']:>3}  {disk['name']:<6} {disk['serial']}  {disk['id']:<24} {size:>8}  {where:<7} {holds}"
