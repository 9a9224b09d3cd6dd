"""Events: what one is, its stable name and kind, the metadata beside it, its bytes, and how old versions are read.

An event type is a frozen pydantic model with a decorator::

    @event("storage.PoolCreated.v1", Kind.CONFIGURATION)
    class PoolCreated(Event): ...

Its name is independent of the Python path. A changed shape gets a new version and an upcast from the old one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID, uuid4

import orjson
from pydantic import BaseModel, ConfigDict

_NAME = re.compile(r"[a-z]+\.[A-Z][A-Za-z0-9]+\.v[1-9][0-9]*")


class Kind(StrEnum):
    CONFIGURATION = "configuration"  # folded into the configuration in force
    OPERATION = "operation"  # the life of an operation
    OBSERVATION = "observation"  # what the box did by itself; never replayed as configuration
    SECURITY = "security"  # logins, tokens, refusals, exports


class Event(BaseModel):
    """A fact that happened. Full target values, not deltas; never a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str]
    KIND: ClassVar[Kind]

    def keys(self) -> tuple[str, ...]:
        """The addresses of the resources it speaks of, for example ``storage.pool.tank``."""
        return ()


E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)

_registry: dict[str, type[Event]] = {}
_upcasts: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


def event(name: str, kind: Kind) -> Callable[[type[E]], type[E]]:
    """Registers an event type under its stable name ``context.PastTense.vN``."""

    def register(cls: type[E]) -> type[E]:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name} is not of the form context.PastTense.vN")
        if name in _registry and _registry[name].__qualname__ != cls.__qualname__:
            raise ValueError(f"two event types are named {name}")
        if name in _upcasts:
            raise ValueError(f"{name} is an old version: its events are read as {_upcasts[name][0]}")
        cls.TYPE, cls.KIND = name, kind
        _registry[name] = cls
        return cls

    return register


def upcast(
    old: str, new: str
) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Callable[[dict[str, Any]], dict[str, Any]]]:
    """Registers the function that turns the payload of version ``old`` into that of version ``new``, on read."""

    def register(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        if old in _registry:
            raise ValueError(f"{old} is still a type of its own: an old version has no class")
        _upcasts[old] = (new, function)
        return function

    return register


def registered() -> dict[str, type[Event]]:
    """All event types of the current versions, by name."""
    return dict(_registry)


def encode(payload: Event) -> bytes:
    """Canonical bytes: JSON with sorted keys and no white space, UTF-8."""
    return orjson.dumps(payload.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def decode(name: str, state: bytes) -> Event:
    """Returns the event of any version ever written. Raises LookupError for a name nobody knows."""
    if name in _registry:
        return _registry[name].model_validate_json(state)
    data = orjson.loads(state)
    while name in _upcasts:
        name, function = _upcasts[name]
        data = function(data)
    if name not in _registry:
        raise LookupError(f"no event type is named {name}")
    return _registry[name].model_validate(data)


def names_read_as(names: Iterable[str]) -> list[str]:
    """The given type names and those of the old versions that are upcast to them."""
    wanted = set(names)
    while more := {old for old, (new, _) in _upcasts.items() if new in wanted} - wanted:
        wanted |= more
    return sorted(wanted)


@dataclass(frozen=True)
class Metadata:
    """Who, how, from where and why; hashed with the event. All strings may be empty."""

    actor: str = "system"
    auth: str = ""
    source: str = ""
    reason: str = ""
    operation_id: UUID | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


@dataclass(frozen=True)
class Change:
    """An event about to be appended to a stream. ``version`` None takes the stream's next one."""

    stream: UUID
    event: Event
    version: int | None = None
    event_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Recorded(Generic[E_co]):
    """An event as it stands in the ledger."""

    position: int
    stream: UUID
    version: int
    event: E_co
    event_id: UUID
    recorded_at: datetime
    metadata: Metadata
