"""systemd's refusals as named errors. Pure."""

from __future__ import annotations

from apps.system.adapters.systemd.calls import MANAGER, NAME
from calypso.kernel.errors import CalypsoError, ToolError
from calypso.kernel.plans import Request


class NoSuchUnit(ToolError):
    code = "no_such_unit"


class UnitIsMasked(ToolError):
    code = "unit_masked"


class BadUnit(ToolError):
    code = "bad_unit"


class NotReloadable(ToolError):
    code = "not_reloadable"


class NotByHand(ToolError):
    code = "not_by_hand"


class UnitFailed(ToolError):
    code = "unit_failed"


class FileInTheWay(ToolError):
    code = "unit_file_in_the_way"


class JobTimeout(ToolError):
    code = "unit_timeout"


_FIX = "Look at its file, correct it, and have systemd read it again."
_LOG = "Look at its log."
_KNOWN: dict[str, tuple[type[ToolError], str, str]] = {
    f"{NAME}.NoSuchUnit": (NoSuchUnit, "There is no unit “{unit}” on the box.", ""),
    "org.freedesktop.DBus.Error.FileNotFound": (NoSuchUnit, "There is no unit “{unit}” on the box.", ""),
    f"{NAME}.UnitMasked": (UnitIsMasked, "“{unit}” is masked: nothing can start it.", "Unmask it first."),
    f"{NAME}.BadUnitSetting": (BadUnit, "The file of “{unit}” is not right.", _FIX),
    f"{NAME}.LoadFailed": (BadUnit, "“{unit}” could not be loaded.", _FIX),
    f"{NAME}.UnitExists": (
        FileInTheWay,
        "A file of “{unit}” in /etc/systemd/system is in the way.",
        "systemd masks only what has its file elsewhere: disable it, or move its file to /usr/lib/systemd/system.",
    ),
    f"{NAME}.JobTypeNotApplicable": (NotReloadable, "“{unit}” can't do this.", "Restart it instead."),
    f"{NAME}.OnlyByDependency": (NotByHand, "“{unit}” is started and stopped by other units only.", ""),
    f"{MANAGER}.JobRemoved.failed": (UnitFailed, "“{unit}” failed.", _LOG),
    f"{MANAGER}.JobRemoved.timeout": (JobTimeout, "“{unit}” did not do it in the time that it is given.", _LOG),
    f"{MANAGER}.JobRemoved.dependency": (UnitFailed, "A unit that “{unit}” needs failed.", _LOG),
    f"{MANAGER}.JobRemoved.canceled": (ToolError, "Another job took the place of that of “{unit}”.", "Ask again."),
}


def error_from(request: Request, name: str, message: str, why: str = "") -> CalypsoError | None:
    """The named error; ``why``: the reason in words, where the unit itself tells one. None: it is no error of these."""
    if name not in _KNOWN:
        return None
    kind, words, hint = _KNOWN[name]
    text = words.format(unit=unit_of_call(request))
    if why and kind is UnitFailed:
        text = f"{text.removesuffix('.')}: {why}."
    return kind(text, detail=f"{name}: {message}", hint=hint)


def unit_of_call(request: Request) -> str:
    """The unit that a call is about, or ""."""
    first = request.body[0] if request.body else ""
    return str(first[0] if isinstance(first, list | tuple) and first else first or "")
