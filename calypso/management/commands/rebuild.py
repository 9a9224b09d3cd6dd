"""`manage.py rebuild`: makes the read models anew from the ledger, while the appliance runs."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calypso.kernel.projections import Projection, registry
from calypso.kernel.rebuild import rebuild


class Command(BaseCommand):
    help = "Rebuilds the read models from the ledger; the appliance may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(sorted(registry))
        parser.add_argument("projections", nargs="*", metavar="projection", help=f"all by default: {names}")

    def handle(self, *args: Any, **options: Any) -> None:
        for projection in chosen(options["projections"]):
            self.stdout.write(rebuilt(projection))


def chosen(names: list[str]) -> list[Projection]:
    """The projections of these names, all for none. Raises CommandError that tells the known ones."""
    unknown = [name for name in names if name not in registry]
    if unknown:
        raise CommandError(f"There is no projection “{unknown[0]}”. Known are {', '.join(sorted(registry))}.")
    return [registry[name] for name in names or sorted(registry)]


def rebuilt(projection: Projection) -> str:
    """Rebuilds one and says in a line what was done. Raises CommandError; its tables are then as they were."""
    started = time.perf_counter()
    try:
        done = rebuild([projection])
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise CommandError(f"The read models of {projection.name} stay as they were: {words}") from error
    seconds = time.perf_counter() - started
    rate = done.events / seconds
    return (
        f"{projection.name:<12} {done.events:,} events → {done.rows:,} rows in {seconds:.2f} s"
        f" ({rate:,.0f} events/s), at position {done.position:,}"
    )
