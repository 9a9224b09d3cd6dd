"""How a configuration file is replaced: a draft beside it, a backup, one rename; and why the system may refuse it."""

from __future__ import annotations

import errno
import os
import secrets as randomness
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from calypso.kernel.errors import Conflict
from calypso.kernel.file_text import digest, to_bytes

BACKUPS = 30  # kept of each file


class FileRefused(Conflict):
    """A file that can't be read or written as things are; it is untouched."""

    code = "file_refused"


def path(name: str) -> Path:
    """Where a path of the box is: itself, or below the folder that stands for the simulated box."""
    root = Path(settings.CALYPSO_BOX_ROOT)
    if settings.CALYPSO_LAB_FILES and not root.exists():
        import_string(settings.CALYPSO_LAB_FILES)(root)
    return root / name.lstrip("/")


@contextmanager
def drafted(name: str, text: str, mode: int) -> Iterator[Path]:
    """The new file beside the old one, with its owner and mode, on the disk; gone after the block if not put in place.

    Its name has no ending that chronyd, netplan and the like look for.
    """
    target = path(name)
    draft = target.with_name(f".{target.name}.{randomness.token_hex(4)}.calypso")
    with refusing(name):
        if target.parent.suffix == ".d" and target.parent.parent.is_dir():  # a folder for drop-ins
            target.parent.mkdir(exist_ok=True)
        for left in target.parent.glob(f".{target.name}.*.calypso"):  # by a crash; operations take turns here
            left.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with refusing(name), os.fdopen(descriptor, "wb") as stream:
            stream.write(to_bytes(text))
            _dress(stream.fileno(), target, mode)
            stream.flush()
            os.fsync(stream.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _dress(descriptor: int, target: Path, mode: int) -> None:
    """Owner, mode and extended attributes (access lists, SELinux) of the file that it replaces."""
    try:
        like = target.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o7777)
    with suppress(OSError):  # a file system that has none
        for attribute in os.listxattr(target):
            with suppress(OSError):  # one that only the kernel sets
                os.setxattr(descriptor, attribute, os.getxattr(target, attribute))


def put(draft: Path, name: str) -> None:
    with refusing(name):
        draft.replace(path(name))
        _sync(path(name).parent)


def remove(name: str) -> None:
    with refusing(name):
        path(name).unlink()
        _sync(path(name).parent)


def _sync(folder: Path) -> None:
    """So that the name, too, outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- backups ----------------------------------------------------------------------------------------------------------


def _backups(name: str) -> Path:
    folder: Path = settings.HOME.backups / "files" / name.lstrip("/")
    return folder


def back_up(name: str, text: str) -> None:
    """Keeps the last ones of each file, by time and digest; as secret as the file itself may be."""
    folder = _backups(name)
    kept = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{digest(text)}"
    draft = folder / f".{kept.name}"
    with refusing(str(folder)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(to_bytes(text))
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(kept)
        _sync(folder)
        for old in sorted(folder.glob("[0-9]*"))[:-BACKUPS]:
            old.unlink(missing_ok=True)


def backup(name: str, wanted: str) -> Path | None:
    return max(_backups(name).glob(f"[0-9]*-{wanted}"), default=None)


# --- refusals ---------------------------------------------------------------------------------------------------------

_REASONS: dict[int, tuple[str, str, str]] = {
    errno.EROFS: ("read_only_filesystem", "its file system is read-only", "Mount it read-write, then ask again."),
    errno.EACCES: ("file_not_permitted", "Calypso may not", "Look at the owner and mode of the file and its folder."),
    errno.EPERM: ("file_not_permitted", "Calypso may not", "Look at lsattr(1): it may be immutable."),
    errno.ENOENT: ("folder_missing", "its folder is not there", "Install the program that reads it."),
    errno.ENOTDIR: ("folder_missing", "its folder is not there", "Install the program that reads it."),
    errno.ENOSPC: ("disk_full", "its file system is full", "Make room, then ask again."),
    errno.EDQUOT: ("disk_full", "its quota is used up", "Make room, then ask again."),
    errno.EISDIR: ("file_not_text", "it is a folder", "Look at what is there."),
    errno.ELOOP: ("file_is_link", "it is a link", "Look at where it leads, and who made it."),
}


@contextmanager
def refusing(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refusal(error, name) from error


def refusal(error: OSError, name: str) -> FileRefused:
    code, why, hint = _REASONS.get(error.errno or 0, ("file_refused", error.strerror or "the system refuses", ""))
    return FileRefused(f"{name} can't be read or written: {why}.", code=code, detail=str(error.strerror), hint=hint)
