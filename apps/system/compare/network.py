"""The network that the box shows against that of the read models: the differences as events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.system.adapters.ethtool import Driver, Settings
from apps.system.adapters.ip import SeenLink
from apps.system.adapters.rollback import TrialState
from apps.system.domain.network import (
    MOST_ROUTES,
    InterfaceChanged,
    InterfaceFound,
    InterfaceGone,
    RoutesChanged,
    SeenRoute,
)
from apps.system.domain.network_changes import NetworkChanged, NetworkChangeRolledBack
from apps.system.models.network import Interface, NetworkChange, Route


@dataclass(frozen=True)
class SeenInterface:
    """An interface by ip and ethtool together."""

    link: SeenLink
    settings: Settings
    driver: Driver

    def values(self, members: Sequence[str]) -> dict[str, Any]:
        link = {name: value for name, value in vars(self.link).items() if name != "counters"}
        card = {"speed": self.settings.speed, "duplex": self.settings.duplex}
        return {**link, **card, "driver": self.driver.driver, "bus": self.driver.bus, "members": tuple(members)}


InterfaceFact = InterfaceFound | InterfaceChanged | InterfaceGone


def interface_changes(known: Mapping[str, Interface], seen: Iterable[SeenInterface]) -> list[InterfaceFact]:
    """Events for what appeared, changed and went. ``known`` is the read model by name."""
    links = {each.link.name: each for each in seen}
    facts: list[InterfaceFact] = [InterfaceGone(name=name) for name in known if name not in links]
    for name, each in links.items():
        values = each.values(sorted(other.link.name for other in links.values() if other.link.master == name))
        if name not in known:
            facts.append(InterfaceFound(**values))
        elif fields := _differing(known[name], InterfaceFound(**values)):
            facts.append(InterfaceChanged(**values, fields=fields))
    return facts


def _differing(row: Interface, seen: InterfaceFound) -> tuple[str, ...]:
    return tuple(name for name, value in seen.model_dump(mode="json").items() if getattr(row, name) != value)


def routes_change(known: Iterable[Route], left_out: int, seen: Sequence[SeenRoute]) -> RoutesChanged | None:
    """None when they are as before."""
    told, more = tuple(seen[:MOST_ROUTES]), max(0, len(seen) - MOST_ROUTES)
    before = sorted(tuple(str(getattr(row, name)) for name in SeenRoute.model_fields) for row in known)
    now = sorted({tuple(str(getattr(route, name)) for name in SeenRoute.model_fields) for route in told})
    return None if (before, left_out) == (now, more) else RoutesChanged(routes=told, left_out=more)


def ended(change: NetworkChange, trial: TrialState | None) -> NetworkChanged | NetworkChangeRolledBack | None:
    """What became of a change that is pending by the ledger, told by the box. None: it still is."""
    if trial is None or trial.state == "pending":
        return None
    if trial.state == "confirmed":
        return NetworkChanged.model_validate(
            {
                "change": change.id,
                "renderer": change.renderer,
                "interfaces": change.interfaces,
                "removed": change.removed,
            }
        )
    return NetworkChangeRolledBack.model_validate(
        {
            "change": change.id,
            "cause": trial.cause,
            "files": trial.files,
            "complete": trial.complete,
            "detail": trial.detail,
        }
    )
