"""What all tests share: a real PostgreSQL for the session, databases from a template, a running appliance.

Most tests take pytest-django's `db`: a transaction that is rolled back. A test that commits, or looks from several
connections or processes, takes `fresh_database` (`transaction=True` would need TRUNCATE, which nobody may do here).
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Before Django reads its settings
HOME_FOLDER = Path(tempfile.mkdtemp(prefix="calypso-tests-"))
for _name in [name for name in os.environ if name.startswith("CALYPSO_") and name != "CALYPSO_CACHE"]:
    del os.environ[_name]
os.environ |= {
    "CALYPSO_HOME": str(HOME_FOLDER),
    "CALYPSO_LAB": "1",
    "CALYPSO_PROCESS": "tests",
    "DJANGO_SETTINGS_MODULE": "calypso.settings",
}

import django
import hypothesis
import psycopg
import pytest

from calypso import home, postgres
from tests.acceptance.table import Table
from tests.machine.summary import Summary
from tests.support.appliance import Appliance, start

HOME = home.current()
home.prepare(HOME)
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # or pytest-django loads the settings of a second process before it has a home

hypothesis.settings.register_profile("any machine", deadline=None)  # how fast is measured by bench/
hypothesis.settings.load_profile("any machine")

TEMPLATE, SHARED = "calypso_template", "calypso_test"
OUTSIDE = (
    "whole",
    "e2e",
    "root",
    "process",
    "system",
)  # markers of tests that may start processes and open connections

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "where acceptance scenarios run: the simulated box, or a guest with a real OpenZFS (make real)"
    parser.addoption("--ground", choices=("lab", "real"), default="lab", help=words)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Table())
    config.pluginmanager.register(Summary())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests last: Playwright keeps an event loop in this thread, in which Django refuses to query."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME_FOLDER, ignore_errors=True)


class ReachedOutside(BaseException):
    """Not an Exception, so that no handler in the code under test swallows it."""


@pytest.fixture(autouse=True)
def _inside_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test starts no process and connects nowhere unless it's marked for it."""
    if any(request.node.get_closest_marker(marker) for marker in OUTSIDE):
        return
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            raise ReachedOutside(f"connect to {address}: mark the test `process` or `whole`")
        connect(self, address)

    def refused(self: Any, args: Any, *_: Any, **__: Any) -> None:
        raise ReachedOutside(f"start {args}: mark the test `process` or `whole`")

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(subprocess.Popen, "_execute_child", refused)


# --- databases ---


def _server(statement: str) -> None:
    host = str(postgres.socket_folder(HOME.db))
    with psycopg.connect(host=host, user=postgres.SUPERUSER, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


def _point_at(name: str) -> None:
    """All threads' future connections go to this database; so do those of processes started from here."""
    from django.db import connections

    connections.close_all()
    for alias in connections:
        connections.settings[alias]["NAME"] = name
    os.environ["CALYPSO_DATABASE"] = name


@pytest.fixture(scope="session")
def template_database(django_db_blocker: Any) -> Iterator[str]:
    """A migrated database that nobody connects to, on a server that doesn't wait for the disk."""
    from django.conf import settings
    from django.core.management import call_command

    postgres.ensure_running(HOME.db, durable=False)
    try:
        postgres.bootstrap(HOME.db, settings.SECRETS["DATABASE_PASSWORD"], TEMPLATE)
        with django_db_blocker.unblock():
            _point_at(TEMPLATE)
            call_command("migrate", database="admin", verbosity=0, interactive=False)
            _point_at("")
        yield TEMPLATE
    finally:
        postgres.stop(HOME.db)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's own would make a database with rights that the application role does not have."""
    _server(f"CREATE DATABASE {SHARED} TEMPLATE {template_database}")
    with django_db_blocker.unblock():
        _point_at(SHARED)
    yield
    with django_db_blocker.unblock():
        _point_at("")


@pytest.fixture
def fresh_database(django_db_setup: None, template_database: str, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, with committed data and any number of connections. Its name."""
    name = f"calypso_fresh_{next(_numbers)}"
    _server(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    with django_db_blocker.unblock():
        _point_at(name)
        try:
            yield name
        finally:
            _point_at(SHARED)
            _server(f"DROP DATABASE {name} WITH (FORCE)")


# --- the whole appliance ---


@pytest.fixture(scope="session")
def appliance() -> Iterator[Appliance]:
    """One for all tests that leave it running; they find what earlier ones made."""
    with _open_folder() as folder:
        running = start(folder / "home")
        yield running
        try:
            running.stop()
        finally:
            running.destroy()


@pytest.fixture
def own_appliance(folder: Path) -> Iterator[Appliance]:
    """One for a test that breaks or stops it."""
    running = start(folder / "home")
    yield running
    running.destroy()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Like tmp_path, but not below the folder that each new run of pytest closes to PostgreSQL's user again."""
    with _open_folder() as path:
        yield path


@contextmanager
def _open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="calypso-tests-") as path:
        yield Path(path)
