"""calypso-network-rollback itself, on the lab's files, with the lab's tools and by its clock."""

from __future__ import annotations

from calypso.deploy.network_rollback import files, tools, verbs
from calypso.lab import timers
from calypso.lab.network import root
from calypso.lab.state import clock, read


def main(argv: list[str]) -> int:
    tools.run = _run
    files.now = lambda: clock(read())
    return verbs.main(["--root", str(root()), *argv])


def _run(argv: list[str]) -> str:
    code, said = timers.run(argv)
    return "" if code == 0 else f"{' '.join(argv)}: exit code {code}. {said.strip()}"
