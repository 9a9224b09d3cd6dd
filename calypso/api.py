"""The one NinjaAPI and its one error handler: every failure is an RFC 9457 problem with a stable code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from apps.audit.api import router as audit
from apps.storage.api import router as storage
from apps.system.api import auth, system
from calypso import VERSION
from calypso.health import router as health
from calypso.kernel.alerts.api import router as alerts
from calypso.kernel.api import router as operations
from calypso.kernel.errors import CalypsoError, Invalid, TooLarge, Unavailable
from calypso.kernel.redaction import redact
from calypso.kernel.rest import StrictParser

log = structlog.get_logger("calypso.api")

RETRY_SECONDS = 2

SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A personal API token, or the access JWT of a pair."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The browser's session; writes need the cookie csrftoken's value as header X-CSRFToken as well.",
    },
}


class Api(NinjaAPI):
    """A NinjaAPI whose refusals are problems even before a route is found, and whose document says so."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        found = super()._get_urls()
        for pattern in found:
            if isinstance(pattern, URLPattern):
                pattern.callback = telling_methods(pattern.callback)
        return found

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document["components"]["securitySchemes"] = SECURITY_SCHEMES
        for operation in (o for path in document["paths"].values() for o in path.values()):
            if "security" in operation:
                operation["security"] = [{name: []} for name in SECURITY_SCHEMES]
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return document


def telling_methods(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, whose answer to a method that it does not know is a problem too."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = response["Allow"]
        told = problem(request, _of_status(405, f"{request.method} is not possible here.", hint=f"Use {allowed}."))
        told["Allow"] = allowed
        return told

    return telling


api = Api(
    title="Calypso",
    version=VERSION,
    description="The control plane of a backup and storage appliance. Every change is an event in one ledger.",
    urls_namespace="api",
    parser=StrictParser(),
)
api.add_router("/auth", auth)
api.add_router("/operations", operations)
api.add_router("/alerts", alerts)
api.add_router("/storage", storage)
api.add_router("/system", system)
api.add_router("/audit", audit)
api.add_router("/health", health)


def problem(request: HttpRequest, error: CalypsoError, errors: list[dict[str, Any]] | None = None) -> HttpResponse:
    """An error as application/problem+json."""
    scope = getattr(request, "scope", None) or {}
    body = {
        "type": f"urn:calypso:problem:{error.code}",
        "title": redact(error.message),
        "status": error.status,
        "code": error.code,
        "detail": redact(error.detail),
        "hint": error.hint,
        "field": error.field,
        "request_id": scope.get("request_id", ""),
        "errors": errors or [],
        **error.extra,
    }
    response = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if error.status in (429, 503):
        response["Retry-After"] = str(error.extra.get("retry_after", RETRY_SECONDS))
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Calypso"'
    return response


def _unparsed(error: HttpError) -> CalypsoError:
    """django-ninja's 400 for a body hides what the parser said of it."""
    cause = error.__cause__
    return cause if isinstance(cause, CalypsoError) else _of_status(error.status_code, str(error))


_TOLD: list[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], CalypsoError]]] = [
    (CalypsoError, lambda error: error),
    ((OperationalError, InterfaceError), lambda _: _database_away()),
    (RequestDataTooBig, lambda _: TooLarge("The body is larger than 1 MiB.", hint="Send less at once.")),
    (Http404, lambda _: _of_status(404, "There is nothing at this address.")),
    (PermissionDenied, lambda _: _of_status(403, "This is not permitted.")),
    (AuthenticationError, lambda _: _of_status(401, "Log in first.")),
    (HttpError, _unparsed),
    (DataError, lambda _: Invalid("A value is beyond what the database can hold or compare.")),
    ((SuspiciousOperation, UnicodeError), lambda _: _of_status(400, "The request can't be read.")),
]


def named(error: BaseException | None) -> CalypsoError:
    """The error that a user is told, for whatever was raised."""
    for kinds, tell in _TOLD:
        if isinstance(error, kinds):
            return tell(error)
    return CalypsoError(
        "Calypso itself failed; the log has the details under this request's id.",
        code="internal_error",
        hint="Please report this.",
    )


def _database_away() -> CalypsoError:
    return Unavailable(
        "The database is not answering.",
        hint="Try again in a few seconds; with an Idempotency-Key that is safe for a change too.",
        code="database_unavailable",
    )


_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
}


def _of_status(status: int, message: str, hint: str = "") -> CalypsoError:
    error = CalypsoError(message, hint=hint, code=_CODES.get(status, f"http_{status}"))
    error.status = status
    return error


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input of a wrong shape: the first error in words, all of them as a list."""
    errors = [{"field": _field(e["loc"]), "reason": e["msg"]} for e in error.errors]
    first = errors[0] if errors else {"field": "", "reason": "wrong shape"}
    told = CalypsoError(f"{first['field'] or 'The request'}: {first['reason']}.", field=first["field"] or None)
    told.status, told.code = 422, "invalid_input"
    return problem(request, told, errors)


def _field(place: tuple[str | int, ...]) -> str:
    """``vdevs.0.disks`` for ("body", "body", "vdevs", 0, "disks"): source and parameter are left out."""
    return ".".join(map(str, place[2:] if place[:2] == ("body", "body") else place[1:]))


@api.exception_handler(CalypsoError)
@api.exception_handler(HttpError)
@api.exception_handler(Http404)
@api.exception_handler(AuthenticationError)
@api.exception_handler(Exception)
def on_error(request: HttpRequest, error: Exception) -> HttpResponse:
    told = named(error)
    if told.status >= 500 and told.code != "unhealthy":  # asked for every few seconds, and told in full
        log.error("request failed", code=told.code, exc_info=error if told.code == "internal_error" else None)
    return problem(request, told)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: what failed outside the API, in a middleware for example."""
    return problem(request, named(sys.exc_info()[1]))


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return problem(request, named(Http404()))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return problem(request, named(exception or SuspiciousOperation()))
