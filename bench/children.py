"""Calypso's own processes on the measured database, started as the supervisor starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.ground import PASSWORD
from tests.support.appliance import free_port

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def running(name: str, **more: str) -> Iterator[int]:
    """`manage.py <name>` until the block ends. Gives its process id."""
    given = {**os.environ, "DJANGO_SETTINGS_MODULE": "calypso.settings", **more}
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), name],
        env=given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child.pid
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def web() -> Iterator[str]:
    """The web process. Gives ``127.0.0.1:port`` once it answers."""
    with web_process() as (address, _):
        yield address


@contextmanager
def web_process() -> Iterator[tuple[str, int]]:
    """The web process. Gives ``127.0.0.1:port`` once it answers, and its process id."""
    port = free_port()
    with running("web", CALYPSO_PORT=str(port)) as pid:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=5)
                break
            except OSError as error:
                if getattr(error, "code", None) is not None:  # it answers, if only with a refusal
                    break
                time.sleep(0.1)
        yield f"127.0.0.1:{port}", pid


def bearer(address: str) -> str:
    """The Authorization header of the administrator."""
    body = json.dumps({"username": "admin", "password": PASSWORD}).encode()
    return f"Bearer {call(address, 'auth/jwt', body)['access']}"


def call(address: str, path: str, body: bytes | None = None, authorization: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": authorization}
    request = urllib.request.Request(
        f"http://{address}/api/v1/{path}", data=body, headers={k: v for k, v in headers.items() if v}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())
