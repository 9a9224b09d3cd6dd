"""The questions that the executor asks the box after a crash or before it takes something back."""

from __future__ import annotations

import time

import pytest

from apps.storage.observe.probes import pool_absent, pool_made, scrub_is
from tests.support.lab_box import Box
from tests.support.rest import disk_ids

pytestmark = pytest.mark.django_db


def test_a_pool_is_ours_only_with_just_the_planned_disks(tank: Box) -> None:
    first, second, third = disk_ids(tank)[:3]
    assert pool_made({"name": "tank", "devices": [first, second]}, 0)
    assert not pool_made({"name": "tank", "devices": [first]}, 0)
    assert not pool_made({"name": "tank", "devices": [first, third]}, 0)
    assert not pool_made({"name": "vault", "devices": [first, second]}, 0)


def test_a_pool_is_absent_or_not(tank: Box) -> None:
    assert not pool_absent({"name": "tank"}, 0)
    tank.ok("zpool", "destroy", "tank")
    assert pool_absent({"name": "tank"}, 0)


def test_a_scrub_is_told_from_one_before(tank: Box) -> None:
    start, pause, stop = ({"name": "tank", "action": action} for action in ("start", "pause", "stop"))
    assert not scrub_is(start, 0)
    before = time.time()
    tank.ok("zpool", "scrub", "tank")
    assert scrub_is(start, before) and not scrub_is(pause, before) and not scrub_is(stop, before)
    tank.ok("zpool", "scrub", "-p", "tank")
    assert scrub_is(pause, before)
    tank.ok("zpool", "scrub", "-s", "tank")
    assert scrub_is(stop, before)
    assert not scrub_is(start, before + 3600)
