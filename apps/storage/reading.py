"""Reads the box's pools through the tools: the one way for scans, probes and health."""

from __future__ import annotations

import time
from collections.abc import Sequence

from apps.storage.adapters import zpool
from apps.storage.adapters.zfs import errors as zfs_errors
from apps.storage.adapters.zfs.lists import names_argv, parse_names
from apps.storage.compare.pools import SeenPool
from calypso.kernel import box, shell
from calypso.kernel.errors import CalypsoError, ToolGarbage

DEADLINE = 30.0  # seconds
JSON_SINCE = (2, 3)
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


def pools(names: Sequence[str] = (), *, json: bool | None = None) -> list[SeenPool]:
    """All pools, or the named ones that exist, as list and status show them. ``json``: whether status has JSON."""
    infos = {info.name: info for info in zpool.parse_list(read(zpool.list_argv()))}
    wanted = [name for name in names if name in infos] if names else list(infos)
    if not wanted:
        return []
    json = version() >= JSON_SINCE if json is None else json
    statuses = _statuses_json(wanted if names else ()) if json else _statuses_text(wanted if names else ())
    return [SeenPool(infos[status.name], status) for status in statuses if status.name in infos]


def _statuses_json(names: Sequence[str]) -> tuple[zpool.PoolStatus, ...]:
    return zpool.parse_status_json(read(zpool.status_argv(json=True, names=names)), now=int(time.time()))


def _statuses_text(names: Sequence[str]) -> tuple[zpool.PoolStatus, ...]:
    """Three looks make one: the text tells GUIDs and paths only in place of names."""
    for _ in range(LOOKS):
        text, guids, paths = (
            read(zpool.status_argv(json=False, names=names, naming=naming)) for naming in ("names", "guids", "paths")
        )
        try:
            return zpool.parse_status_text(text, guids=guids, paths=paths)
        except ToolGarbage as error:
            garbage = error
    raise garbage


def datasets(pool: str) -> list[str]:
    """The names of a pool's file systems and volumes."""
    return list(parse_names(read(names_argv(pool))))
