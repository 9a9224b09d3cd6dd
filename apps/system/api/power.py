"""REST: the machine's boots, and its power."""

from __future__ import annotations

import socket
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Query, Schema
from pydantic import BaseModel, ConfigDict, Field

from apps.system.api.router import router
from apps.system.commands.power import RebootBox, ShutDownBox
from apps.system.models.power import Boot
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Reason
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit


class BootOut(Schema):
    id: UUID = Field(description="As the kernel calls it: /proc/sys/kernel/random/boot_id.")
    booted_at: datetime
    kernel: str
    how: str = Field(description="How it ended: clean, unclean, unknown (nobody saw it); empty while it lasts.")
    because: str = Field(description="What that is known by.")
    seen_at: datetime | None = Field(description="When Calypso was last seen to live in it.")
    asked_by: UUID | None = Field(description="The operation that asked for its end.")
    position: int


class PowerOut(Schema):
    host: str = Field(description="The machine's name, which confirms.")
    boot: BootOut | None
    before: BootOut | None = Field(description="The boot before this one, and how it ended.")


class PowerRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason = Field("", description="Why; it stands in the audit trail. It must be given.")
    confirm: str | None = Field(None, max_length=255, description="The machine's name, repeated.")


@router.get("/power", auth=Needs(Permission.READ), response=answers(s200=PowerOut))
def get_power(request: HttpRequest) -> dict[str, Any]:
    """Since when the machine runs, and how it had stopped before that."""
    boots = [*Boot.objects.order_by("-position")[:2], None, None]
    return {"host": socket.gethostname(), "boot": boots[0], "before": boots[1]}


@router.get("/power/boots", auth=Needs(Permission.READ), response=answers(s200=Paged[BootOut]))
def list_boots(request: HttpRequest, q: Query[Page]) -> dict[str, Any]:
    """The machine's boots, the latest first, and how each ended."""
    return paged(Boot.objects.all(), q, orders=["-position", "booted_at"])


@router.post("/power/reboot", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def reboot_box(request: HttpRequest, body: PowerRequest, how: Query[How], given: Header[Preconditions]) -> Any:
    """Restarts the machine in order. The dry run names the operations that are under way."""
    return submit(request, RebootBox(reason=body.reason), how, given, body.confirm)


@router.post("/power/shutdown", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def shut_down_box(request: HttpRequest, body: PowerRequest, how: Query[How], given: Header[Preconditions]) -> Any:
    """Switches the machine off in order. Somebody has to switch it on again."""
    return submit(request, ShutDownBox(reason=body.reason), how, given, body.confirm)
