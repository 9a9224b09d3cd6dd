"""Scenarios on a whole appliance. `--ground` says where: the lab, or a guest with a real OpenZFS."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.box import Box, Json, Refused
from tests.acceptance.ground import Ground, lab

HERE = Path(__file__).parent
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every scenario starts processes and opens connections."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("whole")


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """One machine for all scenarios; each uses disks that are free and gives them back."""
    with ExitStack() as stack:
        if request.config.getoption("--ground") == "lab":
            yield stack.enter_context(lab())
        else:
            from tests.real.ground import guest

            yield stack.enter_context(guest())


@pytest.fixture(scope="session")
def box(ground: Ground) -> Box:
    return ground.box()


MakePool = Callable[..., Json]


@pytest.fixture
def new_name(ground: Ground, box: Box, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Names for pools; what has such a name at the scenario's end is taken away again, whatever state it is in."""
    given: list[str] = []

    def name() -> str:
        word = re.sub(r"[^a-z]", "", request.node.name.removeprefix("test_"))[:12]
        given.append(f"{word}{next(_numbers)}")
        return given[-1]

    yield name
    ground.mend()
    for pool in [pool["name"] for pool in box.items("/storage/pools") if pool["name"] in given]:
        tidy(ground, box, pool)
    ground.blank()


def tidy(ground: Ground, box: Box, pool: str) -> None:
    """Destroys a pool as anybody would; one that can't be asked any more by hand, and accepts that it is gone."""
    try:
        box.ask("DELETE", f"/storage/pools/{pool}", confirm=pool)
    except Refused:
        if ground.run(["zpool", "list", "-H", "-o", "name", pool]).code == 0:
            ground.ok("zpool", "destroy", "-f", pool)
        box.until(lambda: not box.has_pool(pool) or box.pool(pool)["state"] == "MISSING", "it is seen to be gone")
        if box.has_pool(pool):
            box.ask("POST", "/storage/drift/accept", {"address": f"storage.pool.{pool}"})


@pytest.fixture
def make_pool(box: Box, new_name: Callable[[], str]) -> MakePool:
    """Makes a pool of free disks of one size; it's gone after the scenario."""

    def make(type: str = "mirror", width: int = 2, **more: Any) -> Json:
        disks = box.free_disks(width)
        return box.create_pool(new_name(), {"type": type, "disks": disks, "role": "data"}, **more)

    return make
