"""REST: logging in and out, JWT pairs and personal API tokens."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from ninja_jwt.exceptions import TokenError
from ninja_jwt.tokens import RefreshToken
from pydantic import Field, SecretStr, StringConstraints

from apps.system.accounts import permissions_of, roles_of
from apps.system.auth import fingerprint, new_token, refused, require_csrf
from apps.system.domain.accounts import TokenCreated, TokenRevoked
from apps.system.models.accounts import Token, TokenUse
from calypso.kernel import store
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.errors import Denied, Invalid, NotAuthenticated, NotFound, TooManyAttempts
from calypso.kernel.events import Change
from calypso.kernel.operations import CommandDenied
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.projections import append
from calypso.kernel.redaction import mask
from calypso.kernel.rest import Needs, actor_of, answers

router = Router(tags=["auth"])

Username = Annotated[str, StringConstraints(min_length=1, max_length=150)]


class LoginBody(Schema):
    username: Username
    password: SecretStr = Field(max_length=4096)


class Me(Schema):
    username: str
    roles: list[str]
    permissions: list[str]
    auth: str
    box: str = Field(description="The name of the machine.")


class JwtPair(Schema):
    access: str
    refresh: str


class RefreshBody(Schema):
    refresh: str = Field(max_length=8192)


class TokenBody(Schema):
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    scope: list[Permission] = Field(min_length=1, description="What it may do; at most what its owner may.")
    expires_in_days: int | None = Field(90, ge=1, le=3650, description="null: it does not expire.")


class TokenOut(Schema):
    id: UUID
    username: str
    name: str
    scope: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = None


class NewToken(TokenOut):
    token: str = Field(description="Shown only now.")


@router.post("/login", auth=None, response=answers(s200=Me))
def login(request: HttpRequest, body: LoginBody) -> dict[str, Any]:
    """Opens a session for the browser. Needs the CSRF token, which ``GET /auth/csrf`` gives."""
    require_csrf(request)
    user = _proven(request, body)
    auth.login(request, user)
    return _me(user, "session")


@router.get("/csrf", auth=None, response={204: None})
def csrf(request: HttpRequest) -> Status[None]:
    """Sets the cookie csrftoken."""
    get_token(request)
    return Status(204, None)


@router.post("/logout", auth=Needs(None), response=answers(s204=None))
def logout(request: HttpRequest) -> Status[None]:
    """Ends the session."""
    auth.logout(request)
    return Status(204, None)


@router.get("/me", auth=Needs(None), response=answers(s200=Me))
def me(request: HttpRequest) -> dict[str, Any]:
    """Who I am and what I may do."""
    actor = actor_of(request)
    user = _user(actor)
    return {**_me(user, actor.auth.split(":")[0]), "permissions": sorted(actor.permissions)}


@router.post("/jwt", auth=None, response=answers(s200=JwtPair))
def jwt(request: HttpRequest, body: LoginBody) -> JwtPair:
    """A pair of JWTs for an account's name and password: access for 15 minutes, refresh for a day."""
    user = _proven(request, body)
    user_logged_in.send(sender=User, request=request, user=user)
    return _pair(user)


@router.post("/jwt/refresh", auth=None, response=answers(s200=JwtPair))
def refresh(request: HttpRequest, body: RefreshBody) -> JwtPair:
    """A new pair for a refresh token."""
    try:
        user = User.objects.filter(pk=RefreshToken(body.refresh)["user_id"], is_active=True).first()
    except (TokenError, KeyError, ValueError):
        user = None
    if user is None:
        raise refused(request, "jwt", "The refresh token is wrong or expired.")
    user_logged_in.send(sender=User, request=request, user=user)
    return _pair(user)


@router.get("/tokens", auth=Needs(None), response=answers(s200=Paged[TokenOut]))
def list_tokens(request: HttpRequest, q: Query[Page]) -> dict[str, Any]:
    """One's own API tokens; an administrator sees everybody's."""
    page = paged(_mine(actor_of(request)), q, orders=["-created_at", "name"])
    used = {u.pk: u.used_at for u in TokenUse.objects.filter(pk__in=[t.pk for t in page["items"]])}
    for token in page["items"]:
        token.used_at = used.get(token.pk)
    return page


@router.post("/tokens", auth=Needs(None), response=answers(s201=NewToken))
def create_token(request: HttpRequest, body: TokenBody) -> Status[dict[str, Any]]:
    """Makes a personal API token. The answer is the only place where it is ever shown."""
    actor = _in_person(request)
    if beyond := set(body.scope) - actor.permissions:
        raise Invalid(
            f"The scope goes beyond what you may do: {', '.join(sorted(beyond))}.",
            field="scope",
            hint="Leave these out.",
        )
    secret, token = new_token(), uuid4()
    mask(secret)
    days = body.expires_in_days
    fact = TokenCreated(
        token=token,
        username=_user(actor).username,
        name=body.name,
        scope=tuple(sorted(set(body.scope))),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
        fingerprint=fingerprint(secret),
    )
    with store.writing():
        append([Change(token, fact)], actor.metadata())
    return Status(201, {**Token.objects.filter(pk=token).values()[0], "token": secret})


@router.delete("/tokens/{token_id}", auth=Needs(None), response=answers(s204=None))
def revoke_token(request: HttpRequest, token_id: UUID) -> Status[None]:
    """Revokes a token at once. Revoking it twice changes nothing."""
    actor = _in_person(request)
    with store.writing():
        token = _mine(actor).filter(pk=token_id).first()
        if token is None:
            raise NotFound(f"You have no token {token_id}.", field="token_id")
        if token.revoked_at is None:
            append([Change(token_id, TokenRevoked(token=token_id))], actor.metadata())
    return Status(204, None)


def _in_person(request: HttpRequest) -> Actor:
    """Who asks. Refuses a token, on the record: else a short-lived one could make itself one that never expires."""
    actor = actor_of(request)
    if actor.auth.startswith("token:"):
        denied = CommandDenied(command=f"{request.method} {request.path}", permission="log in")
        with store.writing():
            append([Change(uuid4(), denied)], actor.metadata())
        raise Denied("An API token can't make or revoke tokens.", code="token_not_enough", hint="Log in by password.")
    return actor


def _mine(actor: Actor) -> Any:
    tokens = Token.objects.all()
    return tokens if actor.may(Permission.ADMINISTER) else tokens.filter(username=actor.name.removeprefix("user:"))


def _user(actor: Actor) -> User:
    user = User.objects.filter(username=actor.name.removeprefix("user:")).first()
    if user is None:
        raise Denied("Only a person's account can do this.")
    return user


def _proven(request: HttpRequest, body: LoginBody) -> User:
    """The account whose password was given. Raises TooManyAttempts or NotAuthenticated."""
    credentials = {"username": body.username, "password": body.password.get_secret_value()}
    user = None if "\x00" in body.username else auth.authenticate(request, **credentials)
    if isinstance(user, User):
        return user
    if not AxesProxyHandler.is_allowed(request, {"username": body.username}):
        minutes = settings.AXES_COOLOFF_TIME.total_seconds() / 60
        raise TooManyAttempts(
            f"Too many failed logins. Try again in {minutes:.0f} minutes.",
            retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()),
        )
    raise NotAuthenticated("The user name or the password is wrong.", code="login_failed")


def _me(user: User, how: str) -> dict[str, Any]:
    return {
        "username": user.username,
        "roles": sorted(roles_of(user)),
        "permissions": sorted(permissions_of(user)),
        "auth": how,
        "box": socket.gethostname(),
    }


def _pair(user: User) -> JwtPair:
    token: Any = RefreshToken.for_user(user)  # type: ignore[misc]  # its own annotation of self does not fit
    return JwtPair(access=str(token.access_token), refresh=str(token))
