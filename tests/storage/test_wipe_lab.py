"""Wipes by the lab's own tools: afterwards the disk is seen as blank, and a disk that knows no discard says so."""

from __future__ import annotations

import pytest

from apps.storage.models.disks import Disk
from apps.storage.models.smart import DiskWipe
from apps.storage.observe.scan import observe
from calypso.kernel import commands
from calypso.kernel.actors import Actor, Permission
from calypso.kernel.models import Operation
from calypso.lab.happenings import pull
from tests.support.lab_box import Box
from tests.support.rest import disk_ids, finish, path_of

pytestmark = pytest.mark.django_db

SARI = Actor("user:sari", "session", "", frozenset(Permission))


def wiped(box: Box, number: int, method: str) -> Operation:
    disk = Disk.objects.get(pk=disk_ids(box)[number])
    asked = commands.registered()["storage.WipeDisk"].model_validate({"disk": disk.id, "method": method})
    operation = commands.dispatch(asked, SARI, confirm=disk.serial)
    finish(operation.pk)
    operation.refresh_from_db()
    return operation


def test_a_disk_with_a_file_system_becomes_blank(box: Box) -> None:
    observe()
    assert Disk.objects.get(pk=disk_ids(box)[15]).uses
    operation = wiped(box, 15, "quick")
    assert operation.state == "succeeded", operation.error
    assert Disk.objects.get(pk=disk_ids(box)[15]).uses == []


def test_a_disk_of_an_exported_pool_is_free_afterwards(box: Box) -> None:
    ids = disk_ids(box)
    box.ok("zpool", "create", "tank", path_of(ids[10]))
    box.ok("zpool", "export", "tank")
    observe()
    assert Disk.objects.get(pk=ids[10]).uses[-1] == {"kind": "zfs_member", "name": "tank"}
    operation = wiped(box, 10, "discard")
    assert operation.state == "succeeded", operation.error
    assert Disk.objects.get(pk=ids[10]).uses == []
    box.ok("zpool", "create", "vault", path_of(ids[10]))  # without -f: nothing is left that ZFS would recognise


def test_a_disk_that_knows_no_discard(box: Box) -> None:
    observe()
    operation = wiped(box, 15, "discard")
    assert (operation.state, operation.error["code"]) == ("failed", "discard_unsupported")
    assert Disk.objects.get(pk=disk_ids(box)[15]).uses, "it keeps what it has"
    assert not DiskWipe.objects.exists()


def test_a_disk_pulled_before_the_wipe_begins(box: Box) -> None:
    observe()
    disk = Disk.objects.get(pk=disk_ids(box)[15])
    asked = commands.registered()["storage.WipeDisk"].model_validate({"disk": disk.id})
    operation = commands.dispatch(asked, SARI, confirm=disk.serial)
    box.disk(pull, "lab15")
    finish(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.error["code"]) == ("failed", "no_such_disk")
