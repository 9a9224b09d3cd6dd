"""What is written on a disk, asked of blkid(8) where no udev daemon has looked already.

lsblk is no help there: built with libudev it takes the type from udev alone and prints null (util-linux 2.38,
misc-utils/lsblk-properties.c). `probe` runs the tool and never fails.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from apps.storage.adapters import blkid
from apps.storage.devices.model import Use
from calypso.kernel.errors import CalypsoError

log = structlog.get_logger(__name__)

DEADLINE = 5.0  # seconds; a healthy disk answers in milliseconds
AMBIVALENT = 8  # exit code of blkid(8)
_KINDS = {"zfs_member": "zfs_member", "swap": "swap", "LVM2_member": "lvm", "crypto_LUKS": "encrypted"}


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
        result = shell.run(blkid.probe_argv(path), deadline=DEADLINE)
        return _answer(result.exit_code, result.stdout)
    except CalypsoError as error:
        log.info("disk_not_probed", path=path, error=str(error))
        return ()


def _answer(exit_code: int, stdout: str) -> tuple[Use, ...]:
    if exit_code == AMBIVALENT:  # two kinds of data overlap: surely not blank
        return (Use("filesystem", "ambivalent"),)
    return signature_uses(blkid.parse_export(stdout)) if exit_code == 0 else ()


def _kind(fstype: str) -> str:
    return "raid" if fstype.endswith("_raid_member") else _KINDS.get(fstype, "filesystem")
