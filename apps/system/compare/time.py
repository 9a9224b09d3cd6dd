"""The clock as it was seen against the read model → events; and how far it is from what was set. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.system.adapters.chrony import Source, Tracking
from apps.system.domain.time import ClockSynchronised, ClockUnsynchronised, TimeEvent, TimeSeen
from apps.system.models.time import TimeState

TIME_FIELDS = ("timezone", "ntp", "servers")  # what may drift
Why = Literal["off", "no service", "not running", "no answer", "local clock"]

#: Why a clock follows nobody, in words, and what to do.
WHY: dict[str, tuple[str, str]] = {
    "off": ("NTP is switched off.", "Switch it on."),
    "no service": ("Neither chrony nor ntpd is installed.", "Install chrony."),
    "not running": ("The time service does not answer.", "Start it, and look at its log."),
    "no answer": ("None of its servers has given a time that can be trusted.", "Look at the servers and the network."),
    "local clock": ("It serves its own clock, and follows no server.", "Name servers for it."),
}


@dataclass(frozen=True)
class Followed:
    """Whom the clock follows; ``why`` it follows nobody."""

    synchronised: bool = False
    reference: str = ""
    stratum: int | None = None
    why: Why = "no answer"


def followed_by_chrony(tracking: Tracking) -> Followed:
    if tracking.local:
        return Followed(why="local clock")
    if not tracking.synchronised:
        return Followed(why="no answer")
    return Followed(True, tracking.reference, tracking.stratum)


def followed_by_ntpd(sources: Sequence[Source]) -> Followed:
    selected = next((source for source in sources if source.state == "selected"), None)
    if selected is None:
        return Followed(why="no answer")
    if selected.mode == "clock":
        return Followed(why="local clock")
    return Followed(True, selected.address, selected.stratum + 1)


def time_facts(row: TimeState | None, seen: TimeSeen, follows: Followed | None) -> list[TimeEvent]:
    """A change of the reference is none of the clock's: it goes to and fro among good servers."""
    facts: list[TimeEvent] = []
    values = seen.model_dump(mode="json")
    if row is None or any(getattr(row, name) != value for name, value in values.items()):
        facts.append(seen)
    if follows is None:
        return facts
    if follows.synchronised and (row is None or not row.synchronised):
        facts.append(ClockSynchronised(reference=follows.reference, stratum=follows.stratum))
    if not follows.synchronised and (row is None or row.synchronised is not False or row.why != follows.why):
        facts.append(ClockUnsynchronised(why=follows.why))
    return facts


def drift(row: TimeState, fields: Sequence[str]) -> list[dict[str, Any]]:
    """What was set by Calypso and is not so: ``[{field, wanted, seen}]``. Servers count whatever their order."""
    if row.code:  # nothing was told
        fields = [name for name in fields if name == "servers"]
    pairs = [(name, row.wanted[name], getattr(row, name)) for name in fields if name in row.wanted]
    return [
        {"field": name, "wanted": wanted, "seen": seen}
        for name, wanted, seen in pairs
        if _plain(wanted) != _plain(seen)
    ]


def _plain(value: Any) -> Any:
    return sorted(value, key=lambda server: str(server["address"])) if isinstance(value, list) else value
