"""REST: services.

Order matters: what lies below /services/{name} stands before it, for a name may hold a slash, to be refused properly.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Schema
from pydantic import Field

from apps.system.api.router import router
from apps.system.commands.services import BY_ACTION, ServiceRequest, find_service
from apps.system.models.services import Service, ServiceDetail, ServiceManager
from calypso.kernel.actors import Permission
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import COMMAND_ANSWERS, How, Needs, Preconditions, answers, submit, tag


class ServiceOut(Schema):
    """A unit, in systemd's words."""

    unit: str
    description: str
    load: str
    active: str = Field(description="active, inactive, failed, activating, deactivating or reloading.")
    sub: str
    file_state: str = Field(description="enabled, disabled, static, masked …; an empty text where it has no file.")
    wanted: str = Field(description="The file state in force by configuration, if any.")
    result: str
    exit_code: int
    exit_status: int
    why: str = Field(description="Why it failed, in words; empty where it did not.")
    since: datetime | None = Field(description="In this state.")
    part: str = Field(description="What it belongs to of all that Calypso manages; empty for all others.")
    branch: str = Field(description="Why one would miss it; what stops it takes its name repeated in confirm.")
    changes: int = Field(description="How often it changed before its latest event was recorded: it flaps.")
    version: int
    position: int


class ManagerOut(Schema):
    """Whether systemd answers."""

    ok: bool
    systemd_version: str
    code: str
    message: str
    detail: str
    since: datetime


class ServicesOut(Paged[ServiceOut]):
    manager: ManagerOut | None = Field(description="null: nobody has looked yet.")


class ServiceDetailOut(ServiceOut):
    properties: dict[str, Any] = Field(description="By their names with systemd, at the latest look.")
    dependencies: dict[str, list[str]]
    sampled_at: datetime | None


class ServiceFilter(Schema):
    managed: bool | None = Field(None, description="true: only what Calypso manages; false: only the others.")
    active: Literal["active", "inactive", "failed", "activating", "deactivating", "reloading"] | None = None
    search: str = Field("", max_length=255, description="A part of the name or of the description.")


ORDERS = ("rank", "unit", "active", "file_state")


@router.get("/services", auth=Needs(Permission.READ), response=answers(s200=ServicesOut))
def list_services(request: HttpRequest, q: Query[Page], wanted: Query[ServiceFilter]) -> dict[str, Any]:
    """Services and their like as they were seen last, those that Calypso manages first."""
    rows = Service.objects.all()
    if wanted.managed is not None:
        rows = rows.exclude(part="") if wanted.managed else rows.filter(part="")
    if wanted.active:
        rows = rows.filter(active=wanted.active)
    if wanted.search:
        rows = rows.filter(Q(unit__icontains=wanted.search) | Q(description__icontains=wanted.search))
    return {**paged(rows, q, orders=ORDERS), "manager": ServiceManager.objects.filter(pk="systemd").first()}


def _add_route(action: str) -> None:
    kind = BY_ACTION[action]

    @router.post(
        f"/services/{{path:name}}/{action}",
        auth=Needs(kind.PERMISSION),
        response=COMMAND_ANSWERS,
        operation_id=f"{action}_service",
        summary=f"{action.capitalize()} Service",
        description=kind.__doc__,
    )
    def act(
        request: HttpRequest, name: str, body: ServiceRequest, how: Query[How], given: Header[Preconditions]
    ) -> Any:
        return submit(request, kind(name=name, **dict(body)), how, given, body.confirm)


for _action in BY_ACTION:
    _add_route(_action)


@router.get("/services/{path:name}", auth=Needs(Permission.READ), response=answers(s200=ServiceDetailOut))
def get_service(request: HttpRequest, response: HttpResponse, name: str) -> dict[str, Any]:
    """One unit with its properties and dependencies; its version stands in ETag."""
    service = find_service(name)
    tag(response, service.version)
    detail = ServiceDetail.objects.filter(pk=service.unit).first()
    fields = {field.attname: getattr(service, field.attname) for field in Service._meta.concrete_fields}
    return {
        **fields,
        "why": service.why,
        "properties": detail.properties if detail else {},
        "dependencies": detail.dependencies if detail else {},
        "sampled_at": detail.sampled_at if detail else None,
    }
