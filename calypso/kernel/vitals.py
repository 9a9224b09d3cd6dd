"""The health of what Calypso itself is made of: database, ledger, worker and observer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from calypso.kernel import store
from calypso.kernel.health import Health, check
from calypso.kernel.models import Heartbeat, Operation
from calypso.kernel.rebuild import outdated

STALE = timedelta(seconds=20)  # without a heartbeat: four are missing
HANGS = timedelta(minutes=10)  # without a round of a loop; a look at a large box takes minutes
WAITING = timedelta(seconds=30)  # that an operation whose turn it is may wait for a worker
LOOKED_AT = 200  # unfinished operations, the first of them
CROWDED = 0.8  # of the connections that the database allows

RESTART = "See the log of the process; it is started again by itself. If not, restart Calypso."

_DATABASE = """SELECT pg_postmaster_start_time(), current_setting('server_version'),
    current_setting('max_connections')::int,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"""
_LEDGER = """SELECT h.size, e.position, e.recorded_at FROM ledger.head h
    LEFT JOIN (SELECT position, recorded_at FROM ledger.event ORDER BY position DESC LIMIT 1) e ON true"""


@check("database")
def database() -> Health:
    """It answers, or this raises; what is left to tell is whether it has room for more."""
    [(started, version, most, used)] = store.query(_DATABASE)
    evidence = {"version": version, "connections": used, "most_connections": most}
    if used > CROWDED * most:
        return Health(
            state="degraded",
            message=f"{used} of {most} connections are in use.",
            evidence=evidence,
            advice="Look for clients that hold connections, or raise max_connections.",
        )
    return Health(state="ok", message="The database answers.", since=started, evidence=evidence)


@check("ledger")
def ledger() -> Health:
    """Its head and its last event are of one size, and the read models are those of this version's projections."""
    [(size, last, recorded_at)] = store.query(_LEDGER)
    behind = [projection.name for projection in outdated()]
    # Checkpoints are not signed yet: there is none to be old.
    evidence = {"events": size, "last_event_at": recorded_at, "outdated_projections": behind, "checkpoint": None}
    if size != (last or 0):
        return Health(
            state="failed",
            message=f"The ledger's head tells {size} events, its last event is number {last or 0}.",
            evidence=evidence,
            advice="Do not write to it any more: keep the database as it is, and restore a backup beside it.",
        )
    if behind:
        return Health(
            state="degraded",
            message=f"Read models are those of another version: {', '.join(behind)}.",
            evidence=evidence,
            advice="Run manage.py rebuild, or restart Calypso.",
        )
    return Health(state="ok", message=f"{size} events; the read models are up to date.", evidence=evidence)


@check("worker")
def worker() -> Health:
    """It beats, and takes what it is given."""
    found = _process("worker")
    if found.state != "ok":
        return found
    waiting = _waiting(timezone.now() - WAITING)
    if waiting is None:
        return found
    return found.model_copy(
        update={
            "state": "degraded",
            "message": f"“{waiting.title}” waits for a worker.",
            "since": waiting.requested_at + WAITING,
            "evidence": {**found.evidence, "waiting": str(waiting.pk)},
            "advice": "All workers may be busy: see the running operations, and cancel what is not wanted.",
        }
    )


@check("observer")
def observer() -> Health:
    """It beats, and each of its loops goes round."""
    found = _process("observer")
    if found.state != "ok":
        return found
    rounds = {loop: datetime.fromisoformat(at) for loop, at in found.evidence["rounds"].items()}
    hanging = sorted(loop for loop, at in rounds.items() if timezone.now() - at > HANGS)
    if not hanging:
        return found
    return found.model_copy(
        update={
            "state": "degraded",
            "message": f"It does not come round: {', '.join(hanging)}.",
            "since": min(rounds[loop] for loop in hanging) + HANGS,
            "advice": "A device or a tool may hang: see the observer's log and the kernel's.",
        }
    )


def _process(name: str) -> Health:
    beat = Heartbeat.objects.filter(pk=name).first()
    if beat is None:
        return Health(state="stopped", message=f"The {name} has not run yet.", advice=RESTART)
    evidence = {"pid": beat.pid, "started_at": beat.started_at, "beat_at": beat.beat_at, "rounds": beat.rounds}
    if timezone.now() - beat.beat_at > STALE:
        return Health(
            state="stopped",
            message=f"The {name} has given no sign of life since {beat.beat_at:%Y-%m-%d %H:%M:%S} UTC.",
            since=beat.beat_at,
            evidence=evidence,
            advice=RESTART,
        )
    return Health(state="ok", message=f"The {name} lives.", since=beat.started_at, evidence=evidence)


def _waiting(before: datetime) -> Operation | None:
    """The first operation asked for before that time whose turn it is, and which nobody has begun."""
    taken: set[str] = set()
    for operation in (
        Operation.objects.unfinished()
        .order_by("position")[:LOOKED_AT]
        .only("pk", "title", "state", "resources", "requested_at")
    ):
        if operation.state == "queued" and operation.requested_at < before and taken.isdisjoint(operation.resources):
            return operation
        taken.update(operation.resources)
    return None
