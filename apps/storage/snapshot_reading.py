"""Reads the box's snapshots by name: never a list of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from apps.storage.adapters.zfs import snapshots as zfs
from apps.storage.adapters.zfs.values import word
from apps.storage.domain.snapshots import chunks
from apps.storage.reading import DEADLINE, named, read
from calypso.kernel import shell

DIFF_DEADLINE, DIFF_BYTES = 1800.0, 16 * 1024 * 1024  # seconds; what is read of a diff
A_CALL = 500  # names on one command line


def snapshots(names: Sequence[str]) -> dict[str, zfs.SeenSnapshot]:
    """Those of these full names that exist. Raises the tool's named error."""
    found: dict[str, zfs.SeenSnapshot] = {}
    for part in chunks(names, A_CALL):
        found |= {seen.name: seen for seen in zfs.parse_list(_existing(zfs.list_argv(part)))}
    return found


def holds(names: Sequence[str]) -> dict[str, list[str]]:
    """The tags of each of these snapshots that has any."""
    found: dict[str, list[str]] = {}
    for part in chunks(names, A_CALL):
        found |= zfs.parse_holds(_existing(zfs.holds_argv(part)))
    return found


def bookmarks(dataset: str) -> dict[str, zfs.SeenBookmark]:
    return {seen.name: seen for seen in zfs.parse_bookmarks(read(zfs.list_bookmarks_argv(dataset)))}


def written(datasets: Sequence[str]) -> dict[str, int]:
    """Bytes written to each of these datasets since its latest snapshot."""
    found: dict[str, int] = {}
    for part in chunks(datasets, A_CALL):
        found |= zfs.parse_written(_existing(zfs.written_argv(part)))
    return found


def origin(dataset: str) -> str:
    """The snapshot that it is a clone of; "" where it is none, or is not there."""
    return word(_existing(zfs.origin_argv(dataset)).strip())


def differences(older: str, newer: str) -> tuple[list[zfs.Difference], bool]:
    """What changed from a snapshot to a later one or to the dataset as it is now, and whether there is more."""
    argv = zfs.diff_argv(older, newer)
    result = shell.run(argv, deadline=DIFF_DEADLINE, keep=DIFF_BYTES)
    if not result.ok:
        raise named(result)
    text = result.stdout.rpartition("\n")[0] if result.truncated else result.stdout
    return zfs.parse_diff(text), result.truncated


def _existing(argv: Sequence[str]) -> str:
    """What the tool prints of those that exist; that others do not is no error here."""
    result = shell.run(argv, deadline=DEADLINE)
    if not result.ok and not all("does not exist" in line for line in result.stderr.splitlines() if line.strip()):
        raise named(result)
    return result.stdout
