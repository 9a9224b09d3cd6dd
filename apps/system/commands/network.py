"""The commands on the network: apply a change on trial, confirm it, take it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from pydantic import Field

from apps.system import network_reading as reading
from apps.system.adapters.network_files import Link
from apps.system.models.network import Interface, NetworkChange, Route
from apps.system.plans import network as plans
from apps.system.plans.network_facts import Caller, LinkFacts, NetworkFacts, RouteFacts
from apps.system.plans.network_rules import InterfaceWish, decide
from calypso.kernel import files
from calypso.kernel.actors import Permission
from calypso.kernel.commands import Command, command, mint
from calypso.kernel.errors import Invalid, NotFound
from calypso.kernel.plans import Plan, Write

NOBODY = Caller()
_caller: ContextVar[Caller] = ContextVar("caller", default=NOBODY)


@contextmanager
def called_over(caller: Caller) -> Iterator[None]:
    """Says over which connection the request came, for the plan's warnings; neither command nor digest knows it."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def network_facts() -> NetworkFacts:
    """What plans need to know. Raises Conflict where files can't be read."""
    rows = list(Interface.objects.all())
    links = {row.name: link_facts(row) for row in rows}
    found = reading.configuration()
    names = [Link(link.name, link.mac) for link in links.values()]
    pending = NetworkChange.objects.pending()
    return NetworkFacts(
        renderer=found.renderer,
        links=links,
        configured=reading.configured(found, names),
        files=found.texts,
        routes=tuple(RouteFacts(r.to, r.via, r.interface, r.metric) for r in Route.objects.all()),
        pending=str(pending.id) if pending else "",
        problem=found.message,
    )


def link_facts(row: Interface) -> LinkFacts:
    return LinkFacts(
        name=row.name,
        kind=row.kind,  # type: ignore[arg-type]  # as the event had it
        mac=row.mac,
        mtu=row.mtu,
        addresses=tuple(each["address"] for each in row.addresses),
        dynamic=tuple(each["address"] for each in row.addresses if each["origin"] == "dynamic"),
        parent=row.parent,
        master=row.master,
    )


def find_change(change: UUID) -> NetworkChange:
    """Raises NotFound."""
    found = NetworkChange.objects.filter(pk=change).first()
    if found is None:
        raise NotFound(f"There is no change {change} of the network.", code="no_such_change", field="change")
    return found


@command("system.ApplyNetwork", Permission.ADMINISTER)
class ApplyNetwork(Command):
    """Changes interfaces on trial: unless it is confirmed in time, the old configuration returns by itself."""

    interfaces: tuple[InterfaceWish, ...] = Field(min_length=1, max_length=64)
    seconds: int = Field(
        plans.SECONDS_USUAL,
        ge=plans.SECONDS_LEAST,
        le=plans.SECONDS_MOST,
        description="To confirm in, from when the change is in force.",
    )

    def plan(self, operation: UUID) -> Plan:
        change = mint(operation, "change")
        facts = network_facts()
        plans.check_ready(facts)
        wish = decide(self.interfaces, facts)
        found = reading.Configuration(facts.renderer, facts.files)
        steps = [
            files.write_step(f"Edit {edit.path}", edit.path, edit.edit, edit.args, mode=edit.mode)
            for edit in reading.edits(found, facts.as_links(), wish)
        ]
        writes: list[Write] = [step for step in steps if step is not None]
        if not writes:
            raise Invalid("Nothing is to be changed.", field="interfaces", code="nothing_to_do")
        return plans.apply(change, wish, writes, facts, seconds=self.seconds, caller=_caller.get())


class OnChange(Command):
    change: UUID

    def row(self) -> NetworkChange:
        return find_change(self.change)


@command("system.ConfirmNetwork", Permission.ADMINISTER)
class ConfirmNetwork(OnChange):
    """Says that the box can still be reached: the new configuration stays."""

    def plan(self, operation: UUID) -> Plan:
        return plans.confirm(self.row())


@command("system.RevertNetwork", Permission.ADMINISTER)
class RevertNetwork(OnChange):
    """Brings the old configuration back without waiting for the end of the time."""

    def plan(self, operation: UUID) -> Plan:
        return plans.revert(self.row())
