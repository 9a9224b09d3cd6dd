"""A running appliance proves that it lives, and tells when a part of it does not; its orderly end leaves a mark."""

from __future__ import annotations

import io
import json
import os
import signal
import tarfile
from typing import Any

import pytest

from tests.support.appliance import Appliance, wait_for
from tests.support.remote import Remote

pytestmark = pytest.mark.whole


def checks(remote: Remote) -> dict[str, dict[str, Any]]:
    items = remote.http.get("/health/checks").raise_for_status().json()["items"]
    return {each["name"]: each for each in items}


def test_it_lives_and_is_missed_when_it_does_not(own_appliance: Appliance) -> None:
    remote = Remote(own_appliance)
    for process in ("worker", "observer"):
        wait_for(lambda name=process: checks(remote)[name]["state"] == "ok", 60, f"{process} beats")
    wait_for(lambda: checks(remote)["zfs"]["state"] == "ok", 60, "the first scan")
    wait_for(lambda: checks(remote)["scst"]["state"] != "unknown", 60, "the first look for integrations")
    [boot] = wait_for(lambda: remote.http.get("/system/power/boots").json()["items"], 60, "the boot is on record")
    assert boot["how"] == ""

    worker = own_appliance.child("worker")
    assert worker
    os.kill(worker, signal.SIGSTOP)
    try:
        wait_for(lambda: remote.http.get("/health/worker").status_code == 503, 60, "it is missed")
        told = remote.http.get("/health/worker").json()
        assert (told["code"], told["state"]) == ("unhealthy", "stopped") and told["since"]
        whole = remote.http.get("/health")
        assert (whole.status_code, whole.json()["state"]) == (200, "degraded"), "requests are served"
    finally:
        os.kill(worker, signal.SIGCONT)
    wait_for(lambda: remote.http.get("/health/worker").status_code == 200, 60, "it is back")

    end = remote.end(remote.ask("/system/support-bundles", reason="try")["id"], 120)
    assert end["state"] == "succeeded", end["error"]
    [bundle] = remote.http.get("/system/support-bundles").json()["items"]
    archive = remote.http.get(f"/system/support-bundles/{bundle['id']}/download").raise_for_status().content
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert len(tar.getnames()) == len(bundle["files"]) + 1
    remote.http.close()

    own_appliance.stop()
    assert json.loads((own_appliance.home / "stopped.json").read_text())["boot"] == boot["id"]
