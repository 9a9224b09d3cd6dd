"""What is written on a disk, asked of blkid(8) where no udev daemon has looked already.

lsblk is no help there: built with libudev it takes the type from udev alone and prints null (util-linux 2.38,
misc-utils/lsblk-properties.c). Building and parsing are pure; `probe` runs the tool and never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog

from apps.storage.devices.model import Use
from calypso.kernel.errors import CalypsoError, ToolGarbage

log = structlog.get_logger(__name__)

DEADLINE = 5.0  # seconds; a healthy disk answers in milliseconds
NOTHING_FOUND, AMBIVALENT = 2, 8  # exit codes of blkid(8)
_KINDS = {"zfs_member": "zfs_member", "swap": "swap", "LVM2_member": "lvm", "crypto_LUKS": "encrypted"}


def probe_argv(path: str) -> list[str]:
    """Reads the disk itself (-p), no cache; `export` is one KEY=value a line."""
    return ["blkid", "-p", "-o", "export", path]


def parse_export(text: str) -> dict[str, str]:
    """The values of ``blkid -o export``, unescaped. Raises ToolGarbage on a line that is no KEY=value."""
    pairs = [line.partition("=") for line in text.split("\n") if line]
    for key, equals, _ in pairs:
        if not equals or not re.fullmatch(r"[A-Z0-9_]+", key):
            raise ToolGarbage("blkid printed something unexpected.", detail=text)
    return {key: re.sub(r"\\(.)", r"\1", value) for key, _, value in pairs}


def signature_uses(values: Mapping[str, str]) -> tuple[Use, ...]:
    """Uses from TYPE, LABEL and PTTYPE."""
    table, fstype, label = (values.get(key, "") for key in ("PTTYPE", "TYPE", "LABEL"))
    tables = (Use("partition_table", table),) if table else ()
    return tables + ((Use(_kind(fstype), label or fstype),) if fstype else ())


def from_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """udev's names for the values that blkid gives."""
    names = {"TYPE": "ID_FS_TYPE", "LABEL": "ID_FS_LABEL", "PTTYPE": "ID_PART_TABLE_TYPE"}
    return {key: properties[name] for key, name in names.items() if name in properties}


def probe(path: str) -> tuple[Use, ...]:
    """What blkid finds on the device; empty when there is nothing or it can't tell."""
    from calypso.kernel import shell  # the first import of the process-starting room only where it is needed

    try:
        result = shell.run(probe_argv(path), deadline=DEADLINE)
        return _answer(result.exit_code, result.stdout)
    except CalypsoError as error:
        log.info("disk_not_probed", path=path, error=str(error))
        return ()


def _answer(exit_code: int, stdout: str) -> tuple[Use, ...]:
    if exit_code == AMBIVALENT:  # two kinds of data overlap: surely not blank
        return (Use("filesystem", "ambivalent"),)
    return signature_uses(parse_export(stdout)) if exit_code == 0 else ()


def _kind(fstype: str) -> str:
    return "raid" if fstype.endswith("_raid_member") else _KINDS.get(fstype, "filesystem")
