"""The running appliance: a unit of the lab fails, and the WebSocket says so; its log is followed over another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.appliance import ROOT, Appliance, environment, wait_for
from tests.support.remote import Remote

pytestmark = pytest.mark.whole

UNIT = "uuidd.service"
SOON = 60.0  # seconds, after which a test has failed


@pytest.fixture
def remote(appliance: Appliance) -> Iterator[Remote]:
    made = Remote(appliance)
    lab(appliance, "unit", "add", UNIT)
    wait_for(lambda: made.http.get(f"/system/services/{UNIT}").status_code == 200, SOON, "the unit is seen")
    yield made
    made.http.close()


def lab(appliance: Appliance, *words: str) -> None:
    argv = [sys.executable, str(ROOT / "manage.py"), "lab", *words]
    given = environment(appliance.home, appliance.port) | {"PATH": os.environ["PATH"]}
    subprocess.run(argv, env=given, check=True, capture_output=True, timeout=SOON)


def socket(remote: Remote, path: str) -> ClientConnection:
    url = remote.appliance.base_url.replace("http", "ws", 1) + path
    headers = {"Authorization": remote.http.headers["Authorization"]}
    return connect(url, additional_headers=headers, open_timeout=SOON, max_size=None)


def until(client: ClientConnection, wanted: Any) -> dict[str, Any]:
    """The first message that is wanted."""
    while True:
        message: dict[str, Any] = json.loads(client.recv(timeout=SOON))
        if wanted(message):
            return message


def test_a_unit_that_fails_is_on_the_websocket_and_raises_an_alert(remote: Remote) -> None:
    with socket(remote, f"/ws/v1/live?topics=system.service.{UNIT}") as client:
        until(client, lambda message: message.get("control") == "ready")
        lab(remote.appliance, "unit", "fail", UNIT, "signal")
        told = until(client, lambda message: message.get("type") == "system.ServiceFailed.v1")
        assert told["keys"] == [f"system.service.{UNIT}"]
    found = remote.http.get(f"/system/services/{UNIT}").json()
    assert (found["active"], found["result"]) == ("failed", "signal")

    def alerts() -> list[Any]:
        items = remote.http.get("/alerts?limit=500").json()["items"]
        return [item for item in items if item["resource"] == f"system.service.{UNIT}" and not item["cleared_at"]]

    wait_for(alerts, SOON, "an alert")
    operation = remote.end(remote.ask(f"/system/services/{UNIT}/start", reason="again")["id"], SOON)
    assert (operation["state"], operation["steps"][0]["kind"]) == ("succeeded", "ask")
    wait_for(lambda: not alerts(), SOON, "the alert is gone")


def test_a_log_is_read_by_page_and_followed(remote: Remote) -> None:
    lab(remote.appliance, "unit", "log", UNIT, "before", "--times", "30")
    page = remote.http.get(f"/system/services/{UNIT}/log?limit=10&text=before").json()
    assert page["items"][0]["message"] == "before 29"
    with socket(remote, f"/ws/v1/journal?{urlencode({'unit': UNIT, 'lines': 1})}") as client:
        first = until(client, lambda message: "entries" in message)
        assert [entry["message"] for entry in first["entries"]] == ["before 29"]
        lab(remote.appliance, "unit", "log", UNIT, "behind")
        told = until(client, lambda message: message.get("entries"))
        assert [entry["message"] for entry in told["entries"]] == ["behind"]


@pytest.mark.parametrize("query", ["unit=..%2Fx.service", "unit=a.service&lines=9999", "unit=a.service&after=x"])
def test_what_can_not_be_followed_is_refused(remote: Remote, query: str) -> None:
    from websockets.exceptions import ConnectionClosed

    with socket(remote, f"/ws/v1/journal?{query}") as client, pytest.raises(ConnectionClosed) as caught:
        while True:
            client.recv(timeout=SOON)
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 4400
