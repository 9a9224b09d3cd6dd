"""Units as systemd shows them: one look that signals, the end of an operation, the clock and people trigger alike."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from apps.system.adapters.systemd import calls, showing
from apps.system.compare import services as compare
from apps.system.domain.services import (
    MANAGER_STREAM,
    MOST_IN_AN_EVENT,
    ServiceManagerChanged,
    ServicesFound,
    ServicesGone,
    UnitState,
    service_stream,
)
from apps.system.models.services import Service, ServiceDetail, ServiceManager
from calypso.kernel import box, bus, store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.errors import CalypsoError
from calypso.kernel.events import Change
from calypso.kernel.projections import append

log = structlog.get_logger("calypso.system")

DEADLINE = 30.0  # seconds for a look at all units

Shown = Mapping[str, Mapping[str, Any]]


@box.observes("system.service")
def observe_for(resources: Sequence[str]) -> int:
    """The look for an operation on these units."""
    return look_at([resource.removeprefix("system.service.") for resource in resources])


def look_at_all() -> int:
    """Records how all units differ from the read model, and whether systemd answers. Returns the number of events."""
    with _one_at_a_time():
        try:
            version = str(bus.get(calls.NAME, calls.PATH, calls.MANAGER, "Version"))
            units, files = bus.read(calls.list_units())[0], bus.read(calls.list_files())[0]
        except CalypsoError as error:
            _record_manager(error)
            raise
        count = _record_manager(None, version)
        listed = showing.listed(units, files)
        known = Service.objects.in_bulk()
        shown = _properties(compare.to_look_at(known, listed))
        gone = compare.vanished(known, listed)
        return count + _record(shown, {}, gone)


def look_at(units: Sequence[str], changes: Mapping[str, int] | None = None) -> int:
    """Records how these units differ. ``changes``: how often each is known to have changed since the last look."""
    with _one_at_a_time():
        shown = _properties(units)
        gone = [unit for unit in units if unit in shown and not showing.is_there(showing.state_of(unit, shown[unit]))]
        return _record({unit: each for unit, each in shown.items() if unit not in gone}, changes or {}, gone)


def unit_now(unit: str) -> tuple[UnitState, Mapping[str, Any]]:
    """One unit as it is shown at this moment. Raises a named error."""
    shown: Mapping[str, Any] = bus.read(calls.properties(calls.path_of(unit)))[0]
    return showing.state_of(unit, shown), shown


def _properties(units: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What systemd shows of each unit; one that is no more is left out."""
    if not units:
        return {}
    replies = bus.call_all(calls.all_properties(units), deadline=DEADLINE)
    return {unit: reply[0] for unit, reply in zip(units, replies, strict=True) if not isinstance(reply, bus.Refused)}


def _record(shown: Shown, changes: Mapping[str, int], gone: Sequence[str]) -> int:
    """What differs, as events; and the details of all that was looked at, as samples."""
    states = {unit: showing.state_of(unit, each) for unit, each in shown.items()}
    states = {unit: state for unit, state in states.items() if showing.is_there(state)}
    _keep_details({unit: shown[unit] for unit in states})
    with store.writing():
        known = Service.objects.in_bulk([*states, *gone])
        facts: list[Change] = []
        for unit, state in states.items():
            if unit in known and (fact := compare.change(known[unit], state, max(1, changes.get(unit, 1)))):
                facts.append(Change(service_stream(unit), fact))
        new = [state for unit, state in sorted(states.items()) if unit not in known]
        facts += [Change(MANAGER_STREAM, ServicesFound(units=part)) for part in _parts(new)]
        facts += [Change(MANAGER_STREAM, ServicesGone(units=part)) for part in _parts([u for u in gone if u in known])]
        if facts:
            append(facts, OBSERVER.metadata())
    ServiceDetail.objects.filter(pk__in=gone).delete()
    return len(facts)


def _parts(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for at in range(0, len(items), MOST_IN_AN_EVENT):
        yield tuple(items[at : at + MOST_IN_AN_EVENT])


def _keep_details(shown: Shown) -> None:
    rows = []
    for unit, each in shown.items():
        properties, dependencies = showing.details_of(each)
        rows.append(
            ServiceDetail(unit=unit, properties=properties, dependencies=dependencies, sampled_at=timezone.now())
        )
    ServiceDetail.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["properties", "dependencies", "sampled_at"],
    )


def _record_manager(error: CalypsoError | None, version: str = "") -> int:
    known = ServiceManager.objects.filter(pk="systemd").first()
    fact = ServiceManagerChanged(
        ok=error is None,
        version=version or (known.systemd_version if known else ""),
        code=error.code if error else "",
        message=error.message if error else "",
        detail=error.detail if error else "",
    )
    if known and (known.ok, known.systemd_version, known.code) == (fact.ok, fact.version, fact.code):
        return 0
    with store.writing():
        append([Change(MANAGER_STREAM, fact)], OBSERVER.metadata())
    return 1


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Looks of the observer and of operations take turns, so that none records what another has already seen."""
    with (settings.HOME.run / "units.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
