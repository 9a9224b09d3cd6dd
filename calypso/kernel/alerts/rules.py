"""The rules that contexts give, and their evaluation: what holds now against the alerts that stand, as events.

Evaluated after each scan and sample; where nothing changed, nothing is written.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

import structlog

from calypso.kernel import store
from calypso.kernel.actors import OBSERVER
from calypso.kernel.alerts.domain import AlertChanged, AlertCleared, AlertRaised, Condition, worse
from calypso.kernel.box import AWAY
from calypso.kernel.events import Change
from calypso.kernel.models import Alert
from calypso.kernel.projections import append

log = structlog.get_logger("calypso.alerts")

# The alerts of the rule that stand now, by key: where a value flutters, a rule lets go later than it takes hold.
Standing = Mapping[str, Alert]
Rule = Callable[[Standing], Iterable[Condition]]
_rules: dict[str, Rule] = {}
_evaluated: dict[str, float] = {}  # when a context's rules were looked at last, on the monotonic clock

UNCHANGED_SECONDS = 20.0  # between two evaluations when scans found nothing: samples change without events


def rule(name: str) -> Callable[[Rule], Rule]:
    """Registers a rule under ``context.what``: it tells, from the read models, all that holds now."""

    def register(function: Rule) -> Rule:
        _rules[name] = function
        return function

    return register


def evaluate(context: str) -> int:
    """Records what a context's rules say anew. Returns the number of events; 0 when nothing changed.

    What differs is looked at once more under the ledger's lock, so that two at once raise nothing twice.
    """
    names = [name for name in sorted(_rules) if name.startswith(f"{context}.") and _changes(name)]
    if not names:
        return 0
    with store.writing():
        changes = [change for name in names for change in _changes(name)]
        if changes:
            append(changes, OBSERVER.metadata())
    return len(changes)


def evaluate_soon(context: str, *, changed: bool) -> int:
    """For scans that follow each other closely: evaluates when something changed, and else now and then."""
    if not changed and time.monotonic() - _evaluated.get(context, -math.inf) < UNCHANGED_SECONDS:
        return 0
    _evaluated[context] = time.monotonic()
    return evaluate(context)


def evaluate_for(resources: Iterable[str]) -> None:
    """Evaluates the contexts of these addresses. A failure is logged: it must not hide what came before it."""
    for context in sorted({resource.split(".", 1)[0] for resource in resources}):
        try:
            evaluate(context)
        except AWAY:
            raise
        except Exception:
            log.exception("alerts could not be evaluated", context=context)


def _changes(name: str) -> list[Change]:
    """One rule's events. A rule that fails changes nothing: its alerts stand."""
    standing = {alert.key: alert for alert in Alert.objects.standing().filter(rule=name)}
    try:
        holding = {condition.key: condition for condition in _rules[name](standing)}
    except AWAY:
        raise
    except Exception:
        log.exception("alert rule failed", rule=name)
        return []
    gone = [_cleared(alert) for key, alert in standing.items() if key not in holding]
    known = [(standing[key], condition) for key, condition in holding.items() if key in standing]
    changed = [change for alert, condition in known if (change := _changed(alert, condition))]
    return gone + changed + [_raised(name, condition) for key, condition in holding.items() if key not in standing]


def _raised(name: str, condition: Condition) -> Change:
    alert = uuid4()
    return Change(alert, AlertRaised(alert=alert, rule=name, **condition.model_dump()))


def _changed(alert: Alert, now: Condition) -> Change | None:
    stated = now.model_dump(exclude={"key"})
    fields = tuple(name for name, value in stated.items() if getattr(alert, name) != value)
    if not fields:
        return None
    got_worse = worse(now.severity, now.grade) > worse(alert.severity, alert.grade)
    fact = AlertChanged(alert=alert.id, rule=alert.rule, key=alert.key, fields=fields, worse=got_worse, **stated)
    return Change(alert.id, fact)


def _cleared(alert: Alert) -> Change:
    return Change(alert.id, AlertCleared(alert=alert.id, rule=alert.rule, key=alert.key, resource=alert.resource))
