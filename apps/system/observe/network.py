"""The network as it is: the only scan of interfaces, routes, what configures them, and what became of changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone

from apps.system import network_reading as reading
from apps.system.adapters import ethtool, ip
from apps.system.adapters.ip import SeenLink
from apps.system.compare import network as compare
from apps.system.compare.network import SeenInterface
from apps.system.domain.network import NETWORK, NETWORK_STREAM, NetworkRendererFound, interface_stream
from apps.system.domain.network_changes import NetworkChanged, NetworkChangeRolledBack
from apps.system.models.network import Interface, InterfaceCounters, NetworkChange, NetworkState, Route
from calypso.kernel import box, shell, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.errors import CalypsoError, ToolMissing
from calypso.kernel.events import Change
from calypso.kernel.models import Operation
from calypso.kernel.projections import append

log = structlog.get_logger("calypso.system")
EVERY_SECONDS = 15.0  # counters are samples; a change is told at once by ip monitor
REST_SECONDS = 0.5  # between two looks, however many changes there are
AGAIN_SECONDS = 30.0  # after ip monitor ended


@box.observes(NETWORK, "system.interface")
def observe_for(resources: Sequence[str]) -> int:
    return observe_network()


def observe_network() -> int:
    """Records how the box differs from the read models. Returns the number of events; 0 when nothing is new."""
    links, routes = reading.links(), reading.routes()
    known = {row.name: row for row in Interface.objects.all()}
    seen = [_card(link, known.get(link.name)) for link in links]
    renderer = _renderer()
    _sample(links)
    changes = [*_changes(seen, routes), *_renderer_change(renderer), *_ended()]
    if not changes:
        return 0
    with store.writing():
        changes = [*_changes(seen, routes), *_renderer_change(renderer), *_ended()]
        append(changes, OBSERVER.metadata())
    return len(changes)


def _card(link: SeenLink, known: Interface | None) -> SeenInterface:
    """ethtool is asked again when the link is another; speed and driver don't change by themselves."""
    if known and (known.mac, known.carrier, known.kind) == (link.mac, link.carrier, link.kind):
        settings_ = ethtool.Settings(known.speed, known.duplex)
        return SeenInterface(link, settings_, ethtool.Driver(known.driver, known.bus))
    return reading.card(link)


def _changes(seen: Sequence[SeenInterface], routes: Sequence[Any]) -> list[Change]:
    known = {row.name: row for row in Interface.objects.all()}
    facts = compare.interface_changes(known, seen)
    found = [Change(interface_stream(fact.name), fact) for fact in facts]
    state = NetworkState.objects.first()
    changed = compare.routes_change(Route.objects.all(), state.routes_left_out if state else 0, routes)
    return [*found, *([Change(NETWORK_STREAM, changed)] if changed else [])]


def _renderer() -> NetworkRendererFound:
    try:
        found = reading.configuration()
    except CalypsoError as error:
        found = reading.Configuration("none", {}, code=error.code, message=error.message)
    return NetworkRendererFound(
        renderer=found.renderer,
        backend=found.backend,
        files=tuple(sorted(found.texts)),
        code=found.code,
        message=found.message,
    )


def _renderer_change(now: NetworkRendererFound) -> list[Change]:
    state = NetworkState.objects.first()
    values = now.model_dump(mode="json")
    same = state is not None and all(getattr(state, name) == value for name, value in values.items())
    return [] if same and state and state.since else [Change(NETWORK_STREAM, now)]


#: The operation that tells an end itself, with who asked for it.
TOLD_BY = {NetworkChanged.TYPE: "system.ConfirmNetwork", NetworkChangeRolledBack.TYPE: "system.RevertNetwork"}


def _ended(teller: str = "") -> list[Change]:
    """Changes that have ended on the box. What an operation has in hand is for it to tell, and it is the ``teller``."""
    waiting = list(NetworkChange.objects.filter(state="pending"))
    if not waiting:
        return []
    trials = reading.trials()
    found = [compare.ended(change, trials.get(change.id)) for change in waiting]
    busy = Operation.objects.in_flight_since([NETWORK], store.position())
    others = {each.command for each in busy if each.begun} - {teller}
    return [Change(NETWORK_STREAM, fact) for fact in found if fact is not None and TOLD_BY[fact.TYPE] not in others]


def _sample(links: Sequence[SeenLink]) -> None:
    """The latest counters, in one statement for all interfaces."""
    now = timezone.now()
    rows = [InterfaceCounters(name=link.name, sampled_at=now, **link.counters) for link in links]
    values = [field.name for field in InterfaceCounters._meta.concrete_fields if not field.primary_key]
    InterfaceCounters.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=values)
    InterfaceCounters.objects.exclude(name__in=[link.name for link in links]).delete()


# --- the observer's loop ----------------------------------------------------------------------------------------------


def look_at_hints(stop: threading.Event, hint: threading.Event) -> None:
    """One look, and the wait for the next: until a hint, or the periodic one."""
    hint.clear()
    if count := observe_network():
        log.info("the network has changed", events=count)
    stop.wait(REST_SECONDS)
    hint.wait(EVERY_SECONDS - REST_SECONDS)


def follow_hints(stop: threading.Event, hint: threading.Event) -> None:
    """Sets the hint at each line of ip monitor."""
    while not stop.is_set():
        try:
            shell.follow(ip.monitor_argv(), stop.is_set, lambda _line: hint.set())
        except ToolMissing as error:
            log.warning("the network can't be followed", error=error.message)
        stop.wait(AGAIN_SECONDS)


@box.finds("system.RevertNetwork")
def reverted(operation: Operation) -> list[Change]:
    """That the old configuration is back, told by the box, under the name of who asked for it."""
    return _ended(teller=operation.command)


# --- what the executor asks -------------------------------------------------------------------------------------------


@box.probe("system.network_change")
def network_change_is(args: dict[str, Any], since: float) -> bool:
    trial = reading.trials().get(UUID(args["change"]))
    if trial is None:
        return False
    if args["is"] == "armed":
        return trial.state == "pending" and bool(trial.timers)
    if args["is"] == "applied":
        return trial.state == "pending" and trial.applied
    return bool(trial.state == args["is"])


@box.probe("system.network_to_do_again")
def network_to_do_again(args: dict[str, Any], since: float) -> bool:
    """A check leaves no mark, and may be repeated."""
    return False
