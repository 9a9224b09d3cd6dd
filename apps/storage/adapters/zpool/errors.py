"""The one place that matches zpool(8)'s words and names its refusals.

The wordings are recorded ones of OpenZFS 2.3, and those of libzfs_util.c and zpool_main.c for what was not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.storage.adapters.zpool.refusals import (
    ActivityRunning,
    AlreadyReplacing,
    AlreadyScrubbing,
    BadName,
    BadProperty,
    BadUsage,
    CheckpointExists,
    DeviceIoError,
    DeviceIsSpare,
    DeviceTooSmall,
    DifferentSizes,
    DiskHasData,
    DiskInExportedPool,
    DiskInUse,
    ExpansionRunning,
    FeatureDisabled,
    MissingDevices,
    MixedReplication,
    NoActivity,
    NoCheckpoint,
    NoReplicas,
    NoSuchDevice,
    NoSuchPool,
    NotAttachable,
    NotDetachable,
    NotRemovable,
    NotRemoving,
    NotScrubbing,
    OutOfSpace,
    PermissionDenied,
    PoolBusy,
    PoolDamaged,
    PoolExists,
    PoolForeign,
    PoolReadOnly,
    PoolSuspended,
    Refusal,
    RemovalRunning,
    ReservedName,
    Resilvering,
    SameDiskTwice,
    SectorSizeDiffers,
    SparesShared,
    TooFewDisks,
    TrimUnsupported,
    UnsupportedFeatures,
)
from calypso.kernel.errors import ToolError, ToolTimeout

# First match wins, so the particular stands before the general.
_REFUSALS: tuple[tuple[type[Refusal], str], ...] = (
    (PoolSuspended, r"pool I/O is currently suspended"),
    (PoolExists, r"pool already exists|a pool with that name (?:already exists|is already created)"),
    (UnsupportedFeatures, r"unsupported feature|newer (?:ZFS )?version|uses the following feature"),
    (FeatureDisabled, r"feature must be enabled|feature is not enabled|must be upgraded"),
    (DiskInUse, r"is in use and contains|is part of (?:potentially )?active pool|is currently mounted"),
    (DiskInExportedPool, r"is part of exported pool"),
    (DiskHasData, r"contains a filesystem of type|contains a corrupt primary EFI label|does not contain an EFI label"),
    (PermissionDenied, r"[Pp]ermission denied|must be superuser|Operation not permitted"),
    (TooFewDisks, r"requires at least \d+ devices|no disks available for data|invalid number of dRAID spares"),
    (DifferentSizes, r"contains devices of different sizes"),
    (MixedReplication, r"mismatched replication level|both (?:mirror|disk|raidz|file)\S* and \S+ vdevs are present"),
    (SameDiskTwice, r"one or more vdevs refer to the same device"),
    (ReservedName, r"name is reserved|reserved disk name"),
    (BadName, r"name must begin with a letter|invalid character .* in (?:pool )?name|name is too long|in name\b"),
    (PoolForeign, r"was previously in use from another system|pool is imported on|has an active multihost"),
    (SectorSizeDiffers, r"different optimal sector size"),
    (NotRemovable, r"same sector size and not be raidz|operation not supported on this type of pool"),
    (
        RemovalRunning,
        r"removal may already be in progress|device removal (?:is )?in progress|is being removed",
    ),
    (NotRemoving, r"no removal in progress|no active removal|there are no removals"),
    (AlreadyReplacing, r"already in replacing/spare config|cannot replace a replacing device"),
    (ExpansionRunning, r"raidz expansion in progress"),
    (NotAttachable, r"can only (?:be )?attach|new device must be a single disk"),
    (TrimUnsupported, r"support trim operations|trim not supported"),
    (NoActivity, r"there is no active (?:trim|initialization)|no active (?:trim|initialization)"),
    (ActivityRunning, r"currently (?:trimming|initializing)|already (?:trimming|initializing)"),
    (NoCheckpoint, r"checkpoint does not exist|no checkpoint"),
    (SparesShared, r"active shared spares"),
    (PoolDamaged, r"Destroy and re-create the pool"),
    (MissingDevices, r"devices below are missing or corrupted|one or more devices is currently unavailable"),
    (NoSuchPool, r"no such pool|dataset does not exist|no pools available to import"),
    (NoSuchDevice, r"cannot resolve path|no such device in|cannot find vdev|No such file or directory|no such device"),
    (AlreadyScrubbing, r"currently scrubbing"),
    (Resilvering, r"currently resilvering"),
    (NotScrubbing, r"there is no active scrub|no active scrub"),
    (PoolReadOnly, r"pool is read-only|read-only file system"),
    (BadProperty, r"is not a valid pool or vdev property|invalid property|invalid '\S+' property|is readonly$"),
    (
        BadProperty,
        r"property list|error reading compatibility|must be one of|bad numeric value|^property '\S+' can only be",
    ),
    (PoolBusy, r"pool or dataset is busy|pool is busy|is busy$"),
    (NoReplicas, r"no valid replicas"),
    (DeviceTooSmall, r"device is too small|one or more devices is less than the minimum size"),
    (DeviceIsSpare, r"device is reserved as a hot spare"),
    (NotDetachable, r"only applicable to mirror and replacing vdevs"),
    (OutOfSpace, r"out of space"),
    (CheckpointExists, r"checkpoint exists|currently discarding checkpoint"),
    (DeviceIoError, r"I/O error|Input/output error"),
    (BadUsage, r"^usage:|unrecognized command|invalid option"),
)
_PREAMBLE = ("invalid vdev specification", "use '-f' to override the following errors:")


def error_from(argv: Sequence[str], exit_code: int | None, stdout: str, stderr: str) -> ToolError:
    """The named error for what zpool(8) printed; a plain ToolError for words that are not known.

    message: the tool's own first telling line. detail: all that it printed. exit_code: None if it was killed. The one
    refusal without a word that is known is the export of a suspended pool.
    """
    detail = "\n".join(part.strip("\n") for part in (stderr, stdout) if part.strip())
    if exit_code is None:
        return ToolTimeout(_silence(argv, exit_code), detail=detail, hint="A device may hang. Look at the pool.")
    if not detail and list(argv[1:2]) == ["export"]:
        return PoolSuspended(_silence(argv, exit_code), hint=PoolSuspended.default_hint)
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
