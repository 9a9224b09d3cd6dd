"""REST: looking at the box now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Header, Query

from apps.storage.api.router import router
from apps.storage.commands.scan import ScanStorage
from calypso.kernel.actors import Permission
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, submit


@router.post("/scan", auth=Needs(Permission.OPERATE), response=COMMAND_ANSWERS)
def scan(request: HttpRequest, body: ScanStorage, how: Query[How], given: Header[Preconditions]) -> Any:
    """Looks at disks and pools now."""
    return submit(request, body, how, given)
