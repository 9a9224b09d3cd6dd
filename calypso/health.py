"""Health: of the whole (public, tells no more than a load balancer needs) and of each integration."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

from apps.storage import health as storage_health
from calypso import VERSION
from calypso.kernel import store
from calypso.kernel.actors import Permission
from calypso.kernel.rest import Needs, answers

router = Router(tags=["health"])


class Health(Schema):
    status: str
    version: str
    lab: bool
    position: int


@router.get("", auth=None, response=answers(s200=Health))
def get_health(request: HttpRequest) -> dict[str, object]:
    """Whether the appliance answers, and the position of its last event."""
    return {"status": "ok", "version": VERSION, "lab": settings.CALYPSO_LAB, "position": store.position()}


@router.get("/zfs", auth=Needs(Permission.READ), response=answers(s200=storage_health.ZfsHealth))
def get_zfs_health(request: HttpRequest) -> storage_health.ZfsHealth:
    """Whether ZFS is at hand, when it was last looked at, and how its pools are."""
    return storage_health.check()
