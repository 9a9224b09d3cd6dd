"""REST: interfaces, routes, and changes of the network on trial."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query
from pydantic import Field

from apps.system.api.network_shapes import (
    InterfaceOut,
    NetworkOut,
    RouteOut,
    interfaces_out,
    network_out,
)
from apps.system.api.router import router
from apps.system.commands.network import (
    ApplyNetwork,
    ConfirmNetwork,
    RevertNetwork,
    called_over,
    network_facts,
)
from apps.system.models.network import Interface, NetworkChange, Route
from apps.system.plans.network_facts import Caller
from calypso.kernel import commands
from calypso.kernel.actors import Permission
from calypso.kernel.errors import CalypsoError, NotFound
from calypso.kernel.paging import Page, Paged, paged
from calypso.kernel.rest import (
    COMMAND_ANSWERS,
    How,
    Needs,
    Preconditions,
    actor_of,
    answers,
    plan_out,
    submit,
    tag,
)
from calypso.kernel.shapes import PlanOut

CHANGES_SHOWN = 20


class InterfaceFilter(Page):
    search: str = Field("", max_length=255, description="Part of the name, hardware address, driver or an address.")
    kind: str = Field("", max_length=16)
    up: bool | None = None


class RouteFilter(Page):
    interface: str = Field("", max_length=15)
    family: str = Field("", max_length=4, description="ipv4 or ipv6.")


@router.get("/interfaces", auth=Needs(Permission.READ), response=answers(s200=Paged[InterfaceOut]))
def list_interfaces(request: HttpRequest, q: Query[InterfaceFilter]) -> dict[str, Any]:
    """The interfaces that are there now, with addresses, speed, driver and counters."""
    rows = Interface.objects.matching(q.search)
    if q.kind:
        rows = rows.filter(kind=q.kind)
    if q.up is not None:
        rows = rows.filter(up=q.up)
    page = paged(rows, q, orders=["name", "kind", "mtu", "state"])
    return {**page, "items": interfaces_out(page["items"])}


@router.get("/interfaces/{name}", auth=Needs(Permission.READ), response=answers(s200=InterfaceOut))
def get_interface(request: HttpRequest, response: HttpResponse, name: str) -> dict[str, Any]:
    """One interface. Its version stands in ETag."""
    row = Interface.objects.filter(pk=name).first()
    if row is None:
        raise NotFound(f"There is no interface {name[:60]}.", code="no_such_interface", field="name")
    tag(response, row.version)
    return interfaces_out([row])[0]


@router.get("/routes", auth=Needs(Permission.READ), response=answers(s200=Paged[RouteOut]))
def list_routes(request: HttpRequest, q: Query[RouteFilter]) -> dict[str, Any]:
    """The routes of the main table, of IPv4 and IPv6."""
    rows = Route.objects.all()
    if q.interface:
        rows = rows.filter(interface=q.interface)
    if q.family:
        rows = rows.filter(family=q.family)
    return paged(rows, q, orders=["to", "interface", "metric", "family"])


@router.get("/network", auth=Needs(Permission.READ), response=answers(s200=NetworkOut))
def get_network(request: HttpRequest) -> dict[str, Any]:
    """What configures the network, the change that is on trial with the seconds left, and the latest changes."""
    try:
        configured = [each.config for _, each in sorted(network_facts().configured.items())]
    except CalypsoError:  # files that can't be read: why, stands in code and message
        configured = []
    return network_out(configured, list(NetworkChange.objects.order_by("-position")[:CHANGES_SHOWN]))


@router.post("/network/plan", auth=Needs(Permission.ADMINISTER), response=answers(s200=PlanOut))
def plan_network(request: HttpRequest, body: ApplyNetwork) -> dict[str, Any]:
    """What a change would do: the diff of each file, the commands, and a warning if it would cut the caller off."""
    with called_over(_caller(request)):
        return plan_out(commands.preview(body, actor_of(request)))


@router.post("/network/apply", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def apply_network(request: HttpRequest, body: ApplyNetwork, how: Query[How], given: Header[Preconditions]) -> Any:
    """Changes interfaces on trial: the old configuration returns by itself unless this is confirmed within `seconds`.

    The timer is the box's own (systemd): it also runs when Calypso is dead; a box that was started anew meanwhile takes
    the change back before its network comes up.
    """
    with called_over(_caller(request)):
        return submit(request, body, how, given)


@router.post("/network/confirm", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def confirm_network(request: HttpRequest, body: ConfirmNetwork, how: Query[How], given: Header[Preconditions]) -> Any:
    """Says, over the new configuration, that the box can still be reached: it stays."""
    return submit(request, body, how, given)


@router.post("/network/revert", auth=Needs(Permission.ADMINISTER), response=COMMAND_ANSWERS)
def revert_network(request: HttpRequest, body: RevertNetwork, how: Query[How], given: Header[Preconditions]) -> Any:
    """Brings the old configuration back now."""
    return submit(request, body, how, given)


def _caller(request: HttpRequest) -> Caller:
    """The two ends of the request's connection."""
    server = getattr(request, "scope", {}).get("server") or ("",)
    return Caller(remote=str(request.META.get("REMOTE_ADDR", "")), local=str(server[0]))
