"""Starts the processes of the appliance, restarts what dies, and ends all of them within ten seconds.

One thread and one loop. It knows processes, not what they do.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess  # stated exception of the kernel.shell rule: these are our own processes
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.conf import settings

from calypso import home, postgres, processes, startup
from calypso.kernel.logs import get_logger
from calypso.restarts import Restarts

TICK = 0.1  # seconds
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0  # seconds before a restart; doubled each time
STABLE = 60.0  # seconds after which a process counts as healthy again
GRACE = 6.0  # seconds from SIGTERM to SIGKILL
PATIENCE = 60.0  # seconds until it's said that the start takes long

Death = tuple[int | None, int | None]  # exit code, signal

log = get_logger("calypso.supervisor")


class Program(Protocol):
    """Something that is kept running."""

    name: str

    def start(self) -> None: ...

    def death(self) -> Death | None:
        """None while it lives."""


class Child:
    """`manage.py <name>` in a session of its own, so that Ctrl-C reaches it only through us."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(home.CHECKOUT / "manage.py"), self.name],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {processes.SUPERVISOR: str(os.getpid()), "CALYPSO_HOME": str(settings.HOME.root)},
        )

    def death(self) -> Death | None:
        if self.process is None or not self._has_ended():
            return None
        self.kill()  # what it leaves behind, while its pid still names the group
        code = self.process.wait()
        self.process = None
        return ended(code)

    def _has_ended(self) -> bool:
        assert self.process is not None
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Its whole process group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def ended(code: int) -> Death:
    """Popen's return code as exit code or signal."""
    return (None, -code) if code < 0 else (code, None)


class Database:
    """The embedded PostgreSQL. It's no child of ours: one that outlived a killed supervisor is adopted."""

    name = "postgresql"

    def __init__(self, data: Path) -> None:
        self.data = data

    def start(self) -> None:
        postgres.start(self.data, patience=3, wait=5)

    def death(self) -> Death | None:
        if postgres.is_alive(self.data):
            return None
        code = postgres.exit_status(self.data)
        return (None, None) if code is None else ended(code)


@dataclass
class Watched:
    """A program with the memory of its restarts."""

    program: Program
    running: bool = False
    delay: float = FIRST_DELAY
    start_at: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def tend(self, restarts: Restarts) -> None:
        """One look: notes a death, or starts what is due."""
        now = time.monotonic()
        if not self.running:
            if now >= self.start_at:
                self._start(now)
            return
        death = self.program.death()
        if death is None:
            self.delay = FIRST_DELAY if now - self.started > STABLE else self.delay
            return
        log.error("process died", name=self.program.name, exit_code=death[0], signal=death[1], restart_in=self.delay)
        restarts.add(self.program.name, *death)
        self._wait(now)

    def _start(self, now: float) -> None:
        self.started, self.running = now, True
        try:
            self.program.start()
        except (home.Refused, OSError) as error:
            log.error("process does not start", name=self.program.name, error=str(error))
            self._wait(now)

    def _wait(self, now: float) -> None:
        self.running, self.start_at = False, now + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)


class Supervisor:
    def __init__(self) -> None:
        self.stopping = False
        self.children = [Child(name) for name in ("web", "worker", "observer")]
        self.watched = [Watched(child) for child in self.children]
        self.restarts = Restarts(settings.HOME.run / "restarts.jsonl")
        if settings.EMBEDDED_DATABASE:
            self.watched.insert(0, Watched(Database(settings.HOME.db), running=True))

    def run(self) -> None:
        """Until `stop`."""
        began, ready, warned = time.monotonic(), False, False
        while not self.stopping:
            for watched in self.watched:
                watched.tend(self.restarts)
            if not ready and (ready := is_ready()):
                announce()
            if not ready and not warned and time.monotonic() - began > PATIENCE:
                warned = True
                log.warning("still not ready", logs=str(settings.HOME.logs))
            time.sleep(TICK)

    def stop(self, *_: object) -> None:
        """A signal handler: a plain flag, as a lock could be held by what it interrupts."""
        self.stopping = True

    def end(self) -> None:
        """Ends all children within GRACE seconds, and the database after them."""
        for child in self.children:
            child.terminate()
        deadline = time.monotonic() + GRACE
        while not all(child.process is None or child.death() for child in self.children):
            if time.monotonic() > deadline:
                for child in self.children:
                    child.kill()
            time.sleep(0.02)
        self.restarts.close()
        if settings.EMBEDDED_DATABASE:
            postgres.stop(settings.HOME.db, seconds=2)


def run() -> None:
    """The whole life of the appliance in this terminal. Raises Refused when it can't start."""
    lock = startup.take_lock(settings.HOME)
    startup.check_port(settings.CALYPSO_HOST, settings.CALYPSO_PORT)
    password = prepare()
    supervisor = Supervisor()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.stop)
    if password:
        say(f"First administrator: admin, password {password} (shown only this once)")
    try:
        supervisor.run()
    finally:
        supervisor.end()
        lock.close()
    say("Calypso has stopped.")


def prepare() -> str | None:
    """Database and first administrator. A signal meanwhile ends PostgreSQL again."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        startup.start_database(settings.HOME)
        startup.migrate()
        return startup.first_administrator()
    except BaseException:
        if settings.EMBEDDED_DATABASE:
            postgres.stop(settings.HOME.db)
        raise


def interrupted(*_: object) -> None:
    raise home.Refused("Stopped before it was ready.")


def is_ready() -> bool:
    """Whether the web process answers, and with something better than a failure."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.CALYPSO_HOST, settings.CALYPSO_HOST)  # noqa: S104  no bind
    connection = http.client.HTTPConnection(host, settings.CALYPSO_PORT, timeout=2)
    try:
        connection.request("GET", "/api/v1/health", headers={"Host": "localhost"})
        if connection.getresponse().status < 500:
            return True
        time.sleep(0.5)  # it listens but has not come up yet: no need to flood its log
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    return False


def announce() -> None:
    say(f"Calypso is ready: http://{settings.CALYPSO_HOST}:{settings.CALYPSO_PORT}")
    if settings.CALYPSO_LAB:
        say("  in the lab: the storage is simulated, no real device is touched")
    say(f"  logs: {settings.HOME.logs}")


def say(line: str) -> None:
    """On stdout, never in a log: the first password goes this way."""
    try:
        print(line, flush=True)  # noqa: T201  for the person at the terminal
    except OSError:
        pass  # the terminal is gone; the appliance goes on
