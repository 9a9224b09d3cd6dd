"""Health: what checks tell, how the whole follows from them, heartbeats, and that a request starts nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.storage.commands.scan import ScanStorage
from apps.system.observe import integrations
from calypso.kernel import commands, health, heartbeat, vitals
from calypso.kernel.actors import Actor, Permission, Role
from calypso.kernel.alerts import rules
from calypso.kernel.errors import NotFound
from calypso.kernel.health import Health
from calypso.kernel.models import Alert, BuiltProjection, HealthSample, Heartbeat, Operation
from calypso.kernel.projections import registry
from tests.support.rest import person, stranger

pytestmark = pytest.mark.django_db

NAMES = {"zfs", "scst", "bacula", "vtl", "database", "ledger", "worker", "observer", "time", "disk"}
SOMEBODY = Actor("user:somebody", "session", "", frozenset(Permission))


@pytest.fixture(autouse=True)
def _own_rounds() -> Iterator[None]:
    kept = dict(heartbeat._rounds)
    heartbeat._rounds.clear()
    yield
    heartbeat._rounds.clear()
    heartbeat._rounds.update(kept)


@pytest.fixture
def built() -> None:
    """As start-up leaves it: tables of this version's projections."""
    for projection in registry.values():
        BuiltProjection.objects.update_or_create(name=projection.name, defaults={"version": projection.version})


def beat(process: str, ago: float = 0, rounds: dict[str, float] | None = None) -> None:
    """A heartbeat so many seconds ago, with rounds of its loops as long ago."""
    now = timezone.now()
    told = {loop: (now - timedelta(seconds=seconds)).isoformat() for loop, seconds in (rounds or {}).items()}
    at = now - timedelta(seconds=ago)
    values = {"pid": 1, "started_at": at - timedelta(hours=1), "beat_at": at, "rounds": told}
    Heartbeat.objects.update_or_create(process=process, defaults=values)


def test_what_has_a_check() -> None:
    assert set(health.names()) >= NAMES
    with pytest.raises(NotFound) as refused:
        health.look("coffee")
    assert refused.value.code == "no_such_check" and "zfs" in refused.value.hint


def test_a_process_is_known_by_its_heartbeat() -> None:
    assert health.look("worker").state == "stopped"
    heartbeat.beat("worker", timezone.now())
    found = health.look("worker")
    assert found.state == "ok" and found.since and found.evidence["pid"] > 0
    beat("worker", ago=60)
    dead = health.look("worker")
    assert dead.state == "stopped" and dead.since == dead.evidence["beat_at"]
    assert "no sign of life" in dead.message and dead.advice


def test_an_operation_that_nobody_takes_is_told() -> None:
    beat("worker")
    first = commands.dispatch(ScanStorage(), SOMEBODY)
    second = commands.dispatch(ScanStorage(), SOMEBODY)
    assert health.look("worker").state == "ok", "they have just been asked for"
    Operation.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    found = health.look("worker")
    assert (found.state, found.evidence["waiting"]) == ("degraded", str(first.pk))
    Operation.objects.filter(pk=first.pk).update(state="running")
    assert health.look("worker").state == "ok", f"{second.pk} waits for the other's end"


def test_a_loop_that_does_not_come_round_is_told() -> None:
    heartbeat.round_ended("scan")
    heartbeat.beat("observer", timezone.now())
    assert health.look("observer").state == "ok"
    beat("observer", rounds={"scan": 3600, "schedules": 1})
    found = health.look("observer")
    assert found.state == "degraded" and "scan" in found.message and "schedules" not in found.message


def test_a_heart_goes_on_beating_until_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[str] = []
    stop = threading.Event()

    def count(process: str, started: Any) -> None:
        beats.append(process)
        if len(beats) == 3:
            stop.set()
        if len(beats) == 2:
            raise RuntimeError("one beat fails")

    monkeypatch.setattr(heartbeat, "beat", count)
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)  # it is the test's own
    heartbeat.beat_forever("worker", stop)
    assert beats == ["worker"] * 3


def test_the_ledger_and_its_read_models(built: None) -> None:
    commands.dispatch(ScanStorage(), SOMEBODY)
    found = health.look("ledger")
    assert found.state == "ok" and found.evidence["events"] == 1 and found.evidence["last_event_at"]
    assert found.evidence["checkpoint"] is None, "none is signed yet, and none is claimed"
    BuiltProjection.objects.filter(name="operations").update(version=0)
    behind = health.look("ledger")
    assert (behind.state, behind.evidence["outdated_projections"]) == ("degraded", ["operations"])


def test_a_head_that_differs_from_the_events_is_a_failure(built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals.store, "query", lambda *_: [(7, 6, timezone.now())])
    found = health.look("ledger")
    assert found.state == "failed" and "7 events" in found.message


def test_a_crowded_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = health.look("database")
    assert found.state == "ok" and found.evidence["connections"] >= 1 and found.since
    monkeypatch.setattr(vitals.store, "query", lambda *_: [(timezone.now(), "18.1", 100, 90)])
    assert health.look("database").state == "degraded"


def test_a_check_that_fails_by_a_defect_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health._checks, "disk", lambda: 1 / 0)
    found = {each.name: each for each in health.look_at_all()}
    assert found["disk"].state == "unknown" and found["database"].state == "ok"


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ({"database": "ok", "zfs": "ok"}, "ok"),
        ({"database": "ok", "scst": "not_installed", "zfs": "unknown"}, "ok"),
        ({"database": "ok", "zfs": "degraded"}, "degraded"),
        ({"database": "ok", "worker": "stopped"}, "degraded"),
        ({"database": "ok", "ledger": "failed"}, "failed"),
        ({"database": "failed", "ledger": "ok"}, "failed"),
    ],
)
def test_the_whole_follows_from_its_parts(states: dict[str, Any], whole: str) -> None:
    found = [health.Checked(name=name, state=state, message="x") for name, state in states.items()]
    assert health.overall(found) == whole


def test_since_when_is_kept_by_whoever_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {"state": "ok"}
    monkeypatch.setitem(health._checks, "disk", lambda: Health(message="x", **state))
    assert health.look("disk").since is None, "nobody has seen it before"
    health.keep()
    since = health.look("disk").since
    assert since is not None
    assert health.keep() == 0
    assert health.look("disk").since == since
    state["state"] = "failed"
    assert health.look("disk").since is None, "it has just changed"
    assert health.keep() == 1
    assert health.look("disk").since > since


def test_trouble_that_lasts_becomes_an_alert_and_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    beat("worker", ago=3600)
    beat("observer")
    health.keep()
    rules.evaluate("system")
    assert not Alert.objects.exists(), "it may just be starting"
    HealthSample.objects.update(since=timezone.now() - timedelta(minutes=1))
    rules.evaluate("system")
    assert rules.evaluate("system") == 0
    assert {(a.key, a.severity) for a in Alert.objects.standing().filter(rule="system.health")} >= {
        ("worker", "critical")
    }
    beat("worker")
    rules.evaluate("system")
    assert not Alert.objects.standing().filter(key="worker").exists()


# --- over REST --------------------------------------------------------------------------------------------------------


def test_load_balancers_are_told_by_the_status(built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stranger().get("/health")
    assert whole.status == 200 and set(whole.body) == {"state", "version", "lab", "position"}
    viewer = person(Role.VIEWER)
    beat("observer")
    dead = viewer.get("/health/worker")
    assert (dead.status, dead.code, dead.body["state"], dead.body["name"]) == (503, "unhealthy", "stopped", "worker")
    assert dead.problem()["hint"] and dead.headers["retry-after"]
    assert viewer.get("/health/observer").body["state"] == "ok"
    assert viewer.get("/health/coffee").status == 404
    assert stranger().get("/health").body["state"] == "degraded", "no worker, but requests are served"
    monkeypatch.setitem(health._checks, "ledger", lambda: Health(state="failed", message="x"))
    refused = stranger().get("/health")
    assert (refused.status, refused.code, refused.body["state"]) == (503, "unhealthy", "failed")
    every = viewer.get("/health/checks")
    assert every.status == 200 and every.body["state"] == "failed"
    assert {each["name"] for each in every.body["items"]} >= NAMES


def test_the_whole_rests_on_what_was_seen_last(built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for process in ("worker", "observer"):
        beat(process)
    HealthSample.objects.create(name="disk", state="ok", since=timezone.now())
    HealthSample.objects.create(name="of-another-version", state="failed", since=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        answer = stranger().get("/health")
    assert answer.body["state"] == "ok" and answer.body["position"] == 0
    assert len([q for q in asked if "SELECT" in q["sql"]]) <= 10, "a load balancer asks every second"
    HealthSample.objects.filter(name="disk").update(state="failed")
    assert stranger().get("/health").body["state"] == "degraded"


def test_it_costs_the_same_few_queries_however_much_there_is(built: None) -> None:
    """Tests start no process unless they are marked for it, so that this one could not run a tool either."""
    integrations.look()
    with CaptureQueriesContext(connection) as few:
        stranger_health()
    for _ in range(30):
        commands.dispatch(ScanStorage(), SOMEBODY)
        Alert.objects.create(**alert_row())
    with CaptureQueriesContext(connection) as many:
        stranger_health()
    assert len(many) == len(few) <= 20


def stranger_health() -> None:
    assert health.look_at_all()


def alert_row() -> dict[str, Any]:
    texts = ("rule", "key", "severity", "resource", "title", "text", "advice", "acknowledged_by", "acknowledged_reason")
    now = timezone.now()
    count = Alert.objects.count()
    return {
        "id": uuid4(),
        **dict.fromkeys(texts, "x"),
        "grade": 0,
        "state": "active",
        "raised_at": now,
        "changed_at": now,
        "version": 1,
        "position": count + 1,
    }
