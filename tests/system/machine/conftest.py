"""The machine that these tests share, and one for a test that breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.machine.machine import Machine, running
from tests.machine.summary import NOT_RUN
from tests.machine.tree import unavailable


@pytest.fixture(scope="session")
def _ground() -> None:
    if why := unavailable():
        pytest.skip(f"{NOT_RUN}: {why}")


@pytest.fixture(scope="session")
def machine(_ground: None) -> Iterator[Machine]:
    """A real systemd for all tests that leave it as they found it."""
    with running() as booted:
        yield booted


@pytest.fixture
def own_machine(_ground: None) -> Iterator[Machine]:
    """One for a test that reboots or breaks it."""
    with running() as booted:
        yield booted
