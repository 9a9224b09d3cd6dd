"""Health: each context tells how its things are, from what is known: read models, heartbeats, files of ours.

A check runs in a request: it starts no tool and asks no device. What takes a look at the box, the observer keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import structlog
from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from calypso.kernel.box import AWAY
from calypso.kernel.errors import NotFound, Unavailable
from calypso.kernel.models import HealthSample

log = structlog.get_logger("calypso.health")

# not_installed: it is not on this machine, which is no trouble. stopped: it is there and does not run. degraded: it
# works, but not as it should. failed: it does not work. unknown: nobody has looked yet.
State = Literal["ok", "degraded", "failed", "stopped", "not_installed", "unknown"]
STATES: tuple[State, ...] = ("ok", "degraded", "failed", "stopped", "not_installed", "unknown")
DOWN: tuple[State, ...] = ("failed", "stopped")
OWN = ("database", "ledger", "worker", "observer")
VITAL = ("database", "ledger")  # without them no request is answered


class Unhealthy(Unavailable):
    code = "unhealthy"


class Health(BaseModel):
    """How one thing is. ``since``: in this state; ``evidence``: named facts it rests on; ``advice``: what to do."""

    model_config = ConfigDict(frozen=True)

    state: State
    message: str
    since: datetime | None = None
    evidence: dict[str, Any] = {}
    advice: str = ""


class Checked(Health):
    """A check's answer under its name."""

    name: str


Check = Callable[[], Health]
_checks: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Registers the check of one thing under its name in the address /health/<name>."""

    def register(function: Check) -> Check:
        _checks[name] = function
        return function

    return register


def names() -> list[str]:
    return sorted(_checks)


def look(name: str) -> Checked:
    """How one thing is. Raises NotFound."""
    if name not in _checks:
        hint = f"Known: {', '.join(names())}."
        raise NotFound(f"Nothing named “{name}” has a health.", code="no_such_check", field="name", hint=hint)
    return _dated([_look(name)])[0]


def look_at_all() -> list[Checked]:
    """How everything is, by name."""
    return _dated([_look(name) for name in names()])


def glance() -> dict[str, Checked]:
    """What tells whether the whole works: Calypso's own parts as they are now, the rest as processes saw it last."""
    own = [_look(name) for name in OWN]
    seen = HealthSample.objects.exclude(pk__in=OWN).filter(pk__in=names()).values("name", "state")
    return {each.name: each for each in (*own, *(Checked(message="", **row) for row in seen))}


def overall(found: Iterable[Checked]) -> State:
    """``failed`` when no request could be served, ``degraded`` when something is wrong, else ``ok``."""
    states = {each.name: each.state for each in found}
    if any(states.get(name) in DOWN for name in VITAL):
        return "failed"
    return "degraded" if any(state in (*DOWN, "degraded") for state in states.values()) else "ok"


def raise_if_down(found: Checked) -> Checked:
    """The check's answer. Raises Unhealthy, which load balancers see as 503, for what does not work."""
    if found.state not in DOWN:
        return found
    about = found.model_dump(mode="json", exclude={"message", "advice"})
    raise Unhealthy(found.message, hint=found.advice, **about)


def keep() -> int:
    """Keeps which state everything is seen in, and since when; a sample, no event. Returns how many have changed."""
    kept = {sample.name: sample.state for sample in HealthSample.objects.all()}
    changed = [each for each in map(_look, names()) if kept.get(each.name) != each.state]
    with transaction.atomic():
        for each in changed:
            seen = {"state": each.state, "since": timezone.now()}
            HealthSample.objects.update_or_create(name=each.name, defaults=seen)
    return len(changed)


def _look(name: str) -> Checked:
    """A check that fails by a defect knows nothing; the log has the reason."""
    try:
        return Checked(name=name, **_checks[name]().model_dump())
    except AWAY:
        raise
    except Exception:
        log.exception("health check failed", check=name)
        return Checked(name=name, state="unknown", message="Its check failed; the log has the details.")


def _dated(found: list[Checked]) -> list[Checked]:
    """With the time since when each is in its state, where the check itself does not tell and the observer saw it."""
    seen = {(s.name, s.state): s.since for s in HealthSample.objects.filter(pk__in=[each.name for each in found])}
    return [e if e.since else e.model_copy(update={"since": seen.get((e.name, e.state))}) for e in found]
