"""A command with as many steps as a test likes, whose one tool writes a line for each effect that it has.

What a step does beside that is told by files in the deeds' folder: ``NAME.fails`` (its words, and exit 1),
``NAME.waits`` (it starts, and has its effect when the file is gone), ``NAME.unknown`` (its probe can't tell).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from calypso.kernel import box, commands, events, executor, files, queue, record, shell, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import ToolError
from calypso.kernel.events import Event, Kind
from calypso.kernel.models import Operation
from calypso.kernel.plans import Call, Outcome, Plan, Probe, Run
from tests.support.edited import EDIT

TOOL = """#!/bin/sh
# deed do|undo FOLDER NAME
echo "$3 $1 started" >>"$2/log"
[ -f "$2/$3.stubborn" ] && trap '' TERM
while [ -f "$2/$3.waits" ]; do sleep 0.02; done
[ -f "$2/$3.$1.fails" ] && { cat "$2/$3.$1.fails" >&2; exit 1; }
echo "$1 $3" >>"$2/effects"
"""

CONF = "/etc/deed.conf"

ADMIN = Actor("user:sari", "token:t", "192.0.2.7", frozenset(Permission), UUID(int=7))
VIEWER = Actor("user:vivi", "session", "192.0.2.8", frozenset({Permission.READ}), UUID(int=8))


class DeedsDone(Event):
    made: UUID
    names: tuple[str, ...]


class Do(commands.Command):
    """``names`` are the steps; ``records``: each is on record with its own end; ``traces``: each leaves some when it
    refuses. ``call`` adds a step at the end that calls a function of ours, ``writes`` one before that edits CONF."""

    folder: str
    names: tuple[str, ...]
    resources: tuple[str, ...] = ("deeds.one",)
    undo: bool = True
    records: bool = False
    traces: bool = False
    confirm: str | None = None
    call: str = ""
    writes: str = ""

    def plan(self, operation: UUID) -> Plan:
        made = commands.mint(operation, "made")
        more = (Call(title="call", function=self.call, args={"folder": self.folder}),) if self.call else ()
        first = files.write_step("Write", CONF, EDIT, {"value": self.writes}) if self.writes else None
        return Plan(
            title="Do deeds",
            resources=self.resources,
            steps=(*((first,) if first else ()), *(self._step(name, made) for name in self.names), *more),
            outcome=(Outcome.of(made, DeedsDone(made=made, names=(*self.names, *box_of(self.folder)))),),
            confirm=self.confirm,
        )

    def version(self) -> int | None:
        text = Path(self.folder, "version")
        return int(text.read_text()) if text.exists() else None

    def _step(self, name: str, made: UUID) -> Run:
        return Run(
            title=f"Do {name}",
            argv=("deed", "do", self.folder, name),
            deadline=20,
            done=Probe(name="deeds.done", args={"folder": self.folder, "name": name}),
            leaves_traces=self.traces,
            undo=("deed", "undo", self.folder, name) if self.undo and not self.records else (),
            records=(Outcome.of(made, DeedsDone(made=made, names=(name,))),) if self.records else (),
        )


class DeedFailed(ToolError):
    code = "deed_failed"


def box_of(folder: str) -> tuple[str, ...]:
    """What a plan sees of the box."""
    seen = Path(folder, "box")
    return (seen.read_text(),) if seen.exists() else ()


def is_done(args: dict[str, Any], since: float) -> bool | None:
    folder, name = Path(args["folder"]), args["name"]
    if (folder / f"{name}.unknown").exists():
        return None
    effects = lines(folder / "effects")
    return effects.count(f"do {name}") > effects.count(f"undo {name}")


def called(folder: str) -> None:
    """A step of ours that may be told to fail."""
    if (words := Path(folder, "call.fails")).exists():
        raise RuntimeError(words.read_text())
    Path(folder, "called").touch()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def registered() -> Iterator[None]:
    """The kernel knows all of this meanwhile, and forgets it again, for the tests that walk what is registered."""
    known: list[dict[str, Any]] = [
        events._registry, commands._registry, box._probes, box._calls, box._errors
    ]  # fmt: skip
    before = [dict(each) for each in known]
    events.event("tests.DeedsDone.v1", Kind.OBSERVATION)(DeedsDone)
    commands.command("tests.Do", Permission.ADMINISTER)(Do)
    box.probe("deeds.done")(is_done)
    box.call("deeds.call")(called)
    box.names_errors_of("deed")(lambda result: DeedFailed("The deed failed.", detail=result.stderr))
    yield
    for each, old in zip(known, before, strict=True):
        each.clear()
        each.update(old)


@dataclass
class Deeds:
    """The folder of a test's deeds."""

    folder: Path

    def ask(self, *names: str, actor: Actor = ADMIN, key: str = "", **more: Any) -> Operation:
        return commands.dispatch(Do(folder=str(self.folder), names=names, **more), actor, idempotency_key=key)

    def tell(self, file: str, text: str = "") -> Path:
        path = self.folder / file
        path.write_text(text)
        return path

    @property
    def effects(self) -> list[str]:
        return lines(self.folder / "effects")

    @property
    def log(self) -> list[str]:
        return lines(self.folder / "log")


def install(folder: Path) -> None:
    """The tool, into a folder that is on the tools' PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "deed").write_text(TOOL)
    (folder / "deed").chmod(0o755)


# --- what came of them ---


def types() -> list[str]:
    return [row[0].split(".")[1] for row in store.query("SELECT type FROM ledger.event ORDER BY position")]


def ran(operation: Operation) -> Operation:
    executor.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


# --- processes that are killed ---


def forked(work: Callable[[], Any]) -> int:
    """Starts the work in a process of its own. Its pid."""
    from django.db import connections

    connections.close_all()  # or both would talk over one
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(3)


def end_of(pid: int) -> int:
    """The exit code, or minus the signal, of a process that this one forked."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def execute(operation: Operation) -> Operation:
    """A whole executor in a process of its own; the operation afterwards."""
    assert end_of(forked(lambda: executor.run(str(operation.pk)))) == 0
    return Operation.objects.get(pk=operation.pk)


# Tools that change the box; what merely looks at it is no moment that matters.
CHANGING = {("deed", "do"), ("deed", "undo"), ("zpool", "create"), ("zpool", "destroy"), ("zpool", "scrub")}


class Killer:
    """Kills its own process at the n-th of the moments that matter: around each recording and each call of a tool."""

    def __init__(self, at: int) -> None:
        self.left = at

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(10)

    def around(self, owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            if name == "run" and tuple(args[0][:2]) not in CHANGING:
                return function(*args, **kwargs)
            self.tick()
            result = function(*args, **kwargs)
            self.tick()
            return result

        setattr(owner, name, watched)

    def watch(self) -> None:
        """Only in a process that was forked for it."""
        self.around(record.Record, "_add_once")  # before the transaction, and after its commit
        self.around(record, "append")  # inside of the transaction
        self.around(shell, "run")
        self.around(queue, "release")
        self.around(executor, "forget")


def execute_until_killed(operation: Operation, at: int) -> bool:
    """Whether it ran through before the n-th moment came."""

    def work() -> None:
        Killer(at).watch()
        executor.run(str(operation.pk))

    code = end_of(forked(work))
    assert code in (0, -signal.SIGKILL), code
    return code == 0
