"""The conventions of the REST interface (DESIGN §8): who may call, what is read, how a command is answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import Schema, Status
from ninja.parser import Parser
from ninja.security.base import AuthBase
from ninja.types import DictStrAny
from pydantic import Field

from calypso.kernel import commands
from calypso.kernel.actors import Actor, Permission, act_as
from calypso.kernel.commands import Command
from calypso.kernel.errors import CalypsoError, Invalid, NotAuthenticated
from calypso.kernel.models import Operation
from calypso.kernel.plans import Plan
from calypso.kernel.shapes import OperationOut, PlanOut

MOST_WAIT = 300.0  # seconds
WAIT_POLL = 0.05  # seconds


class ProblemOut(Schema):
    """RFC 9457 problem+json. ``code`` is stable; ``detail`` has the tool's own words; ``request_id`` is in the log."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    hint: str = ""
    field: str | None = None
    request_id: str = ""
    errors: list[dict[str, Any]] = []


PROBLEMS = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 502, 503})


def answers(**by_status: Any) -> dict[Any, Any]:
    """``answers(s200=X)``: the responses of a route, with the problems that every route may answer."""
    good = {int(status[1:]): schema for status, schema in by_status.items()}
    return {**good, PROBLEMS: ProblemOut}


# --- what is read ---------------------------------------------------------------------------------------------------


class BadRequest(CalypsoError):
    """A body that is no JSON at all; what is JSON of a wrong shape is Invalid."""

    code = "bad_json"
    status = 400


class WrongContentType(CalypsoError):
    code = "wrong_content_type"
    status = 415


class StrictParser(Parser):
    """JSON as RFC 8259 has it (no NaN, no lone surrogates), and no NUL, which PostgreSQL does not take in text."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if request.content_type not in ("application/json", ""):
            raise WrongContentType("The body must be JSON.", hint="Send Content-Type: application/json.")
        try:
            value: DictStrAny = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"The body is not JSON: {error}.") from error
        refuse_nul(value)
        return value

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        found: DictStrAny = super().parse_querydict(data, list_fields, request)
        refuse_nul(found)
        return found


def refuse_nul(value: Any) -> None:
    """Raises Invalid that names a string, or the name of a member, with a NUL in it. JSON may be deep: no recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        at, each = waiting.pop()
        if isinstance(each, str) and "\x00" in each:
            raise Invalid("A text may not hold the character NUL.", field=at.removeprefix(".") or None)
        if isinstance(each, dict):
            waiting += [(f"{at}.{name}", inner) for name, inner in each.items()] + [(at, name) for name in each]
        elif isinstance(each, list):
            waiting += [(f"{at}.{index}", inner) for index, inner in enumerate(each)]


# --- who may call ---------------------------------------------------------------------------------------------------

Authenticator = Callable[[HttpRequest], Actor | None]
_authenticators: list[Authenticator] = []


def authenticator(function: Authenticator) -> Authenticator:
    """Registers a way to prove who one is. None: not tried; it raises NotAuthenticated for a proof that is wrong."""
    _authenticators.append(function)
    return function


def authenticate(request: HttpRequest) -> Actor:
    """Who asks. Raises NotAuthenticated."""
    for function in _authenticators:
        if (actor := function(request)) is not None:
            return actor
    raise NotAuthenticated("Log in first.", hint="Send a session cookie, or Authorization: Bearer with a token.")


class Needs(AuthBase):
    """A route's permission. Every route declares one or is listed as public; refusals are recorded."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_name = "Bearer"

    def __init__(self, permission: Permission | None) -> None:
        """None: whoever has logged in, for what concerns only oneself."""
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Actor:
        actor = authenticate(request)
        if self.permission is not None and not actor.may(self.permission):
            commands.refuse(actor, f"{request.method} {request.path}", self.permission)
        request.actor = actor  # type: ignore[attr-defined]  # read by actor_of
        act_as(actor)
        return actor


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by Needs
    return actor


# --- how a command is answered --------------------------------------------------------------------------------------


class How(Schema):
    """How a write is to be answered."""

    dry_run: bool = Field(False, description="Answer 200 with the plan; record and change nothing.")
    wait: float = Field(0, ge=0, le=MOST_WAIT, description="Seconds to wait for the operation's end.")


class Destroying(How):
    confirm: str | None = Field(None, max_length=255, description="The name of what is destroyed, repeated.")
    reason: commands.Reason = Field("", description="Why; it stands in the audit trail.")


class Preconditions(Schema):
    """The headers that make a write safe to repeat and safe against others' changes."""

    idempotency_key: str = Field("", alias="Idempotency-Key", max_length=255)
    if_match: str = Field("", alias="If-Match", max_length=64)


COMMAND_ANSWERS = answers(s200=PlanOut, s202=OperationOut)


def submit(
    request: HttpRequest, asked: Command, how: How, given: Preconditions, confirm: str | None = None
) -> Status[Any]:
    """Answers a write: 200 and the plan for a dry run, else 202 and the operation (after ``wait``, perhaps ended)."""
    actor = actor_of(request)
    if how.dry_run:
        return Status(200, plan_out(commands.preview(asked, actor)))
    operation = commands.dispatch(
        asked,
        actor,
        idempotency_key=given.idempotency_key,
        expected_version=version_of(given.if_match),
        confirm=confirm,
    )
    return Status(202, waited(operation, how.wait))


def plan_out(plan: Plan) -> dict[str, Any]:
    return {**plan.model_dump(mode="json"), "digest": plan.digest}


def waited(operation: Operation, seconds: float) -> Operation:
    """The operation at its end, or as it is after so many seconds. Holds no connection between looks."""
    until = time.monotonic() + seconds
    while not operation.finished and time.monotonic() < until:
        if not connection.in_atomic_block:
            connection.close()  # back to the pool: many may wait at once
        time.sleep(WAIT_POLL)
        operation = commands.find_operation(operation.pk)
    return operation


def version_of(if_match: str) -> int | None:
    """The version an If-Match header names: ``"7"``, or None for none and for ``*``."""
    text = if_match.strip()
    if text in ("", "*"):
        return None
    digits = text.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise Invalid("If-Match is not a version as ETag gave it.", field="If-Match", hint='Send If-Match: "7".')
    return int(digits)


def tag(response: HttpResponse, version: int) -> None:
    """Gives a resource's version as its ETag."""
    response["ETag"] = f'"{version}"'
