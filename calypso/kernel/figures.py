"""The kernel's metrics: health, operations, the ledger, projections, alerts, processes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from calypso.kernel import health, live, store
from calypso.kernel.metrics import metrics
from calypso.kernel.models import UNFINISHED, Alert, Heartbeat, Operation
from calypso.kernel.operations import ENDS
from calypso.kernel.rebuild import outdated

_LEDGER = """SELECT size, pg_total_relation_size('ledger.event'),
    (SELECT extract(epoch FROM recorded_at) FROM ledger.event ORDER BY position DESC LIMIT 1) FROM ledger.head"""
_ENDED = (
    "SELECT type, count(*) FROM ledger.event WHERE position > %s AND position <= %s AND type = ANY(%s) GROUP BY type"
)


@metrics
def healths() -> Iterator[Metric]:
    found = health.look_at_all()
    states = GaugeMetricFamily("calypso_health", "1 for the state that a check is in.", labels=("check", "state"))
    for each in found:
        for state in health.STATES:
            states.add_metric((each.name, state), float(each.state == state))
    yield states
    ages = GaugeMetricFamily(
        "calypso_heartbeat_age_seconds", "Since a process gave a sign of life.", labels=("process",)
    )
    for beat in Heartbeat.objects.all():
        ages.add_metric((beat.process,), (timezone.now() - beat.beat_at).total_seconds())
    yield ages


@metrics
def operations() -> Iterator[Metric]:
    now = dict(Operation.objects.unfinished().values_list("state").annotate(Count("pk")))
    unfinished = GaugeMetricFamily("calypso_operations", "Operations that have not ended.", labels=("state",))
    for state in UNFINISHED:
        unfinished.add_metric((state,), now.get(state, 0))
    yield unfinished
    ended = CounterMetricFamily("calypso_operations_ended", "Operations that have ended.", labels=("result",))
    for name, count in _ends.upto(store.position()).items():
        ended.add_metric((ENDS[name],), count)
    yield ended


class _Ends:
    """Operations' ends by type, counted on from where the last look had come: the ledger only grows."""

    def __init__(self) -> None:
        self.position, self.counts = 0, dict.fromkeys(ENDS, 0)

    def upto(self, position: int) -> dict[str, int]:
        counts = dict(self.counts)
        for name, count in store.query(_ENDED, [self.position, position, list(ENDS)]):
            counts[name] += count
        self.position, self.counts = position, counts
        return counts


_ends = _Ends()


@metrics
def ledger() -> Iterator[Metric]:
    """There is no age of a checkpoint as long as none is signed."""
    [(size, occupied, last)] = store.query(_LEDGER)
    yield CounterMetricFamily("calypso_ledger_events", "Events in the ledger.", value=size)
    yield GaugeMetricFamily("calypso_ledger_bytes", "What the ledger occupies, with its indexes.", value=occupied)
    if last is not None:
        yield GaugeMetricFamily("calypso_ledger_last_event_timestamp_seconds", "When it grew last.", value=float(last))
    behind = len(outdated())
    yield GaugeMetricFamily("calypso_projections_outdated", "Read models built by another version.", value=behind)
    if (told := live.position()) is not None:
        words = "Events that the ledger has and WebSocket clients of this process have not been told of."
        yield GaugeMetricFamily("calypso_live_lag_events", words, value=max(0, size - told))


@metrics
def alerts() -> Iterator[Metric]:
    standing = GaugeMetricFamily("calypso_alerts", "Alerts that stand.", labels=("severity", "state"))
    counted = Alert.objects.standing().values_list("severity", "state").annotate(Count("pk"))
    counts = {(severity, state): count for severity, state, count in counted}
    for severity in ("info", "warning", "critical"):
        for state in ("active", "acknowledged"):
            standing.add_metric((severity, state), counts.get((severity, state), 0))
    yield standing
