"""Who asks: sessions, JWTs and personal API tokens, each turned into an actor; logins and refusals on the record."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from axes.middleware import AxesMiddleware
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.utils import timezone
from ninja.utils import check_csrf
from ninja_jwt.exceptions import TokenError
from ninja_jwt.tokens import AccessToken

from apps.system.accounts import permissions_of
from apps.system.domain.accounts import LoggedOut, LoginFailed, LoginSucceeded, TokenRefused, user_stream
from apps.system.models.accounts import Token, TokenUse
from calypso.kernel import store
from calypso.kernel.actors import SYSTEM, Actor, Permission, acting_as
from calypso.kernel.errors import Denied, NotAuthenticated
from calypso.kernel.events import Change, Event, Metadata
from calypso.kernel.projections import append
from calypso.kernel.rest import authenticator

TOKEN_PREFIX = "cal_"  # noqa: S105  a prefix, by which leaked tokens are recognised
COALESCE_SECONDS = 60.0
SEEN_EVERY = timedelta(minutes=1)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

REFUSED_STREAM = uuid5(NAMESPACE_URL, "calypso:refused")


def fingerprint(token: str) -> str:
    """HMAC-SHA-256 of a token under the installation's key, hexadecimal: what is stored of it."""
    return hmac.new(settings.FINGERPRINT_KEY.encode(), token.encode(), sha256).hexdigest()


def source_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def correlation_of(request_id: str) -> UUID:
    """The id that ties events to the request's log lines: the request's own where it is a UUID."""
    try:
        return UUID(request_id)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"calypso:request:{request_id}")


def _correlation(request: HttpRequest) -> UUID | None:
    scope = getattr(request, "scope", None)
    return correlation_of(scope["request_id"]) if scope and "request_id" in scope else None


def actor_for(user: User, method: str, request: HttpRequest) -> Actor:
    """The actor of an account that has proven itself."""
    return Actor(f"user:{user.username}", method, source_of(request), permissions_of(user), _correlation(request))


@authenticator
def by_header(request: HttpRequest) -> Actor | None:
    """``Authorization: Bearer`` with a personal token or a JWT."""
    kind, _, credential = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if kind.lower() != "bearer":
        return None
    credential = credential.strip()
    return _by_token(request, credential) if credential.startswith(TOKEN_PREFIX) else _by_jwt(request, credential)


@authenticator
def by_session(request: HttpRequest) -> Actor | None:
    """The browser's session; whatever changes something needs the CSRF token as well."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    if request.method not in SAFE_METHODS:
        require_csrf(request)
    return actor_for(user, "session", request)


def require_csrf(request: HttpRequest) -> None:
    """Raises Denied for a request that some other site may have had the browser send."""
    with suppress(RawPostDataException):  # the admin has parsed its form already
        _ = request.body  # read whole first: once a form was parsed for its token, nobody could read the body any more
    if check_csrf(request) is not None:
        raise Denied(
            "The CSRF token is missing or wrong.",
            code="csrf_failed",
            hint="Send the value of the cookie csrftoken as header X-CSRFToken; reload the page if it is old.",
        )


def _by_token(request: HttpRequest, credential: str) -> Actor:
    token = Token.objects.valid(timezone.now()).filter(fingerprint=fingerprint(credential)).first()
    user = User.objects.filter(username=token.username, is_active=True).first() if token else None
    if token is None or user is None:
        raise refused(request, "token", "The API token is unknown, revoked or expired.")
    _seen(token, source_of(request))
    scope = frozenset(Permission(p) for p in token.scope)
    return actor_for(user, f"token:{token.id}", request).limited_to(scope)


def _by_jwt(request: HttpRequest, credential: str) -> Actor:
    try:
        user = User.objects.filter(pk=AccessToken(credential)["user_id"], is_active=True).first()
    except (TokenError, KeyError, ValueError):
        user = None
    if user is None:
        raise refused(request, "jwt", "The access token is wrong or expired.")
    return actor_for(user, "jwt", request)


def _seen(token: Token, source: str) -> None:
    """Notes a token's use, once a minute at most."""
    now = timezone.now()
    if not TokenUse.objects.filter(pk=token.pk, used_at__gt=now - SEEN_EVERY).exists():
        TokenUse.objects.update_or_create(pk=token.pk, defaults={"used_at": now, "source": source})


class ActingMiddleware:
    """Has what the admin's own pages change recorded under the name of whoever is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = SYSTEM
        if request.path.startswith("/admin/") and isinstance(request.user, User):
            actor = actor_for(request.user, "session", request)
        with acting_as(actor):
            return self.get_response(request)


class _Coalescer:
    """Lets one event a minute and key through, and counts those between, so that nobody can flood the ledger."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}

    def count(self, key: str) -> int:
        """How many there were since the last one let through, this one included; 0 when it is not to be recorded."""
        at, held = self._seen.get(key, (-COALESCE_SECONDS, 0))
        if time.monotonic() - at < COALESCE_SECONDS:
            self._seen[key] = (at, held + 1)
            return 0
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[key] = (time.monotonic(), 0)
        return held + 1


_coalescer = _Coalescer()


def refused(request: HttpRequest, method: str, cause: str) -> NotAuthenticated:
    """Records a wrong proof, once a minute and address. Returns the error to raise."""
    source = source_of(request)
    if count := _coalescer.count(f"{method} {source}"):
        _record(REFUSED_STREAM, TokenRefused(method=method, cause=cause, count=count), request, "anonymous")
    return NotAuthenticated(cause, hint="Log in again, or ask for a new token.")


def _record(stream: UUID, fact: Event, request: HttpRequest, actor: str) -> None:
    with store.writing():
        append(
            [Change(stream, fact)],
            Metadata(actor=actor, source=source_of(request), correlation_id=_correlation(request)),
        )


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which django-axes counts failures: what is no account's may be a password, and is not kept."""
    given = str((credentials or {}).get("username") or request.POST.get("username", ""))
    return given if User.objects.filter(username=given).exists() else f"unknown {fingerprint(given)[:16]}"


class LockoutMiddleware(AxesMiddleware):  # type: ignore[misc]  # axes has no types
    """Axes' own, kept synchronous: its asynchronous form hands over the wrong arguments (axes 8.3)."""

    async_capable = False


def locked_out(request: HttpRequest, answer: HttpResponse | None, credentials: object) -> HttpResponse:
    """django-axes would put a page of its own in the place of any answer: the API's has been a problem already."""
    if answer is not None and request.path.startswith("/api/"):
        return answer
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    words = f"Too many failed logins. Try again in {seconds // 60} minutes."
    return HttpResponse(words, status=429, content_type="text/plain", headers={"Retry-After": str(seconds)})


def method_of(request: HttpRequest | None) -> str:
    """How a login came in: ``session``, ``jwt`` or ``admin``."""
    if request is None:
        return "shell"
    return "admin" if request.path.startswith("/admin/") else "jwt" if "/jwt" in request.path else "session"


def watch() -> None:
    """Has every login, failed login and logout recorded, through whichever door."""
    user_logged_in.connect(_logged_in, dispatch_uid="calypso.login")
    user_login_failed.connect(_login_failed, dispatch_uid="calypso.login")
    user_logged_out.connect(_logged_out, dispatch_uid="calypso.login")


def _logged_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    fact = LoginSucceeded(username=user.username, method=method_of(request))
    _record(user_stream(user.username), fact, request or HttpRequest(), f"user:{user.username}")


def _login_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A name that is no account's is not recorded: people type passwords into the wrong field."""
    request = request or HttpRequest()
    given = str(credentials.get("username", ""))
    known = given if User.objects.filter(username=given).exists() else ""
    if _coalescer.count(f"login {source_of(request)} {known}"):
        fact = LoginFailed(username=known, method=method_of(request), cause="wrong user name or password")
        _record(user_stream(known), fact, request, "anonymous")


def _logged_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _record(user_stream(user.username), LoggedOut(username=user.username), request, f"user:{user.username}")


def request_of_scope(scope: dict[str, Any]) -> HttpRequest:
    """A WebSocket's opening request as far as the authenticators look at one."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", [])}
    request = HttpRequest()
    request.method = "GET"
    request.path = scope.get("path", "")
    request.META = {
        "REMOTE_ADDR": (scope.get("client") or [""])[0],
        "HTTP_AUTHORIZATION": headers.get("authorization", ""),
    }
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        cookies = SimpleCookie()
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    request.session = SessionStore(key.value if key else None)
    request.user = auth.get_user(request) if key else AnonymousUser()
    request.scope = scope  # type: ignore[attr-defined]  # read by _correlation
    return request


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels has no types
def authenticate_scope(scope: dict[str, Any]) -> Actor | None:
    """Who opened a WebSocket, or None."""
    request = request_of_scope(scope)
    try:
        return by_header(request) or by_session(request)
    except NotAuthenticated:
        return None


def new_token() -> str:
    """A fresh personal API token: 256 random bits behind a prefix."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)
