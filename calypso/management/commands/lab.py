"""`manage.py lab`: a hand at the simulated box's disk bays."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from calypso.lab import disks, happenings
from calypso.lab.state import State, change, read

ACTIONS: dict[str, tuple[Callable[[State, dict[str, Any]], None], str]] = {
    "plug": (happenings.plug, "put a pulled disk back into its bay"),
    "pull": (happenings.pull, "take a disk out of its bay"),
    "break": (happenings.break_, "make a disk fail all I/O"),
    "repair": (happenings.repair, "make a broken disk work again"),
}


class Command(BaseCommand):
    help = "Plug, pull, break and repair the simulated box's disks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="show the disks")
        for name, (_, words) in ACTIONS.items():
            actions.add_parser(name, help=words).add_argument("disk", help="by-id name, kernel name or serial")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.CALYPSO_LAB_STATE)
        if options["action"] == "list":
            self.stdout.write(table(read(path)))
            return
        with change(path) as state:
            disk = known(state, options["disk"])
            ACTIONS[options["action"]][0](state, disk)
        self.stdout.write(row(state, disk))


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
