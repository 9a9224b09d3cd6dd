"""Every route by every role. The routes are the API's own: a new one fails here until it stands in the table below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apps.audit.models import LedgerEvent
from apps.storage.commands.scan import ScanStorage
from apps.storage.domain.schedules import ScheduleCreated, SnapshotJob, When
from apps.storage.domain.snapshots import BookmarksFound, BookmarkState
from apps.storage.models.datasets import Dataset, KeptKey
from apps.storage.models.pools import ImportablePool, Pool
from apps.storage.models.smart import DiskBay, DiskSmart
from apps.storage.models.snapshots import SnapshotDiff
from apps.storage.observe.importing import find_pools
from apps.storage.observe.scan import observe
from apps.system.domain.accounts import TokenCreated
from calypso.api import api
from calypso.kernel import commands, secrets, store
from calypso.kernel.actors import GRANTS, Actor, Permission, Role
from calypso.kernel.events import Change, Metadata
from calypso.kernel.projections import append
from calypso.kernel.rest import Needs
from tests.support.history import example, some_id
from tests.support.lab_box import Box
from tests.support.rest import Person, by_token, disk_ids, events_after, path_of, person, stranger
from tests.support.snapshots import dataset, see, take

pytestmark = pytest.mark.django_db

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


def refresh_of(scene: Scene) -> dict[str, str]:
    User.objects.create_user("jay", password=PASSWORD)
    pair = Person().post("/auth/jwt", {"username": "jay", "password": PASSWORD})
    return {"refresh": pair.body["refresh"]}


def credentials(scene: Scene) -> dict[str, str]:
    User.objects.create_user("jay", password=PASSWORD)
    return {"username": "jay", "password": PASSWORD}


def dataset_id(name: str) -> str:
    found = Dataset.objects.named(name)
    assert found is not None
    return str(found.id)


OPEN = {"encryption": "aes-256-gcm", "encryption_root": "tank/home", "key_status": "available"}
LOCKED = {**OPEN, "key_status": "unavailable"}


def home(scene: Scene, **changes: Any) -> str:
    """A file system “tank/home” that looks so."""
    root = Dataset.objects.get(name="tank")
    made = some_id("dataset", 1)
    row = {**Dataset.objects.filter(pk=root.pk).values().get(), "id": made, "name": "tank/home", "parent": "tank"}
    Dataset.objects.create(**{**row, "mounted": False, "mountpoint": "/tank/home", **changes})
    if key := changes.get("key"):
        KeptKey.objects.create(key=key, dataset=made, guid="", fingerprint="f", exported_at=None)
    return str(made)


def kept() -> str:
    ref = secrets.reference()
    secrets.put(ref, "0" * 64, once=False)
    return ref


def snapshot(scene: Scene) -> str:
    take(scene.box, "tank@monday")
    return "tank@monday"


def held_snapshot(scene: Scene) -> str:
    scene.box.ok("zfs", "snapshot", "tank@monday")
    scene.box.ok("zfs", "hold", "legal", "tank@monday")
    see("tank@monday")
    return "tank@monday"


def bookmark(scene: Scene) -> str:
    of = dataset("tank")
    state = BookmarkState(
        dataset=of.id, dataset_name="tank", name="sent", guid="1", created_at=1_795_412_412, created_txg=9
    )
    with store.writing():
        found = BookmarksFound(pool=of.pool, name="tank", items=(state,))
        append([Change(uuid4(), found)], Metadata())
    return "tank%23sent"


def diffed(scene: Scene) -> str:
    """An operation that compared snapshots."""
    operation = uuid4()
    compared = {"older": "tank@a", "newer": "tank@b", "entries": 0, "truncated": False, "made_at": timezone.now()}
    SnapshotDiff.objects.create(id=commands.mint(operation, "diff"), **compared)
    return str(operation)


HOURLY = {"job": {"kind": "snapshots", "dataset": "tank", "naming": "hourly-%Y-%m-%d_%H-%M"}}


def schedule(scene: Scene) -> str:
    made = ScheduleCreated(
        schedule=uuid4(),
        name="hourly",
        target=dataset("tank").id,
        enabled=True,
        when=When(),
        job=SnapshotJob.model_validate(HOURLY["job"]),
    )
    with store.writing():
        append([Change(made.schedule, made)], Metadata())
    return "hourly"


def new_pool(scene: Scene) -> dict[str, Any]:
    return {"name": "dozer", "vdevs": [{"type": "mirror", "disks": disk_ids(scene.box)[2:4]}]}


def drifted(scene: Scene) -> dict[str, str]:
    """A value of tank that somebody changed behind Calypso's back."""
    Pool.objects.update(drift=[{"field": "autotrim", "wanted": "off", "seen": "on", "since": "2026-11-24T12:00:00Z"}])
    return {"address": "storage.pool.tank"}


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/auth/login"): Route(PUBLIC, body=credentials, records="system.LoginSucceeded.v1"),
    ("GET", "/auth/csrf"): Route(PUBLIC),
    ("POST", "/auth/jwt"): Route(PUBLIC, body=credentials, records="system.LoginSucceeded.v1"),
    ("POST", "/auth/jwt/refresh"): Route(PUBLIC, body=refresh_of, records="system.LoginSucceeded.v1"),
    ("POST", "/auth/logout"): Route(LOGIN, records="system.LoggedOut.v1"),
    ("GET", "/auth/me"): Route(LOGIN),
    ("GET", "/auth/tokens"): Route(LOGIN),
    ("POST", "/auth/tokens"): Route(
        IN_PERSON, body=lambda _: {"name": "x", "scope": ["read"]}, records="system.TokenCreated.v1"
    ),
    ("DELETE", "/auth/tokens/{token_id}"): Route(
        IN_PERSON, path=lambda s: f"/auth/tokens/{s.token}", records="system.TokenRevoked.v1"
    ),
    ("GET", "/operations"): Route(READ),
    ("GET", "/operations/{operation_id}"): Route(READ, path=lambda s: f"/operations/{s.queued}"),
    ("POST", "/operations/{operation_id}/cancel"): Route(
        OPERATE,
        path=lambda s: f"/operations/{s.queued}/cancel",
        body=lambda _: {"reason": "not now"},
        records="operations.OperationCancelled.v1",
    ),
    ("GET", "/alerts"): Route(READ),
    ("GET", "/alerts/{alert_id}"): Route(READ, path=lambda s: f"/alerts/{s.alert}"),
    ("POST", "/alerts/{alert_id}/acknowledge"): Route(
        OPERATE,
        path=lambda s: f"/alerts/{s.alert}/acknowledge",
        body=lambda _: {"reason": "a disk is ordered"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/disks"): Route(READ),
    ("GET", "/storage/disks/{disk_id}"): Route(READ, path=lambda s: f"/storage/disks/{s.disk}"),
    ("GET", "/storage/disks/{disk_id}/smart"): Route(READ, path=lambda s: f"/storage/disks/{s.disk}/smart"),
    ("GET", "/storage/disks/{disk_id}/temperatures"): Route(
        READ, path=lambda s: f"/storage/disks/{s.disk}/temperatures"
    ),
    ("POST", "/storage/disks/{disk_id}/self-test"): Route(
        OPERATE,
        path=lambda s: f"/storage/disks/{s.disk}/self-test",
        body=lambda _: {"test": "short"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/disks/{disk_id}/wipe"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/disks/{s.disk}/wipe",
        body=lambda _: {"method": "quick", "confirm": "LAB0006"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/disks/{disk_id}/locate"): Route(
        OPERATE,
        path=lambda s: f"/storage/disks/{s.disk}/locate",
        body=lambda _: {"on": True},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/pools"): Route(READ),
    ("POST", "/storage/pools"): Route(ADMINISTER, body=new_pool, records="operations.OperationRequested.v1"),
    ("GET", "/storage/pools/{name}"): Route(READ, path=lambda _: "/storage/pools/tank"),
    ("DELETE", "/storage/pools/{name}"): Route(
        ADMINISTER, path=lambda _: "/storage/pools/tank?confirm=tank", records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/pools/{name}/scrub"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/scrub",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/datasets"): Route(READ),
    ("GET", "/storage/datasets/properties"): Route(READ),
    ("GET", "/storage/datasets/{dataset_id}"): Route(READ, path=lambda _: f"/storage/datasets/{dataset_id('tank')}"),
    ("POST", "/storage/datasets"): Route(
        ADMINISTER, body=lambda _: {"name": "tank/new"}, records="operations.OperationRequested.v1"
    ),
    ("PATCH", "/storage/datasets/{dataset_id}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}",
        body=lambda _: {"properties": {"quota": "1G"}},
        records="operations.OperationRequested.v1",
    ),
    ("DELETE", "/storage/datasets/{dataset_id}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}?confirm=tank/home",
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/rename"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/rename",
        body=lambda _: {"name": "tank/other"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/promote"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, origin='tank@s')}/promote",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/mount"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/mount",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/unmount"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, mounted=True)}/unmount",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/load-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **LOCKED)}/load-key",
        body=lambda _: {"passphrase": "correct horse battery"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/unload-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN)}/unload-key",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/change-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN)}/change-key",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/export-key"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s, **OPEN, key=kept())}/export-key",
        body=lambda _: {},
        records="storage.KeyExported.v1",
    ),
    ("GET", "/storage/datasets/{dataset_id}/used-by"): Route(
        READ, path=lambda s: f"/storage/datasets/{home(s)}/used-by"
    ),
    ("GET", "/storage/datasets/{dataset_id}/quotas"): Route(READ, path=lambda s: f"/storage/datasets/{home(s)}/quotas"),
    ("PUT", "/storage/datasets/{dataset_id}/quotas"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/datasets/{home(s)}/quotas",
        body=lambda _: {"quotas": [{"who": "ann", "space": "1G"}]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/datasets/{dataset_id}/quotas/scan"): Route(
        OPERATE,
        path=lambda s: f"/storage/datasets/{home(s)}/quotas/scan",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/arc"): Route(READ),
    ("GET", "/storage/drift"): Route(READ),
    ("POST", "/storage/drift/accept"): Route(ADMINISTER, body=drifted, records="operations.OperationRequested.v1"),
    ("POST", "/storage/drift/restore"): Route(ADMINISTER, body=drifted, records="operations.OperationRequested.v1"),
    ("GET", "/storage/pools/{name}/io"): Route(READ, path=lambda _: "/storage/pools/tank/io"),
    ("GET", "/storage/pools/{name}/capacity"): Route(READ, path=lambda _: "/storage/pools/tank/capacity"),
    ("GET", "/storage/snapshots"): Route(READ),
    ("GET", "/storage/snapshots/count"): Route(READ),
    ("GET", "/storage/snapshots/diffs/{operation_id}"): Route(
        READ, path=lambda s: f"/storage/snapshots/diffs/{diffed(s)}"
    ),
    ("POST", "/storage/snapshots"): Route(
        OPERATE, body=lambda _: {"datasets": ["tank"], "name": "now"}, records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/snapshots/destroy"): Route(
        ADMINISTER,
        body=lambda s: {"names": [snapshot(s)], "confirm": "tank@monday"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/rollback"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "confirm": "tank"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/clone"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "name": "tank/clone"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/hold"): Route(
        ADMINISTER,
        body=lambda s: {"snapshots": [snapshot(s)], "tag": "legal"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/release"): Route(
        ADMINISTER,
        body=lambda s: {"snapshots": [held_snapshot(s)], "tag": "legal"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/rename"): Route(
        ADMINISTER,
        body=lambda s: {"snapshot": snapshot(s), "name": "tuesday"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/snapshots/diff"): Route(
        OPERATE, body=lambda s: {"snapshot": snapshot(s)}, records="operations.OperationRequested.v1"
    ),
    ("GET", "/storage/bookmarks"): Route(READ),
    ("POST", "/storage/bookmarks"): Route(
        ADMINISTER, body=lambda s: {"snapshot": snapshot(s), "name": "sent"}, records="operations.OperationRequested.v1"
    ),
    ("DELETE", "/storage/bookmarks"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/bookmarks?name={bookmark(s)}&confirm=tank%23sent",
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/schedules"): Route(READ),
    ("POST", "/storage/schedules"): Route(
        ADMINISTER, body=lambda _: {"name": "hourly", **HOURLY}, records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/schedules/preview"): Route(READ, body=lambda _: {"name": "hourly", **HOURLY}),
    ("GET", "/storage/schedules/{name}"): Route(READ, path=lambda s: f"/storage/schedules/{schedule(s)}"),
    ("PUT", "/storage/schedules/{name}"): Route(
        ADMINISTER,
        path=lambda s: f"/storage/schedules/{schedule(s)}",
        body=lambda _: HOURLY,
        records="operations.OperationRequested.v1",
    ),
    ("DELETE", "/storage/schedules/{name}"): Route(
        ADMINISTER, path=lambda s: f"/storage/schedules/{schedule(s)}", records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/schedules/{name}/run"): Route(
        OPERATE,
        path=lambda s: f"/storage/schedules/{schedule(s)}/run",
        body=lambda _: {"reason": "before the move"},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/schedules/{name}/runs"): Route(READ, path=lambda s: f"/storage/schedules/{schedule(s)}/runs"),
    ("POST", "/storage/pools/{name}/add"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/add",
        body=lambda s: {"vdevs": [{"type": "mirror", "disks": disk_ids(s.box)[2:4]}]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/attach"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/attach",
        body=lambda s: {"to": disk_ids(s.box)[0], "disk": disk_ids(s.box)[2]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/detach"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/detach",
        body=lambda s: {"disk": disk_ids(s.box)[0], "force": True},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/replace"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/replace",
        body=lambda s: {"old": disk_ids(s.box)[0], "new": disk_ids(s.box)[2], "force": True},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/remove"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/remove",
        body=lambda s: {"vdev": s.log},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/offline"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/offline",
        body=lambda s: {"disk": disk_ids(s.box)[0]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/online"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/online",
        body=lambda s: {"disk": disk_ids(s.box)[0]},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/clear"): Route(
        OPERATE,
        path=lambda _: "/storage/pools/tank/clear",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/expand"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/expand",
        body=lambda _: {},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/trim"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/trim",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/initialize"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/initialize",
        body=lambda _: {"action": "start"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/checkpoint"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/checkpoint",
        body=lambda _: {"action": "make"},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/upgrade"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/upgrade",
        body=lambda s: {"reason": s.outdated},
        records="operations.OperationRequested.v1",
    ),
    ("POST", "/storage/pools/{name}/export"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank/export",
        body=lambda _: {"confirm": "tank"},
        records="operations.OperationRequested.v1",
    ),
    ("PATCH", "/storage/pools/{name}"): Route(
        ADMINISTER,
        path=lambda _: "/storage/pools/tank",
        body=lambda _: {"properties": {"comment": "x"}},
        records="operations.OperationRequested.v1",
    ),
    ("GET", "/storage/pools/property-definitions"): Route(READ),
    ("POST", "/storage/pools/find"): Route(OPERATE, body=lambda _: {}, records="operations.OperationRequested.v1"),
    ("GET", "/storage/pools/importable"): Route(READ),
    ("POST", "/storage/pools/import"): Route(
        ADMINISTER, body=lambda s: {"guid": s.found}, records="operations.OperationRequested.v1"
    ),
    ("POST", "/storage/scan"): Route(OPERATE, body=lambda _: {}, records="operations.OperationRequested.v1"),
    ("GET", "/audit/events"): Route(READ),
    ("GET", "/health"): Route(PUBLIC),
    ("GET", "/health/zfs"): Route(READ),
}

WHO = ["stranger", "viewer", "operator", "administrator", "auditor", "without role", "token of scope read"]


def declared() -> dict[tuple[str, str], Any]:
    """All operations of the API, with their way in."""
    return {
        (method, "/" + "/".join(part.strip("/") for part in (router.prefix, path) if part.strip("/"))): operation
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def gate_of(operation: Any) -> str:
    """What the route itself declares: public only by an explicit ``auth=None``."""
    if operation.auth_param is None:
        return PUBLIC
    [gate] = operation.auth_callbacks
    assert isinstance(gate, Needs), f"{operation.view_func.__name__} declares no permission"
    return gate.permission or LOGIN


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(declared()) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_declares_the_permission_of_the_table(route: tuple[str, str]) -> None:
    wanted = ROUTES[route].needs
    assert gate_of(declared()[route]) == (LOGIN if wanted == IN_PERSON else wanted)


def test_every_operation_of_the_document_is_a_route_that_was_walked() -> None:
    document = api.get_openapi_schema()
    found = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert found == set(ROUTES)


def test_every_mutating_route_has_an_event_to_look_for() -> None:
    silent = [route for route, entry in ROUTES.items() if route[0] != "GET" and not entry.records]
    assert silent == [("POST", "/storage/schedules/preview")], "it only reads; its body is too large for a query"


@pytest.fixture
def scene(tank: Box) -> Scene:
    somebody = Actor("user:somebody", "session", "", frozenset(Permission))
    return Scene(tank, Person(), str(commands.dispatch(ScanStorage(), somebody).pk))


def enter(who: str) -> tuple[Person, frozenset[Permission]]:
    """The person and what they may do."""
    if who == "stranger":
        return stranger(), frozenset()
    if who == "without role":
        return person(), frozenset()
    if who == "token of scope read":
        script = by_token(person(Role.ADMINISTRATOR), Permission.READ)
        script.get("/auth/csrf")
        return script, frozenset({Permission.READ})
    return person(Role(who)), GRANTS[Role(who)]


def wanted_status(needs: str, who: str, may: frozenset[Permission]) -> int:
    """200 stands for whatever is neither 401 nor 403."""
    if needs == PUBLIC:
        return 200
    if who == "stranger":
        return 401
    if needs in (LOGIN, IN_PERSON):
        return 403 if needs == IN_PERSON and who.startswith("token") else 200
    return 200 if Permission(needs) in may else 403


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_who_gets_through(scene: Scene, route: tuple[str, str], who: str) -> None:
    method, path = route
    entry = ROUTES[route]
    scene.who, may = enter(who)
    url = entry.path(scene) if entry.path else path
    body = entry.body(scene)
    before = store.position()
    answer = scene.who.ask(method, url, body)
    wanted = wanted_status(entry.needs, who, may)
    if wanted == 200:
        if path == "/auth/tokens" and method == "POST" and not may:
            assert answer.code == "invalid_input"  # let in, but there is nothing that a token of theirs could do
            return
        assert answer.status < 300, answer
        nothing_to_end = path == "/auth/logout" and who.startswith("token")  # a token has no session
        found = {event.type for event in events_after(before)}
        assert (entry.records in found) if entry.records and not nothing_to_end else not found
        return
    assert answer.status == wanted
    answer.problem()
    refusals = events_after(before)
    if wanted == 401:
        assert answer.code == "not_authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert refusals == []
        return
    assert [(e.type, e.kind, e.actor) for e in refusals] == [
        ("operations.CommandDenied.v1", "security", f"user:{scene.who.username}")
    ]
    assert refusals[0].data["command"] == f"{method} /api/v1{url.split('?')[0]}"


def test_a_permission_is_checked_below_the_routes_too(tank: Box) -> None:
    """Whoever reaches dispatch by another door (admin, command line) is refused there."""
    viewer = Actor("user:vera", "admin", "", GRANTS[Role.VIEWER])
    before = store.position()
    with pytest.raises(commands.Denied):
        commands.dispatch(ScanStorage(reason="because"), viewer)
    [refusal] = LedgerEvent.objects.filter(position__gt=before)
    assert (refusal.data["command"], refusal.reason) == ("storage.ScanStorage", "because")
