"""The machine that these tests share, and one for a test that breaks it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.machine import Machine
from tests.machine.machine import running as running_machine
from tests.machine.managed import Managed, managed
from tests.machine.summary import NOT_RUN
from tests.machine.tree import unavailable


@pytest.fixture(scope="session")
def _ground() -> None:
    if why := unavailable():
        pytest.skip(f"{NOT_RUN}: {why}")


@pytest.fixture(scope="session")
def machine(_ground: None) -> Iterator[Machine]:
    """A real systemd for all tests that leave it as they found it."""
    with running_machine() as booted:
        yield booted


@pytest.fixture
def own_machine(_ground: None) -> Iterator[Machine]:
    """One for a test that reboots or breaks it."""
    with running_machine() as booted:
        yield booted


@pytest.fixture(scope="session")
def calypso(machine: Machine) -> Iterator[Managed]:
    """An appliance whose box is the machine that tests share."""
    with tempfile.TemporaryDirectory(prefix="calypso-tests-") as home, managed(machine, Path(home)) as running:
        yield running


@pytest.fixture
def own_calypso(own_machine: Machine, folder: Path) -> Iterator[Managed]:
    """One, with a machine of its own, for a test that kills or resets them."""
    with managed(own_machine, folder) as running:
        yield running
