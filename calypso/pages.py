"""The web interface's one page; the browser's router takes it from there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
NOT_BUILT = "The web interface has not been built: run “make run”. The API is at /api/v1/docs."


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """index.html as built, never cached: it names the hashed files of the present version."""
    get_token(request)
    built = settings.FRONTEND_DIST / "index.html"
    if not built.is_file():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(built.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
