"""The one place that matches zfs(8)'s words and names its refusals. The wordings are recorded ones of OpenZFS 2.3.

Exit codes tell little: 1 for most refusals, 2 for usage and for a snapshot of a missing dataset, 255 for refused
``set`` and for keys. What concerns the pool as a whole has the same names as in zpool's errors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.storage.adapters.zfs.refusals import (
    AlreadyMounted,
    BadName,
    BadUsage,
    BadValue,
    BelowUsed,
    BookmarkExists,
    ClonesInTheWay,
    DatasetBusy,
    DatasetExists,
    DifferentPools,
    FolderNotEmpty,
    HasChildren,
    HasClones,
    HoldExists,
    IsPool,
    KeyAlreadyLoaded,
    KeyFormatMissing,
    KeyInUse,
    KeyMissing,
    KeyNotLoaded,
    KeyUnavailable,
    NewerSnapshots,
    NoParent,
    NoSuchDataset,
    NoSuchHold,
    NoSuchSnapshot,
    NotAClone,
    NotAnEarlierSnapshot,
    NotAStream,
    NotEncrypted,
    NotEncryptionRoot,
    NotForThisType,
    NotMountable,
    NotMounted,
    ParentNotEncrypted,
    PassphraseTooShort,
    ReadOnlyProperty,
    SnapshotHeld,
    StreamToTerminal,
    UnknownProperty,
    WrongKey,
)
from apps.storage.adapters.zpool.refusals import NoSuchPool, OutOfSpace, PermissionDenied, PoolReadOnly, PoolSuspended
from calypso.kernel.errors import ToolError

_Kind = type[ToolError]

# First match wins, so the particular stands before the general.
_REFUSALS: tuple[tuple[_Kind, str], ...] = (
    (PoolSuspended, r"pool I/O is currently suspended"),
    (ClonesInTheWay, r"^cannot rollback to .*: clones of previous snapshots exist"),
    (NewerSnapshots, r"^cannot rollback to .*: more recent snapshots or bookmarks exist"),
    (HasClones, r"has dependent clones"),
    (HasChildren, r"(?:filesystem|volume) has children"),
    (IsPool, r"operation does not apply to pools"),
    (SnapshotHeld, r"it's being held"),
    (HoldExists, r"tag already exists on this dataset"),
    (NoSuchHold, r"no such tag on this dataset"),
    (BookmarkExists, r"bookmark exists"),
    (NoSuchSnapshot, r"could not find any snapshots to destroy"),
    (PassphraseTooShort, r"Passphrase too (?:short|long)"),
    (KeyFormatMissing, r"Keyformat required for new encryption root"),
    (KeyMissing, r": encryption failure$|Invalid (?:hex|raw) key|[Kk]ey too (?:short|long)"),
    (KeyInUse, r"^Key unload error: .* is busy"),
    (WrongKey, r"Incorrect key provided"),
    (KeyAlreadyLoaded, r"Key already loaded"),
    (KeyNotLoaded, r"[Kk]ey(?: is)? (?:already unloaded|must be loaded)"),
    (ParentNotEncrypted, r"Parent must be encrypted"),
    (NotEncryptionRoot, r"(?:inherited encryption key|must be encryption root|is not an? encryption root)"),
    (NotEncrypted, r"is not encrypted|Dataset not encrypted"),
    (KeyUnavailable, r"encryption key not loaded|Parent key must be loaded"),
    (AlreadyMounted, r"filesystem already mounted"),
    (NotMounted, r"not currently mounted"),
    (NotMountable, r"'canmount' property is set to 'off'|legacy mountpoint|no mountpoint set"),
    (FolderNotEmpty, r"directory is not empty"),
    (DatasetBusy, r"(?:pool or dataset|mountpoint or dataset|dataset) is busy"),
    (NotAClone, r"not a cloned filesystem"),
    (DifferentPools, r"source and target pools differ|datasets must be within same pool"),
    (NoParent, r"parent does not exist"),
    (NoSuchPool, r"no such pool"),
    (BadName, r"(?:invalid character|delimiters?|trailing slash|leading slash|empty component) .*\bname\b"),
    (BadName, r"(?:trailing|leading) slash in name|name is too long|missing .* delimiter in|self reference"),
    (NoSuchDataset, r"dataset does not exist|no such (?:snapshot|dataset)"),
    (DatasetExists, r"dataset already exists"),
    (BelowUsed, r"size is less than current used or reserved space"),
    (OutOfSpace, r"out of space"),
    (NotForThisType, r"does not apply to datasets of this type"),
    (ReadOnlyProperty, r"' is readonly"),
    (UnknownProperty, r"invalid property"),
    (BadValue, r"must be (?:one of|a multiple of|power of 2|within|greater than|a string|an? )|bad numeric value"),
    (
        BadValue,
        r"value is too large|invalid value|use 'none' to disable|numeric value is too large|is not a valid number",
    ),
    (NotAStream, r"failed to read from stream|invalid stream|incomplete stream"),
    (StreamToTerminal, r"Stream can not be written to a terminal"),
    (NotAnEarlierSnapshot, r"not an earlier snapshot from the same fs"),
    (PermissionDenied, r"[Pp]ermission denied|must be superuser|Operation not permitted|Insufficient privileges"),
    (PoolReadOnly, r"pool is read-only|[Rr]ead-only file system|dataset is read-only"),
    (BadUsage, r"^usage:|unrecognized command|invalid option|missing .* argument"),
)
_CONTINUES = re.compile(r"use '-[rRf]' to ")


def error_from(argv: Sequence[str], exit_code: int | None, stdout: str, stderr: str) -> ToolError:
    """The named error for what zfs(8) printed; a plain ToolError for words that are not known.

    message: the tool's own first line. detail: all that it printed. exit_code: None if it was killed. What the tool
    lists as being in the way, below ``use '-r' to …``, is in the error's extra member ``names``.
    """
    detail = "\n".join(part.strip("\n") for part in (stderr, stdout) if part.strip())
    message = _first_line(stderr) or _first_line(stdout) or _silence(argv, exit_code)
    for kind, pattern in _REFUSALS:
        if re.search(pattern, detail, re.MULTILINE):
            hint = getattr(kind, "default_hint", "")
            return kind(message, detail=detail, hint=hint, names=in_the_way(stderr))
    return ToolError(message, detail=detail, hint="The tool's own words are in the details.")


def in_the_way(stderr: str) -> list[str]:
    """The datasets, snapshots and bookmarks that a refusal lists below ``use '-r' to …:``, in its order."""
    lines = stderr.splitlines()
    start = next((at for at, line in enumerate(lines) if _CONTINUES.match(line) and line.endswith(":")), None)
    return [] if start is None else [line for line in lines[start + 1 :] if line and not line[0].isspace()]


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _silence(argv: Sequence[str], exit_code: int | None) -> str:
    what = " ".join(argv[:2]) or "The tool"
    return f"{what} was ended" if exit_code is None else f"{what} failed with exit code {exit_code} and said nothing"
