"""The one place that matches zpool(8)'s words and names its refusals. The wordings are recorded ones of OpenZFS 2.3."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calypso.kernel.errors import ToolError


class _Refusal(ToolError):  # errors are nouns here, as in calypso.kernel.errors
    """A named refusal: `hint` says what to do next, `status` is 409 as the state of the box forbids the wish."""

    status = 409
    default_hint = ""


class PoolExists(_Refusal):
    code = "pool_exists"
    default_hint = "Choose another name, or destroy or export the pool of that name first."


class DiskInUse(_Refusal):
    code = "disk_in_use"
    default_hint = "The disk belongs to an imported pool or is mounted. Choose another one; force does not help."


class DiskHasData(_Refusal):
    code = "disk_has_data"
    default_hint = "The disk holds a file system or a partition. If its contents may be lost, use force."


class DiskInExportedPool(_Refusal):
    code = "disk_in_exported_pool"
    default_hint = "Import that pool to keep its data, or use force to overwrite the disk."


class NoSuchDevice(_Refusal):
    code = "no_such_device"
    status = 404
    default_hint = "The disk may have been pulled. Look at the list of disks, and name it by its /dev/disk/by-id path."


class NoSuchPool(_Refusal):
    code = "no_such_pool"
    status = 404
    default_hint = "No imported pool has this name. Look at the list of pools, or import it first."


class ReservedName(_Refusal):
    code = "reserved_name"
    status = 422
    default_hint = "Names beginning with mirror, raidz, draid or spare, and log, are reserved. Choose another one."


class BadName(_Refusal):
    code = "bad_name"
    status = 422
    default_hint = "Begin with a letter and use letters, digits and - _ . : only."


class BadProperty(_Refusal):
    code = "bad_property"
    status = 422
    default_hint = "Correct the property's name or value; zpoolprops(7) and zfsprops(7) list them."


class BadUsage(_Refusal):
    code = "bad_usage"
    default_hint = "This version of zpool does not take the command. Check which OpenZFS is installed."
    status = 502


class TooFewDisks(_Refusal):
    code = "too_few_disks"
    status = 422
    default_hint = "A mirror and raidz1 need at least 2 disks, raidz2 3 and raidz3 4."


class SameDiskTwice(_Refusal):
    code = "same_disk_twice"
    status = 422
    default_hint = "One disk was named twice, maybe by two paths, or it belongs to an md or LVM device."


class MixedReplication(_Refusal):
    code = "mixed_replication"
    default_hint = "Give all data vdevs the same type and number of disks, or use force to mix them."


class DifferentSizes(_Refusal):
    code = "different_sizes"
    default_hint = "Use disks of one size, or use force and lose what the bigger ones have more."


class DeviceTooSmall(_Refusal):
    code = "device_too_small"
    default_hint = "Use a disk of at least the old one's size; ZFS takes no disk below 64 MiB."


class PoolBusy(_Refusal):
    code = "pool_busy"
    default_hint = "Something uses the pool: a share, an open file, or a volume that is a LUN. Stop that first."


class PoolReadOnly(_Refusal):
    code = "pool_read_only"
    default_hint = "Export the pool and import it without readonly."


class PoolSuspended(_Refusal):
    code = "pool_suspended"
    default_hint = "Reconnect the pool's disks and clear its errors; until then all its I/O waits."


class DeviceIoError(_Refusal):
    code = "device_io_error"
    default_hint = "The device still does not answer. Reconnect it, then try again."


class PermissionDenied(_Refusal):
    code = "permission_denied"
    status = 502
    default_hint = "Changing pools needs root: the worker must run as root."


class AlreadyScrubbing(_Refusal):
    code = "already_scrubbing"
    default_hint = "Wait for the scrub to end, or stop it."


class NotScrubbing(_Refusal):
    code = "not_scrubbing"
    default_hint = "There is nothing to pause or stop; the scrub may just have ended."


class Resilvering(_Refusal):
    code = "resilvering"
    default_hint = "Wait for the resilver to end: it reads and checks the data, too."


class NoReplicas(_Refusal):
    code = "no_replicas"
    default_hint = "No other disk holds this data. Replace or reconnect the missing ones first."


class NotDetachable(_Refusal):
    code = "not_detachable"
    default_hint = "Only a disk of a mirror, or one being replaced, can be detached. Use replace instead."


class DeviceIsSpare(_Refusal):
    code = "device_is_spare"
    default_hint = "The hot spare is not in use. Remove it from the pool instead."


class OutOfSpace(_Refusal):
    code = "out_of_space"
    default_hint = "Free space on the pool or add disks."


class CheckpointExists(_Refusal):
    code = "checkpoint_exists"
    default_hint = "Discard the existing checkpoint first."


class PoolDamaged(_Refusal):
    code = "pool_damaged"
    default_hint = "Too many disks are missing or damaged. Reconnect them and import again."


class MissingDevices(_Refusal):
    code = "missing_devices"
    default_hint = "Reconnect the missing devices. A missing log can be given up when importing, with the last writes."


class PoolForeign(_Refusal):
    code = "pool_foreign"
    default_hint = "Another system used the pool last. Make sure that it is off there, then import with force."


# First match wins, so the particular stands before the general.
_REFUSALS: tuple[tuple[type[_Refusal], str], ...] = (
    (PoolSuspended, r"pool I/O is currently suspended"),
    (PoolExists, r"pool already exists|a pool with that name already exists"),
    (DiskInUse, r"is in use and contains|is part of (?:potentially )?active pool|is currently mounted"),
    (DiskInExportedPool, r"is part of exported pool"),
    (DiskHasData, r"contains a filesystem of type|contains a corrupt primary EFI label|does not contain an EFI label"),
    (PermissionDenied, r"[Pp]ermission denied|must be superuser|Operation not permitted"),
    (TooFewDisks, r"requires at least \d+ devices"),
    (DifferentSizes, r"contains devices of different sizes"),
    (MixedReplication, r"mismatched replication level|both (?:mirror|disk|raidz|file)\S* and \S+ vdevs are present"),
    (SameDiskTwice, r"one or more vdevs refer to the same device"),
    (ReservedName, r"name is reserved|reserved disk name"),
    (BadName, r"name must begin with a letter|invalid character .* in (?:pool )?name|name is too long|in name\b"),
    (PoolForeign, r"was previously in use from another system"),
    (PoolDamaged, r"Destroy and re-create the pool"),
    (MissingDevices, r"devices below are missing or corrupted|one or more devices is currently unavailable"),
    (NoSuchPool, r"no such pool|dataset does not exist"),
    (NoSuchDevice, r"cannot resolve path|no such device in|No such file or directory|no such device"),
    (AlreadyScrubbing, r"currently scrubbing"),
    (Resilvering, r"currently resilvering"),
    (NotScrubbing, r"there is no active scrub|no active scrub"),
    (PoolReadOnly, r"pool is read-only|read-only file system"),
    (BadProperty, r"is not a valid pool or vdev property|invalid property|invalid '\S+' property|is readonly$"),
    (BadProperty, r"property list|must be one of|bad numeric value"),
    (PoolBusy, r"pool or dataset is busy|pool is busy|is busy$"),
    (NoReplicas, r"no valid replicas"),
    (DeviceTooSmall, r"device is too small|one or more devices is less than the minimum size"),
    (DeviceIsSpare, r"device is reserved as a hot spare"),
    (NotDetachable, r"only applicable to mirror and replacing vdevs"),
    (OutOfSpace, r"out of space"),
    (CheckpointExists, r"checkpoint exists"),
    (DeviceIoError, r"I/O error|Input/output error"),
    (BadUsage, r"^usage:|unrecognized command|invalid option"),
)
_PREAMBLE = ("invalid vdev specification", "use '-f' to override the following errors:")


def error_from(argv: Sequence[str], exit_code: int | None, stdout: str, stderr: str) -> ToolError:
    """The named error for what zpool(8) printed; a plain ToolError for words that are not known.

    message: the tool's own first telling line. detail: all that it printed. exit_code: None if it was killed.
    """
    detail = "\n".join(part.strip("\n") for part in (stderr, stdout) if part.strip())
    message = _telling_line(stderr) or _telling_line(stdout) or _silence(argv, exit_code)
    for kind, pattern in _REFUSALS:
        if re.search(pattern, detail, re.MULTILINE):
            return kind(message, detail=detail, hint=kind.default_hint)
    return ToolError(message, detail=detail, hint="The tool's own words are in the details.")


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line not in _PREAMBLE), lines[0] if lines else "")


def _silence(argv: Sequence[str], exit_code: int | None) -> str:
    what = " ".join(argv[:2]) or "The tool"
    return f"{what} was ended" if exit_code is None else f"{what} failed with exit code {exit_code} and said nothing"
