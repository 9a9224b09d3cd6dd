"""Plans: the exact steps a command would take, what it destroys, and the events that its success will record.

Immutable data; the executor has no choice left to make.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from calypso.kernel import events
from calypso.kernel.events import Event
from calypso.kernel.redaction import masked_value

_SECRETS = re.compile(rb"secret://[0-9a-f]{32}|hmac-sha256:[0-9a-f]{64}")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Outcome(Frozen):
    """An event that success will record, of the whole plan or of one step."""

    stream: str
    type: str
    data: dict[str, Any]

    @classmethod
    def of(cls, stream: object, event: Event) -> Outcome:
        return cls(stream=str(stream), type=event.TYPE, data=event.model_dump(mode="json"))

    def event(self) -> Event:
        return events.registered()[self.type].model_validate(self.data)


class Probe(Frozen):
    """A named question to the box, "has this step's effect happened?", with its arguments (see box.probe)."""

    name: str
    args: dict[str, Any] = {}


class Run(Frozen):
    """Runs a tool: ``argv`` as it is, at most ``deadline`` seconds.

    ``stdin``: the reference of a secret that it reads there (see secrets.py), or "".
    ``records``: events that are recorded with this very step, for what stays done whatever becomes of the later ones.
    ``leaves_traces``: the tool does a part even where it then refuses, so that it is taken back then, too.
    """

    kind: Literal["run"] = "run"
    title: str
    argv: tuple[str, ...]
    deadline: float
    done: Probe
    undo: tuple[str, ...] = ()
    leaves_traces: bool = Field(False, exclude_if=lambda leaves: not leaves)
    records: tuple[Outcome, ...] = Field((), exclude_if=lambda records: not records)
    stdin: str = Field("", pattern=r"^(secret://[0-9a-f]{32})?$", exclude_if=lambda reference: not reference)

    @model_validator(mode="after")
    def _recorded_is_final(self) -> Self:
        if self.undo and self.records:
            raise ValueError("a step that can be taken back records nothing before the end")
        return self


class Ending(Frozen):
    """The signal that ends what a call only began. Of its arguments one is the call's reply, one tells how it went.

    For example systemd's JobRemoved(id, job, unit, result) after StartUnit → job: reply 1, result 3, good “done”.
    """

    path: str
    interface: str
    member: str
    reply: int
    result: int
    good: tuple[str, ...]


class Request(Frozen):
    """One call of a method over D-Bus. ``signature`` and ``body`` as the specification of D-Bus has them."""

    destination: str
    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()
    ending: Ending | None = Field(None, exclude_if=lambda ending: ending is None)

    def text(self) -> str:
        """The call as it is recorded, in the words of `busctl call`; secrets masked."""
        words = [self.destination, self.path, self.interface, self.member, *([self.signature] if self.body else [])]
        return " ".join([*words, *(orjson.dumps(masked_value("", each)).decode() for each in self.body)])


class Ask(Request):
    """Calls a method over D-Bus, and waits for what it began, at most ``deadline`` seconds."""

    kind: Literal["ask"] = "ask"
    title: str
    deadline: float
    done: Probe
    undo: Request | None = None
    records: tuple[Outcome, ...] = Field((), exclude_if=lambda records: not records)

    @model_validator(mode="after")
    def _recorded_is_final(self) -> Self:
        if self.undo and self.records:
            raise ValueError("a step that can be taken back records nothing before the end")
        return self


class Call(Frozen):
    """Calls a registered function of ours by name (see box.call); safe to repeat."""

    kind: Literal["call"] = "call"
    title: str
    function: str
    args: dict[str, Any] = {}


class Write(Frozen):
    """Edits a configuration file (see files.py, whose ``write_step`` makes it).

    ``edit``: the registered function from the old text to the new one, with its ``args``. ``before`` and ``after``:
    SHA-256 of the file ("" for none); by these the executor knows whether it is still to do, done, or somebody else's.
    ``diff``: the lines that change, for people, secrets masked. ``check``: argv of a program that exits 0 if the file
    is right, ``{file}`` being its path. ``mode``: of a file that is made. ``records``: as of Run; it is final then.
    """

    kind: Literal["write"] = "write"
    title: str
    path: str
    edit: str
    args: dict[str, Any] = {}
    diff: str
    before: str
    after: str
    check: tuple[str, ...] = ()
    mode: int = Field(0o644, exclude_if=lambda mode: mode == 0o644)
    records: tuple[Outcome, ...] = Field((), exclude_if=lambda records: not records)


Step = Annotated[Run | Write | Ask | Call, Field(discriminator="kind")]


class Destroys(Frozen):
    """What is gone for good afterwards: names of what holds data, what they are names of, and its bytes where known."""

    names: tuple[str, ...]
    what: Literal["datasets", "snapshots", "datasets and snapshots", "bookmarks", "disks"]
    bytes: int | None


class Dependent(Frozen):
    """Something that uses a resource. ``kind``: clone, process, mount, LUN, share …; ``address`` where it has one."""

    kind: str
    name: str
    detail: str = ""
    address: str = ""


class Plan(Frozen):
    """One command's plan. ``resources``: addresses that it touches; ``confirm``: the name to repeat, if it destroys."""

    title: str
    resources: tuple[str, ...]
    steps: tuple[Step, ...]
    outcome: tuple[Outcome, ...] = ()
    destroys: Destroys | None = None
    stops: tuple[Dependent, ...] = ()  # what uses the resource now, and would lose it
    warnings: tuple[str, ...] = ()
    confirm: str | None = None
    cuts: bool = Field(
        False, exclude_if=lambda cuts: not cuts
    )  # what is confirmed is the loss of a way in, not of data
    minted: tuple[str, ...] = ()  # ids made up for this one operation (see commands.planned)

    @property
    def digest(self) -> str:
        """SHA-256 of what matters when the plan is made again: resources, steps, outcome and the names it destroys.

        A dry run's equals that of the operation: ids minted for the one or the other, and secrets, count by order.
        """
        return sha256(self._canonical()).hexdigest()

    def differences(self, now: Plan) -> list[str]:
        """What matters and differs in the plan as it would be made now: a line each, where and from what to what."""
        return list(_differences("", orjson.loads(self._canonical()), orjson.loads(now._canonical())))

    def _canonical(self) -> bytes:
        data = self.model_dump(mode="json", exclude={"title", "warnings", "destroys", "stops", "minted"})
        data["destroys"] = self.destroys.names if self.destroys else ()
        text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
        for number, made in enumerate(self.minted):
            text = text.replace(made.encode(), b"minted %d" % number)
        for number, secret in enumerate(dict.fromkeys(_SECRETS.findall(text))):
            text = text.replace(secret, b"secret %d" % number)
        return text


def _differences(where: str, was: Any, now: Any) -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from _differences(f"{where}.{key}".lstrip("."), was.get(key), now.get(key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, pair in enumerate(zip(was, now, strict=True)):
            yield from _differences(f"{where}.{index}", *pair)
    elif was != now:
        yield f"{where}: {_short(was)} → {_short(now)}"


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"
