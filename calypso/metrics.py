"""/metrics for Prometheus, for whoever may read: a scraper sends a personal API token of the scope “read”."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from calypso.api import problem
from calypso.kernel import figures  # noqa: F401  registers the kernel's own
from calypso.kernel.actors import Permission
from calypso.kernel.errors import CalypsoError
from calypso.kernel.metrics import exposition
from calypso.kernel.rest import Needs

may_read = Needs(Permission.READ)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What is measured, in Prometheus' text format."""
    try:
        may_read(request)
    except CalypsoError as error:
        return problem(request, error)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
