"""Health: of the whole (public, tells no more than a load balancer needs) and of each thing that has a check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from calypso import VERSION
from calypso.kernel import health, store
from calypso.kernel.actors import Permission
from calypso.kernel.rest import Needs, answers

router = Router(tags=["health"])


class HealthOut(Schema):
    state: health.State = Field(description="ok, degraded (something is wrong, requests are served), or failed.")
    version: str
    lab: bool
    position: int


class CheckOut(Schema):
    name: str
    state: health.State = Field(description="failed and stopped are answered with 503.")
    message: str
    since: datetime | None = Field(description="In this state; null where nobody has seen the change.")
    evidence: dict[str, Any] = Field(description="What it rests on; the names of facts differ by check.")
    advice: str = Field(description="What to do.")


class ChecksOut(Schema):
    state: health.State
    items: list[CheckOut]


@router.get("", auth=None, response=answers(s200=HealthOut))
def get_health(request: HttpRequest) -> dict[str, object]:
    """Whether the appliance serves requests: 200 while it does, even when something else is wrong; else 503."""
    found = health.glance()
    state = health.overall(found.values())
    if state == "failed":
        raise health.Unhealthy("Calypso can't serve requests.", hint="See /api/v1/health/checks.", state=state)
    position = found["ledger"].evidence.get("events") or store.position()
    return {"state": state, "version": VERSION, "lab": settings.CALYPSO_LAB, "position": position}


@router.get("/checks", auth=Needs(Permission.READ), response=answers(s200=ChecksOut))
def list_checks(request: HttpRequest) -> dict[str, object]:
    """How everything is that has a check, on one page; always 200."""
    found = health.look_at_all()
    return {"state": health.overall(found), "items": found}


@router.get("/{name}", auth=Needs(Permission.READ), response=answers(s200=CheckOut))
def get_check(request: HttpRequest, name: str) -> health.Checked:
    """How one thing is: zfs, scst, bacula, vtl, database, ledger, worker, observer, time or disk.

    503 when it is stopped or has failed, with state, since and evidence beside the problem's own members; else 200.
    """
    return health.raise_if_down(health.look(name))
