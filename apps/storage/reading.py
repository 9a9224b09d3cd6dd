"""Reads the box's pools through the tools: the one way for scans, probes and health."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings

from apps.storage.adapters import zpool
from apps.storage.adapters.zfs import errors as zfs_errors
from apps.storage.adapters.zfs.lists import names_argv, parse_names
from apps.storage.compare.pools import SeenPool
from calypso.kernel import box, shell
from calypso.kernel.errors import CalypsoError, ToolGarbage

DEADLINE = 30.0  # seconds
SEARCH_DEADLINE = 300.0
JSON_SINCE = (2, 3)
NAMINGS: tuple[zpool.Naming, ...] = ("names", "guids", "paths")
LOOKS = 3  # at pools that change between one command and the next


@box.names_errors_of("zpool")
@box.names_errors_of("zfs")
def named(result: shell.Result) -> CalypsoError:
    """The adapter's named error of a failed zpool or zfs."""
    error_from = zfs_errors.error_from if result.argv[0] == "zfs" else zpool.error_from
    return error_from(list(result.argv), result.exit_code, result.stdout, result.stderr)


def read(argv: Sequence[str], *, deadline: float = DEADLINE, keep: int = shell.KEEP_BYTES) -> str:
    """What a reading command prints. Raises the tool's named error, ToolMissing, ToolTimeout or ToolGarbage."""
    result = shell.run(argv, deadline=deadline, keep=keep)
    if not result.ok:
        raise named(result)
    if result.truncated:
        raise ToolGarbage(f"{argv[0]} printed more than Calypso reads ({result.output_bytes} bytes).")
    return result.stdout


def version() -> tuple[int, ...]:
    """OpenZFS's version, asked anew: it changes with an update of the system."""
    return zpool.parse_version(read(zpool.version_argv()))


def pools(names: Sequence[str] = (), *, json: bool | None = None, surface: bool = False) -> list[SeenPool]:
    """All pools, or the named ones that exist, as list and status show them.

    ``json``: whether status has JSON. ``surface``: with trims and initialisations. A list of all that is not that of
    the status is not whole: no pool is gone for it. Raises ToolGarbage when they go on to differ.
    """
    json = version() >= JSON_SINCE if json is None else json
    look = _statuses_json if json else _statuses_text
    for _ in range(LOOKS):
        infos = {info.name: info for info in zpool.parse_list(read(zpool.list_argv()))}
        wanted = [name for name in names if name in infos]
        if names and not wanted:
            return []
        statuses = look(wanted, surface)
        if names or {status.name for status in statuses} == set(infos):
            return [SeenPool(infos[status.name], status) for status in statuses if status.name in infos]
    raise ToolGarbage("zpool list and zpool status differ on which pools there are.")


def _statuses_json(names: Sequence[str], surface: bool) -> tuple[zpool.PoolStatus, ...]:
    text = read(zpool.status_argv(json=True, names=names, surface=surface))
    return zpool.parse_status_json(text, now=int(time.time()))


def _statuses_text(names: Sequence[str], surface: bool) -> tuple[zpool.PoolStatus, ...]:
    """Three looks make one: the text tells GUIDs and paths only in place of names."""
    for _ in range(LOOKS):
        text, guids, paths = (
            read(zpool.status_argv(json=False, names=names, naming=naming, surface=surface and naming == "names"))
            for naming in NAMINGS
        )
        try:
            return zpool.parse_status_text(text, guids=guids, paths=paths)
        except ToolGarbage as error:
            garbage = error
    raise garbage


def datasets(pool: str) -> list[str]:
    """The names of a pool's file systems and volumes."""
    return list(parse_names(read(names_argv(pool))))


def properties(pool: str, names: Sequence[str]) -> dict[str, str]:
    """Values of a pool's properties, "" for none."""
    return {found.name: found.value for found in zpool.parse_get(read(zpool.get_argv(pool, names)))}


def importable(*, destroyed: bool) -> tuple[zpool.Importable, ...]:
    """The pools on attached disks that are not in use here. It reads the labels of all disks."""
    try:
        return zpool.parse_importable(read(zpool.importable_argv(destroyed=destroyed), deadline=SEARCH_DEADLINE))
    except zpool.NoSuchPool:  # older versions fail where there is none
        return ()


def note_the_look() -> None:
    """When everything was looked at last: the time of a file, for a scan that finds nothing writes nothing."""
    (settings.HOME.run / "looked").touch()


def looked_at() -> float | None:
    """Unix seconds of the last whole look, None before the first."""
    try:
        found: float = (settings.HOME.run / "looked").stat().st_mtime
    except OSError:
        return None
    return found
