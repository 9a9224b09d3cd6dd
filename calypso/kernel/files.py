"""The only place that writes configuration files of the box: whole or not at all, checked before, backed up, undone.

What others wrote is kept byte for byte. A file's text stays on the box: a plan has its digests, and the lines that
change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from calypso.kernel import shell
from calypso.kernel.errors import Conflict, StalePlan
from calypso.kernel.file_swap import FileRefused, back_up, backup, drafted, path, put, refusal, remove
from calypso.kernel.file_text import diff, digest, to_text
from calypso.kernel.plans import Outcome, Write
from calypso.kernel.redaction import redact

MOST_BYTES = 1024 * 1024  # of a configuration file
CHECK_SECONDS = 30.0

#: What a person or a program asks of a file: its old text and arguments → its new text. Pure.
Edit = Callable[..., str]
_edits: dict[str, Edit] = {}


class CheckFailed(Conflict):
    """The program that reads the file refuses what it would be; it is untouched."""

    code = "configuration_refused"


def edit(name: str) -> Callable[[Edit], Edit]:
    """Registers a pure function ``(text, **args) -> text`` that a Write step names. A missing file's text is ""."""

    def register(function: Edit) -> Edit:
        _edits[name] = function
        return function

    return register


# --- looking ----------------------------------------------------------------------------------------------------------


def exists(name: str) -> bool:
    """Whether there is something of this path, be it a link that leads nowhere."""
    return os.path.lexists(path(name))


def link_of(name: str) -> str:
    """Where a link leads to, as it says itself; "" for what is no link."""
    try:
        return str(path(name).readlink())
    except OSError:
        return ""


def names(folder: str) -> list[str]:
    """The paths of what is in a folder of the box, in order; none where there is no such folder."""
    try:
        return sorted(f"{folder.rstrip('/')}/{entry.name}" for entry in path(folder).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise refusal(error, folder) from error


def read(name: str) -> str | None:
    """The text of a file, None where there is none. Bytes that are no UTF-8 come as lone surrogates, and go so.

    Raises FileRefused.
    """
    try:
        with path(name).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refusal(error, name) from error
    if len(data) > MOST_BYTES or b"\0" in data:
        raise FileRefused(f"{name} is no configuration file: it is too large, or not text.", code="file_not_text")
    return to_text(data)


# --- planning ---------------------------------------------------------------------------------------------------------


def write_step(
    title: str,
    name: str,
    edit: str,
    args: dict[str, Any],
    *,
    check: Sequence[str] = (),
    mode: int = 0o644,
    records: Sequence[Outcome] = (),
) -> Write | None:
    """The step that edits a file, from what stands in it now; None when nothing would change. Raises FileRefused.

    ``check``: the argv of a program that exits 0 if the file is right, with ``{file}`` for its path. ``mode``: of a
    file that is made; an existing one keeps its owner and mode.
    """
    before = read(name)
    after = _edits[edit](before or "", **args)
    if after == before:
        return None
    _refuse_link(name)
    return Write(
        title=title,
        path=name,
        edit=edit,
        args=args,
        diff=diff(name, before, after),
        before=digest(before),
        after=digest(after),
        check=tuple(check),
        mode=mode,
        records=tuple(records),
    )


# --- doing ------------------------------------------------------------------------------------------------------------


def is_done(step: Write) -> bool:
    """Whether the file is what the step would make of it."""
    return digest(read(step.path)) == step.after


def write(step: Write, *, cancelled: Callable[[], bool] | None = None, keep_open: Sequence[int] = ()) -> None:
    """Carries the step out. Raises StalePlan, CheckFailed or FileRefused; the file is untouched then."""
    before = read(step.path)
    if digest(before) != step.before:
        raise _stale(step.path)
    after = _edits[step.edit](before or "", **step.args)
    if digest(after) != step.after:
        raise _stale(step.path)
    _refuse_link(step.path)
    with drafted(step.path, after, step.mode) as draft:
        if step.check:
            _check(step, draft, cancelled, keep_open)
        if before is not None:
            back_up(step.path, before)
        if digest(read(step.path)) != step.before:
            raise _stale(step.path)
        put(draft, step.path)


def restore(step: Write) -> None:
    """Takes the step back: the file as it was, or no file. Raises StalePlan where somebody changed it since."""
    now = digest(read(step.path))
    if now == step.before:
        return
    if now != step.after:
        raise _stale(step.path)
    if not step.before:
        remove(step.path)
        return
    kept = backup(step.path, step.before)
    if kept is None:
        raise FileRefused(f"The backup of {step.path} is gone.", code="backup_gone", hint="Restore it by hand.")
    with drafted(step.path, to_text(kept.read_bytes()), step.mode) as draft:
        put(draft, step.path)


def _check(step: Write, draft: Path, cancelled: Callable[[], bool] | None, keep_open: Sequence[int]) -> None:
    """Raises CheckFailed in the program's own words, as if it had read the file itself."""
    said = _checked(step, draft, cancelled, keep_open)
    if said.ok:
        return
    words = (said.stderr or said.stdout).replace(str(draft), step.path).strip()
    by_hand = "It refuses the file as it is, too: correct that by hand, then ask again."
    was_good = not step.before or _checked(step, path(step.path), cancelled, keep_open).ok
    raise CheckFailed(
        f"{step.check[0]} refuses what {step.path} would be; the file is as it was.",
        detail=redact(words)[-shell.TAIL_CHARACTERS :],
        hint="Please report this." if was_good else by_hand,
    )


def _checked(step: Write, file: Path, cancelled: Callable[[], bool] | None, keep_open: Sequence[int]) -> shell.Result:
    argv = [word.replace("{file}", str(file)) for word in step.check]
    return shell.run(argv, deadline=CHECK_SECONDS, cancelled=cancelled, keep_open=keep_open)


def _refuse_link(name: str) -> None:
    """To replace a link would cut off whoever keeps the file that it leads to."""
    target = path(name)
    if target.is_symlink():
        raise FileRefused(
            f"{name} is a link to {target.readlink()}.",
            code="file_is_link",
            hint="Another program keeps it: change it there.",
        )


def _stale(name: str) -> StalePlan:
    return StalePlan(
        f"{name} was changed by somebody else since this was planned; it is as they left it.",
        hint="Look at the plan again and ask anew.",
    )
