"""`zpool status` as text, after print_status() in zpool_main.c."""

from __future__ import annotations

import time

from calypso.lab.health import SEE, Health, Node, explanation
from calypso.lab.scans import Progress
from calypso.lab.sizes import nice

HEADINGS = (("log", "logs\t"), ("cache", "cache"), ("spare", "spares"))
SLOWEST_ESTIMATE = 10 * 1024 * 1024  # bytes/s


def render(health: Health, now: float, *, parsable: bool, paths: bool, verbose: bool) -> str:
    """One pool's block. parsable: -p, paths: -P, verbose: -v."""
    lines = [f"  pool: {health.pool['name']}\n state: {health.state}\n"]
    why = explanation(health)
    if why:
        lines.append(f"status: {why[0]}action: {why[1]}")
        lines.append(f"   see: {SEE}{why[2]}\n" if why[2] else "")
    if health.scan:
        lines.append(f"  scan: {scan_words(health.scan, now)}")
    lines.append("config:\n\n")
    lines.append(_tree(health, parsable=parsable, paths=paths))
    lines.append(f"\nerrors: {_errors(health.pool['errors'], verbose)}\n")
    return "".join(lines)


def _errors(count: int, verbose: bool) -> str:
    if not count:
        return "No known data errors"
    if verbose:
        return "Permanent errors have been detected in the following files:\n\n        <metadata>:<0x0>"
    return f"{count} data errors, use '-v' for a list"


def scan_words(scan: Progress, now: float) -> str:
    """The words after ``scan:``, with their line ends."""
    function, word = scan.state.split()
    did = nice(scan.processed, "B")
    if word == "finished":
        what = f"scrub repaired {did}" if function == "scrub" else f"resilvered {did}"
        return f"{what} in {clock_words(scan.end - scan.start)} with 0 errors on {ctime(scan.end)}\n"
    if word == "canceled":
        return f"{function} canceled on {ctime(scan.end)}\n"
    if word == "paused":
        first = f"scrub paused since {ctime(scan.paused_at)}\n\tscrub started on {ctime(scan.start)}\n"
        return first + _progress(scan, did, rate=0) + "\n"
    elapsed = max(1, int(now) - scan.pass_start - scan.spent_paused)
    rate = scan.issued // elapsed
    left = (scan.total - scan.issued) // rate if rate else 0
    to_go = f"{clock_words(left)} to go" if rate >= SLOWEST_ESTIMATE else "no estimated completion time"
    return f"{function} in progress since {ctime(scan.start)}\n{_progress(scan, did, rate)}, {to_go}\n"


def _progress(scan: Progress, did: str, rate: int) -> str:
    total, issued = nice(scan.total, "B"), nice(scan.issued, "B")
    speed = f" at {nice(rate, 'B')}/s" if rate else ""
    share = 100 * scan.issued / scan.total if scan.total else 100.0
    verb = "repaired" if scan.function == "scrub" else "resilvered"
    return f"\t{total} / {total} scanned, {issued} / {total} issued{speed}\n\t{did} {verb}, {share:.2f}% done"


def clock_words(seconds: int) -> str:
    """``00:01:21`` or ``2 days 00:01:21``."""
    days, rest = divmod(seconds, 86400)
    clock = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{days} days {clock}" if days else clock


def ctime(seconds: int) -> str:
    """A date as ctime(3) writes it, in the zone of TZ."""
    return time.ctime(seconds)


def label(node: Node, *, paths: bool) -> str:
    """The name in the first column: short, or the whole path under -P."""
    return node.path if paths and node.path else node.name


def width_of(health: Health, *, paths: bool) -> int:
    """The width of the first column; at least ten."""
    roots = [health.root, *(node for nodes in health.others.values() for node in nodes)]
    depths = [0] + [2] * (len(roots) - 1)
    return max(10, *(_width(node, depth, paths) for node, depth in zip(roots, depths, strict=True)))


def _width(node: Node, depth: int, paths: bool) -> int:
    return max(depth + len(label(node, paths=paths)), *(_width(child, depth + 2, paths) for child in node.children), 0)


def _tree(health: Health, *, parsable: bool, paths: bool) -> str:
    width = width_of(health, paths=paths)
    rows = [f"\t{'NAME':<{width}}  {'STATE':<8} {'READ':>5} {'WRITE':>5} {'CKSUM':>5}"]
    rows += _rows(health.root, 0, width, parsable, paths)
    for role, heading in HEADINGS:
        nodes = health.others.get(role)
        if nodes:
            rows.append("\t" + heading)
            rows += [row for node in nodes for row in _rows(node, 2, width, parsable, paths)]
    return "\n".join(rows) + "\n"


def _rows(node: Node, depth: int, width: int, parsable: bool, paths: bool) -> list[str]:
    row = f"\t{'':{depth}}{label(node, paths=paths):<{width - depth}}  {node.text_state:<8}"
    if node.state not in ("AVAIL", "INUSE"):
        counts = (node.vdev.get(kind, 0) for kind in ("read", "write", "checksum"))
        row += "".join(f" {count if parsable else nice(count):>5}" for count in counts)
    row += "".join(f"  {note}" for note in node.notes)
    return [row, *(line for child in node.children for line in _rows(child, depth + 2, width, parsable, paths))]
