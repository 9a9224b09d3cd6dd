"""Commands: the base class, the registry, and ``dispatch``: authorise → plan → record → enqueue (DESIGN §3)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextvars import ContextVar
from hashlib import sha256
from typing import Annotated, Any, ClassVar, TypeVar, cast
from uuid import UUID, uuid4, uuid5

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from calypso.kernel import queue, secrets, store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import (
    ConfirmationNeeded,
    Conflict,
    Denied,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    StaleVersion,
)
from calypso.kernel.events import Change, Event, Recorded
from calypso.kernel.models import Operation
from calypso.kernel.operations import CancelRequested, CommandDenied, OperationCancelled, OperationRequested, queued
from calypso.kernel.plans import Plan
from calypso.kernel.projections import append

Reason = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]


class Command(BaseModel, ABC):
    """What somebody asks for. Its fields are the request's body, the recorded input and the form's fields in one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    NAME: ClassVar[str]
    PERMISSION: ClassVar[Permission]

    reason: Reason = Field("", description="Why; it stands in the audit trail.")

    @model_validator(mode="before")
    @classmethod
    def _in_order(cls, given: Any) -> Any:
        """Mappings sorted: the recorded input comes back from jsonb in another order, and must give the same plan."""
        return _sorted(given)

    @abstractmethod
    def plan(self, operation: UUID) -> Plan:
        """Builds the plan from the input and the observed state. Ids that it mints derive from the operation's.

        Raises Invalid, NotFound or Conflict.
        """

    def version(self) -> int | None:
        """The present version of the resource that If-Match speaks of, or None where there is none."""
        return None


def _sorted(value: Any, levels: int = 8) -> Any:
    """No field of a command is deeper; what is, comes from outside and is about to be refused."""
    if levels == 0:
        return value
    if isinstance(value, dict):
        return {key: _sorted(value[key], levels - 1) for key in sorted(value)}
    return [_sorted(each, levels - 1) for each in value] if isinstance(value, list) else value


C = TypeVar("C", bound=type[Command])
_registry: dict[str, type[Command]] = {}


def command(name: str, permission: Permission) -> Any:
    """Registers a command under ``context.Imperative`` with the permission it takes."""

    def register(cls: C) -> C:
        cls.NAME, cls.PERMISSION = name, permission
        _registry[name] = cls
        return cls

    return register


def registered() -> dict[str, type[Command]]:
    """All commands by name."""
    return dict(_registry)


def mint(operation: UUID, what: str) -> UUID:
    """A stable id for something that an operation will make: the same each time the plan is made."""
    made = uuid5(operation, what)
    if (known := _minted.get()) is not None:
        known.append(str(made))
    return made


_minted: ContextVar[list[str] | None] = ContextVar("minted", default=None)


def planned(asked: Command, operation: UUID) -> Plan:
    """The command's plan for an operation. It knows the ids minted for it: its digest does not depend on them."""
    made: list[str] = []
    token = _minted.set(made)
    try:
        return asked.plan(operation).model_copy(update={"minted": tuple(made)})
    finally:
        _minted.reset(token)


def dispatch(
    asked: Command,
    actor: Actor,
    *,
    idempotency_key: str = "",
    expected_version: int | None = None,
    confirm: str | None = None,
) -> Operation:
    """Records and enqueues a command. Returns the operation, queued; the same one again for a repeated idempotency key.

    Raises Denied, Invalid, NotFound, Conflict, ConfirmationNeeded, StaleVersion or IdempotencyKeyReused.
    """
    authorise(asked, actor)
    request = sha256(asked.NAME.encode() + b"\0" + orjson.dumps(asked.model_dump(mode="json"))).hexdigest()
    if (earlier := _same_key(actor, idempotency_key, request)) is not None:
        return earlier
    _check_version(asked, expected_version)
    operation = uuid4()
    plan = planned(asked, operation)
    _check_confirmation(plan, confirm)
    with store.writing():
        if (earlier := _same_key(actor, idempotency_key, request)) is not None:
            return earlier
        _check_version(asked, expected_version)
        fact = _requested(operation, asked, plan, idempotency_key, request)
        [recorded] = append([Change(operation, fact)], actor.metadata(asked.reason))
        queue.enqueue(operation)
    return queued(cast(Recorded[OperationRequested], recorded))


def preview(asked: Command, actor: Actor) -> Plan:
    """The dry run: the very plan that ``dispatch`` would record, and nothing recorded."""
    authorise(asked, actor)
    return planned(asked, uuid4())


def authorise(asked: Command, actor: Actor) -> None:
    """Raises Denied, and records the refusal, when the actor lacks the command's permission."""
    if actor.may(asked.PERMISSION):
        return
    refuse(actor, asked.NAME, asked.PERMISSION, asked.reason)


def refuse(actor: Actor, what: str, permission: Permission, reason: str = "") -> None:
    """Records a refusal as a security event and raises Denied."""
    with store.writing():
        append([Change(uuid4(), CommandDenied(command=what, permission=permission))], actor.metadata(reason))
    raise Denied(
        f"{actor.name} may not do this: it takes the permission “{permission}”.",
        hint="Ask an administrator for a role that has it.",
    )


def cancel(operation: Operation, actor: Actor, reason: str = "") -> Operation:
    """Asks for an operation's end: a queued one ends at once, a running one when its step was stopped.

    Raises Conflict when it has already ended.
    """
    with store.writing():
        now = Operation.objects.get(pk=operation.pk)
        if now.finished:
            raise Conflict(f"The operation has already {now.state}.", code="operation_finished")
        facts: list[Event] = [CancelRequested(operation=now.pk)]
        if now.state == "queued":
            facts.append(OperationCancelled(operation=now.pk))
        append([Change(now.pk, fact) for fact in facts], actor.metadata(reason))
        if now.state == "queued":
            queue.release(now.resources)
    cancelled = Operation.objects.get(pk=operation.pk)
    secrets.ended(cancelled)
    return cancelled


def find_operation(operation_id: UUID) -> Operation:
    """Raises NotFound."""
    found = Operation.objects.filter(pk=operation_id).first()
    if found is None:
        raise NotFound(f"There is no operation {operation_id}.", field="id")
    return found


def _requested(operation: UUID, asked: Command, plan: Plan, key: str, request: str) -> OperationRequested:
    return OperationRequested(
        operation=operation,
        command=asked.NAME,
        title=plan.title,
        input=asked.model_dump(mode="json"),
        plan=plan.model_dump(mode="json"),
        digest=plan.digest,
        resources=plan.resources,
        idempotency_key=key,
        request_digest=request,
    )


def _same_key(actor: Actor, key: str, request: str) -> Operation | None:
    if not key:
        return None
    if len(key) > 255:
        raise Invalid("The idempotency key is longer than 255 characters.", field="Idempotency-Key")
    earlier = Operation.objects.filter(actor=actor.name, idempotency_key=key).first()
    if earlier is not None and earlier.request_digest != request:
        raise IdempotencyKeyReused(
            f"The idempotency key “{key}” was used before with another request.",
            hint="Take a new key for a new request.",
            field="Idempotency-Key",
            operation=str(earlier.pk),
        )
    return earlier


def _check_version(asked: Command, expected: int | None) -> None:
    if expected is not None and (present := asked.version()) is not None and present != expected:
        raise StaleVersion(
            f"The resource is at version {present}, not {expected}: it was changed meanwhile.",
            hint="Read it again and decide anew.",
            field="If-Match",
        )


def _check_confirmation(plan: Plan, confirm: str | None) -> None:
    if plan.confirm is not None and confirm != plan.confirm:
        raise ConfirmationNeeded(
            f"{_why(plan)} Repeat the name “{plan.confirm}” as confirmation.",
            field="confirm",
            hint=f"Send confirm={plan.confirm} if you are sure.",
        )


def _why(plan: Plan) -> str:
    """Why a confirmation is asked for: data is lost or, where it is a way in, what the plan warns of."""
    return plan.warnings[0] if plan.cuts and plan.warnings else "This destroys data."
