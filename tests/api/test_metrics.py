"""/metrics: who may read it, that it tells what is so, that no label names a person, and that the dashboard fits it."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

import calypso
from apps.storage.observe.scan import observe
from calypso.access import RequestLog
from calypso.kernel import figures, live, store
from calypso.kernel.actors import Permission, Role
from calypso.kernel.metrics import area, registry
from tests.support.lab_box import Box
from tests.support.rest import Person, by_token, finish, person

pytestmark = pytest.mark.django_db

DASHBOARD = json.loads((Path(calypso.__file__).parent / "deploy" / "grafana-dashboard.json").read_text())
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _counted_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests roll the ledger back, which the appliance never does."""
    monkeypatch.setattr(figures, "_ends", figures._Ends())


@pytest.fixture
def scraper(db: None) -> Person:
    return by_token(person(Role.ADMINISTRATOR), Permission.READ)


def scrape(who: Person) -> str:
    answer = Client().get("/metrics", HTTP_AUTHORIZATION=f"Bearer {who.bearer}")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return answer.content.decode()


def samples(who: Person) -> Samples:
    families = text_string_to_metric_families(scrape(who))
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_a_scraper_needs_a_token_that_may_read(scraper: Person) -> None:
    for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer cal_wrong-wrong-wrong"}):
        refused = Client(REMOTE_ADDR="127.0.0.1").get("/metrics", **headers)
        assert refused.status_code == 401 and refused["WWW-Authenticate"].startswith("Bearer")
        assert b"calypso_" not in refused.content
    nobody = person()
    assert nobody.client.get("/metrics").status_code == 403
    viewer = person(Role.VIEWER)
    assert viewer.client.get("/metrics").status_code == 200
    assert viewer.client.post("/metrics").status_code in (403, 405)
    assert "calypso_ledger_events_total" in scrape(scraper)


def test_it_tells_what_is_so(scraper: Person, tank: Box) -> None:
    admin = person(Role.ADMINISTRATOR, name="ann")
    finish(admin.post("/storage/scan", {}).body["id"])
    admin.post("/storage/scan", {})
    told = samples(scraper)
    assert told["calypso_ledger_events_total", ()] == store.position()
    assert told["calypso_operations", (("state", "queued"),)] == 1
    assert told["calypso_operations_ended_total", (("result", "succeeded"),)] == 1
    assert told["calypso_pool_state", (("pool", "tank"), ("state", "ONLINE"))] == 1
    assert told["calypso_pool_free_bytes", (("pool", "tank"),)] > 0
    assert told["calypso_disks", ()] > 10
    assert told["calypso_health", (("check", "zfs"), ("state", "ok"))] == 1
    assert told["calypso_health", (("check", "worker"), ("state", "stopped"))] == 1
    assert told["calypso_health", (("check", "worker"), ("state", "ok"))] == 0
    assert told["calypso_alerts", (("severity", "critical"), ("state", "active"))] == 0
    assert told["calypso_ledger_bytes", ()] > 0
    assert not [name for name, _ in told if "checkpoint" in name], "none is signed, so none has an age"
    finish(admin.post("/storage/scan", {}).body["id"])
    again = samples(scraper)
    assert again["calypso_operations_ended_total", (("result", "succeeded"),)] >= 1
    assert again["calypso_ledger_events_total", ()] == store.position()


def test_ends_are_counted_on(scraper: Person, tank: Box) -> None:
    admin = person(Role.ADMINISTRATOR, name="ann")
    counted = []
    for _ in range(3):
        finish(admin.post("/storage/scan", {}).body["id"])
        counted.append(samples(scraper)["calypso_operations_ended_total", (("result", "succeeded"),)])
    assert counted == [1, 2, 3]


def test_no_label_names_a_person(scraper: Person, tank: Box) -> None:
    admin = person(Role.ADMINISTRATOR, name="ann-the-administrator")
    admin.post("/storage/scan", {"reason": "because Ann said so"})
    text = scrape(scraper)
    assert "ann-the-administrator" not in text and "Ann said" not in text and "cal_" not in text


def test_how_far_clients_are_behind(scraper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ("calypso_live_lag_events", ()) not in samples(scraper) or live.position() is not None
    following = live.Bridge()
    following.position = store.position() - 3 if store.position() > 3 else 1
    monkeypatch.setattr(live, "_bridges", {object(): following})
    assert samples(scraper)["calypso_live_lag_events", ()] == store.position() - following.position


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/api/v1/storage/pools/tank", "storage"),
        ("/api/v1/system/power", "system"),
        ("/api/v1/health", "health"),
        ("/api/v1/../../etc/passwd", "other"),
        ("/api/v1/docs", "other"),
        ("/api/v2/x", "other"),
        ("/metrics", "metrics"),
        ("/admin/", "admin"),
        ("/", "interface"),
        ("/storage/pools/tank", "interface"),
    ],
)
def test_paths_are_told_by_area(path: str, wanted: str) -> None:
    assert area(path) == wanted


def test_requests_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def count(method: str, status: str) -> float:
        labels = {"area": "storage", "method": method, "status": status}
        return registry.get_sample_value("calypso_request_seconds_count", labels) or 0.0

    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a defect")

    async def ignore(*_: Any) -> Any:
        return None

    def ask(application: Any, method: str, kind: str = "http") -> None:
        scope = {"type": kind, "path": "/api/v1/storage/pools", "method": method, "headers": []}
        asyncio.run(RequestLog(application)(scope, ignore, ignore))

    missing, failed, odd = count("GET", "4xx"), count("GET", "5xx"), count("other", "4xx")
    ask(answers, "GET")
    ask(answers, "BREW")
    with pytest.raises(RuntimeError):
        ask(fails, "GET")
    assert (count("GET", "4xx"), count("GET", "5xx"), count("other", "4xx")) == (missing + 1, failed + 1, odd + 1)


def test_the_dashboard_shows_what_there_is(scraper: Person, tank: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each metric that it asks for is one that is told, with the labels it groups by."""
    following = live.Bridge()
    following.position = store.position()
    monkeypatch.setattr(live, "_bridges", {object(): following})
    figures.Heartbeat.objects.create(
        process="worker", pid=1, started_at="2026-11-24T12:00Z", beat_at="2026-11-24T12:00Z", rounds={}
    )
    observe()
    asyncio.run(RequestLog(_nothing)({"type": "http", "path": "/", "method": "GET", "headers": []}, _none, _none))
    told: dict[str, set[str]] = {}
    for name, labels in samples(scraper):
        told.setdefault(name, set()).update(label for label, _ in labels)
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(asked) >= len(DASHBOARD["panels"]) >= 10
    for expression in asked:
        names = set(re.findall(r"calypso_\w+", expression))
        assert names and names <= set(told), expression
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            known = set().union(*(told[name] for name in names))
            assert {label.strip() for label in grouped.split(",")} <= known, expression
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def _none(*_: Any) -> Any:
    return None
