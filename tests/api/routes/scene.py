"""What the tables of sample calls have in common: who asks of which box, and what a table's line says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.storage.models.datasets import Dataset
from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.models.smart import DiskBay, DiskSmart
from apps.storage.observe.importing import find_pools
from apps.storage.observe.scan import observe
from apps.system.domain.accounts import TokenCreated
from calypso.kernel import store
from calypso.kernel.actors import Permission
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from tests.support.history import example, some_id
from tests.support.lab_box import Box
from tests.support.rest import Person, disk_ids, path_of

PASSWORD = "a-Password-of-9"
PUBLIC = "public"  # needs no login
LOGIN = "login"  # whoever has logged in
IN_PERSON = "in person"  # whoever has logged in, but not by a personal API token
READ, OPERATE, ADMINISTER = Permission.READ, Permission.OPERATE, Permission.ADMINISTER


@dataclass
class Scene:
    """What a sample call may speak of."""

    box: Box
    who: Person
    queued: str  # an operation

    @property
    def disk(self) -> str:
        """A disk of no pool, at which somebody has looked."""
        disk = disk_ids(self.box)[5]
        now = timezone.now()
        told = {"self_test": "", "self_tests": [], "document": {}}
        DiskSmart.objects.update_or_create(disk=disk, defaults={"state": "ok", "tried_at": now, **told})
        DiskBay.objects.update_or_create(disk=disk, defaults={"way": "sysfs", "on": False, "sampled_at": now})
        return disk

    @property
    def alert(self) -> str:
        raised = example("alerts.AlertRaised.v1", 1)
        with store.writing():
            append([Change(uuid4(), raised)], Metadata())
        return str(some_id("alert", 1))

    @property
    def log(self) -> str:
        """The id of a log of tank."""
        disk = disk_ids(self.box)[12]
        self.box.ok("zpool", "add", "tank", "log", path_of(disk))
        observe()
        return disk

    @property
    def outdated(self) -> str:
        """Why tank is to be upgraded: it lacks features."""
        Pool.objects.update(upgradable=True)
        return "it is old"

    @property
    def found(self) -> str:
        """The guid of a pool that can be imported."""
        self.box.ok("zpool", "export", "tank")
        observe()
        find_pools()
        return ImportablePool.objects.get().guid

    @property
    def token(self) -> str:
        """A token of who asks; for a stranger, some id."""
        if not self.who.username:
            return self.queued
        made = TokenCreated(
            token=uuid4(), username=self.who.username, name="x", scope=("read",), expires_at=None, fingerprint="f"
        )
        with store.writing():
            append([Change(made.token, made)], Metadata())
        return str(made.token)


@dataclass(frozen=True)
class Route:
    """Who may call it, and a call that succeeds. `records`: the type of event that the success leaves."""

    needs: str
    path: Callable[[Scene], str] | None = None
    body: Callable[[Scene], Any] = lambda _: None
    records: str = ""


def dataset_id(name: str) -> str:
    found = Dataset.objects.named(name)
    assert found is not None
    return str(found.id)
