"""What systemd shows of units against the read model: the differences as events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.system.adapters.systemd.showing import Listed
from apps.system.domain.services import (
    ServiceChanged,
    ServiceFailed,
    ServiceSeen,
    ServiceStarted,
    ServiceStopped,
    UnitState,
    why_failed,
)
from apps.system.models.services import Service

FIELDS = tuple(UnitState.model_fields)


def to_look_at(known: Mapping[str, Service], listed: Mapping[str, Listed]) -> list[str]:
    """The units that are new, or not as they are known. One that is not loaded does not run."""
    return [name for name, now in listed.items() if name not in known or _differs(known[name], now)]


def _differs(service: Service, now: Listed) -> bool:
    if now.file_state is not None and now.file_state != service.file_state:
        return True
    if now.active is None:
        return service.active != "inactive"
    return (now.load, now.active, now.sub) != (service.load, service.active, service.sub)


def change(known: Service, now: UnitState, changes: int = 1) -> ServiceSeen | None:
    """The event of what differs; None where nothing does. Whoever is as before, but since later, was away meanwhile."""
    fields = tuple(name for name in FIELDS if getattr(known, name) != getattr(now, name))
    if not fields:
        return None
    told = {"unit": now.unit, "state": now, "changes": changes}
    if "active" in fields or "since" in fields:
        if now.active == "failed":
            return ServiceFailed(**told, why=why_failed(now.result, now.exit_status))
        if now.active == "active" and (known.active != "active" or ("since" in fields and now.sub == known.sub)):
            return ServiceStarted(**told)
        if now.active == "inactive":
            return ServiceStopped(**told)
    return ServiceChanged(**told, fields=fields)


def vanished(known: Iterable[str], listed: Mapping[str, Listed]) -> list[str]:
    """Known units that the lists do not have any more."""
    return sorted(set(known) - set(listed))
