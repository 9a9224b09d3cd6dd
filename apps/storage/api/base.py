"""What the routes of commands on pools have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from apps.storage.commands.base import OnPool, PoolRequest
from calypso.kernel.rest import How, Preconditions, submit


def submit_on(
    request: HttpRequest, kind: type[OnPool], name: str, body: PoolRequest, *, how: How, given: Preconditions
) -> Any:
    """Answers a write on the pool of the address: the body has the command's other fields."""
    return submit(request, kind(name=name, **dict(body)), how, given, getattr(body, "confirm", None))
