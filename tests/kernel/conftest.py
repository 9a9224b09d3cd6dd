"""A database for all tests of a module, for those that commit but can live with what earlier ones left; deeds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from calypso import home, postgres
from tests.support.appliance import Appliance
from tests.support.deeds import Deeds, install, registered
from tests.support.live import client, tokens, web  # noqa: F401  fixtures
from tests.support.remote import Remote


def server(statement: str) -> None:
    host = str(postgres.socket_folder(home.current().db))
    with psycopg.connect(host=host, user=postgres.SUPERUSER, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


def point_at(name: str) -> None:
    connections.close_all()
    for alias in connections:
        connections.settings[alias]["NAME"] = name
    os.environ["CALYPSO_DATABASE"] = name


@pytest.fixture(scope="module")
def module_database(
    django_db_setup: None, template_database: str, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[str]:
    """Its name. Django's connections of this process, and of those started from it, lead there meanwhile."""
    name = f"calypso_module_{request.module.__name__.rpartition('.')[2]}"
    server(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    with django_db_blocker.unblock():
        shared = os.environ["CALYPSO_DATABASE"]
        point_at(name)
        try:
            yield name
        finally:
            point_at(shared)
            server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def deeds(tmp_path: Path, settings: Any, request: pytest.FixtureRequest) -> Iterator[Deeds]:
    """A command of tests, its tool on the PATH, and a folder for its effects. In `db` unless there's a fresh one."""
    if "fresh_database" not in request.fixturenames:
        request.getfixturevalue("db")
    install(tmp_path / "bin")
    settings.CALYPSO_TOOL_PATH = f"{tmp_path / 'bin'}:{settings.CALYPSO_TOOL_PATH}"
    (tmp_path / "deeds").mkdir()
    with registered():
        yield Deeds(tmp_path / "deeds")


@pytest.fixture
def remote(appliance: Appliance) -> Iterator[Remote]:
    """The running appliance as its administrator."""
    made = Remote(appliance)
    yield made
    made.http.close()
