"""The verbs of the program."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from . import __doc__ as words
from . import tools
from .files import Box, Change, Refused, boot_id, due, forget_old, kept, overdue, pending, put_back
from .tools import NAME, RENDERERS, install, put_in_force, start_timer, stop_timers

GRACE = 120  # seconds between arm and apply, for the files to be written and the tools to work


def arm(box: Box, args: argparse.Namespace) -> None:
    """Keeps the files as they are and starts the timer; nothing is changed yet. May be repeated."""
    for other in box.changes():
        if other["state"] == "pending" and other["id"] != args.change:
            if not overdue(other):
                raise Refused("change_pending", f"The change {other['id']} is not confirmed yet.")
            restore(box, other, "timeout", "")
    folder = box.folder(args.change)
    if (folder / "change.json").exists() and box.change(args.change)["state"] != "pending":
        raise Refused("change_over", f"The change {args.change} is over already.")
    install(box)
    change = {
        "id": args.change,
        "state": "pending",
        "applied": False,
        "renderer": args.renderer,
        "interfaces": args.interface,
        "made": args.made,
        "removed": args.removed,
        "seconds": args.seconds,
        "armed_at": time.time(),
        "files": [kept(box, folder, number, path) for number, path in enumerate(args.file)],
    }
    due(change, args.seconds + GRACE)
    box.keep(change)
    try:
        start_timer(box, change, args.seconds + GRACE)
    except Refused:
        shutil.rmtree(folder)
        raise
    forget_old(box)


def apply(box: Box, args: argparse.Namespace) -> None:
    """Puts the files as they are now in force. When that fails, the old ones are back at once."""
    change = pending(box, args.change)
    if overdue(change):
        raise Refused("change_over", "The time was over before the change could be applied.")
    words = put_in_force(change, gone=change["removed"], back=False)
    if not words and (missing := tools.missing(change["made"])):
        words = f"{', '.join(missing)} did not come up. The kernel may have no module for it."
    if words:
        restore(box, change, "refused", words)
        raise Refused("apply_failed", words)
    change["applied"] = True
    due(change, change["seconds"])
    box.keep(change)
    start_timer(box, change, change["seconds"])


def confirm(box: Box, args: argparse.Namespace) -> None:
    """Ends the trial: the new configuration stays."""
    change = box.change(args.change)
    if change["state"] == "confirmed":
        return
    change = pending(box, args.change)
    if not change["applied"]:
        raise Refused("not_applied", f"The change {args.change} is not in force yet.")
    change |= {"state": "confirmed", "ended_at": time.time()}
    box.keep(change)
    stop_timers(change)


def rollback(box: Box, args: argparse.Namespace) -> None:
    """Brings the old configuration back, for ``cause``. One that came too early, or too late, does nothing."""
    change = box.change(args.change)
    if change["state"] != "pending":
        if args.cause == "timeout" or change["state"] == "rolled_back":
            return
        raise Refused("change_over", f"The change {args.change} was confirmed.")
    if args.cause == "timeout" and not overdue(change):
        return
    restore(box, change, args.cause, "")


def boot(box: Box, args: argparse.Namespace) -> None:
    """Before the network comes up: what was on trial when the box died is taken back."""
    for change in box.changes():
        if change["state"] == "pending" and change["boot"] != boot_id():
            restore(box, change, "boot", "")


def status(box: Box, args: argparse.Namespace) -> None:
    """All changes known, the latest last, as JSON."""
    sys.stdout.write(json.dumps({"changes": box.changes()}) + "\n")


def restore(box: Box, change: Change, cause: str, detail: str) -> None:
    """The files first, then what reads them. It is on record only when it was done: a crash in between repeats it."""
    for file in change["files"]:
        put_back(box, box.folder(change["id"]), file)
    if cause == "boot":
        failed = tools.run(["netplan", "generate"]) if change["renderer"] == "netplan" else ""
    else:
        failed = put_in_force(change, gone=change["made"], back=True)
    change |= {"state": "rolled_back", "cause": cause, "ended_at": time.time(), "complete": not failed}
    change["detail"] = "\n".join(words for words in (detail, failed) if words)[-2000:]
    box.keep(change)
    stop_timers(change)


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=NAME, description=words, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/"))
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in (boot, status):
        verbs.add_parser(verb.__name__, help=verb.__doc__).set_defaults(do=verb)
    of_change = {}
    for verb in (arm, apply, confirm, rollback):
        of_change[verb.__name__] = parsed = verbs.add_parser(verb.__name__, help=verb.__doc__)
        parsed.set_defaults(do=verb)
        parsed.add_argument("change")
    of_change["rollback"].add_argument("--cause", choices=("timeout", "asked", "refused"), required=True)
    of_change["arm"].add_argument("--seconds", type=int, required=True)
    of_change["arm"].add_argument("--renderer", choices=RENDERERS, required=True)
    for names in ("--interface", "--made", "--removed"):
        of_change["arm"].add_argument(names, action="append", default=[])
    of_change["arm"].add_argument("file", nargs="*")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    args = arguments(argv)
    box = Box(args.root)
    try:
        with box.locked():
            args.do(box, args)
        return 0
    except Refused as refused:
        sys.stderr.write(f"{NAME}: {refused.code}: {refused}\n")
    except OSError as error:
        sys.stderr.write(f"{NAME}: file_refused: {error.filename}: {error.strerror}.\n")
    return 1
