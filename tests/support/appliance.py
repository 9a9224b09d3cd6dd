"""A real appliance for tests: `manage.py up` in a folder of its own, on a free port, in the lab."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from calypso import postgres

ROOT = Path(__file__).resolve().parent.parent.parent
START = 60.0  # seconds, on a busy machine
STOP = 10.0  # seconds, what is promised

PASSWORD = "first-Admin-password-7"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, port: int, **more: str) -> dict[str, str]:
    """Ours without what the test run itself was set to."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CALYPSO_", "DJANGO_"))}
    return clean | {"CALYPSO_HOME": str(home), "CALYPSO_PORT": str(port), "CALYPSO_LAB": "1"} | more


def up(home: Path, port: int, **more: str) -> subprocess.CompletedProcess[str]:
    """`manage.py up` where a refusal is expected."""
    argv = [sys.executable, str(ROOT / "manage.py"), "up"]
    given = environment(home, port, **more)
    return subprocess.run(argv, env=given, capture_output=True, text=True, timeout=START, check=False)


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true value of the condition; fails the test after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Appliance:
    """A running one. `base_url` without a slash at the end; `output` is what its terminal showed."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    output_file: Path
    admin_password: str
    username: str = "admin"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.output_file.read_text(errors="replace")

    @property
    def logs(self) -> str:
        """All JSON lines of all processes."""
        return "".join(path.read_text(errors="replace") for path in sorted((self.home / "logs").iterdir()))

    def status(self, path: str = "/api/v1/health") -> int | None:
        """HTTP status of a GET; None when nobody answers."""
        try:
            with urllib.request.urlopen(self.base_url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def child(self, name: str) -> int | None:
        """The pid of `web`, `worker` or `observer`."""
        return next((pid for pid, argv in children(self.process.pid) if argv[-1:] == [name]), None)

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Its database as superuser."""
        host = str(postgres.socket_folder(self.home / "db"))
        with psycopg.connect(host=host, user=postgres.SUPERUSER, dbname="calypso", autocommit=True) as connection:
            yield connection

    def events(self, type_prefix: str = "") -> list[tuple[int, str, bytes]]:
        """Position, type and stored bytes of the events of such a type, in order."""
        query = "SELECT position, type, state FROM ledger.event WHERE type LIKE %s ORDER BY position"
        with self.database() as connection:
            return connection.execute(query, [f"{type_prefix}%"]).fetchall()

    def stop(self) -> float:
        """SIGTERM. Returns how many seconds it took, and fails when they are too many."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.destroy()
            raise AssertionError(f"still running {STOP} s after SIGTERM:\n{self.output[-4000:]}") from None
        assert code == 0, self.output[-4000:]
        return time.monotonic() - started

    def destroy(self) -> None:
        """Whatever state it's in, nothing is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        postgres.stop(self.home / "db", seconds=5)


def start(
    home: Path, *, password: str = PASSWORD, around: Sequence[str] = (), within: float = START, **more: str
) -> Appliance:
    """Starts one and waits until it says that it's ready. An empty password lets it make one up.

    ``around``: the argv of a program that becomes it, as `setpriv …` or `nsenter …` do.
    """
    port = free_port()
    output = home.with_name(f"{home.name}.out")
    output.parent.mkdir(parents=True, exist_ok=True)
    given = {"CALYPSO_ADMIN_PASSWORD": password} if password else {}
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [*around, sys.executable, str(ROOT / "manage.py"), "up"],
            env=environment(home, port, **given, **more),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    appliance = Appliance(home, port, process, output, password)
    try:
        ready = "Calypso is ready: http://"
        wait_for(lambda: ready in appliance.output or process.poll() is not None, within, "ready")
        assert process.poll() is None, appliance.output[-4000:]
    except BaseException:
        appliance.destroy()
        raise
    return appliance


def children(parent: int) -> list[tuple[int, list[str]]]:
    """pid and argv of the processes that have this parent."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append((int(folder.name), folder.joinpath("cmdline").read_text().split("\0")[:-1]))
            except OSError:
                continue
    return found


def processes_of(home: Path) -> list[int]:
    """Every living process with this data folder in its environment."""
    mark = f"CALYPSO_HOME={home}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if mark in folder.joinpath("environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found
