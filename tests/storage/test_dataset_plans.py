"""Plans on datasets as golden text files, and the rules that refuse. GOLDEN=write writes the files anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from apps.storage.domain.datasets import Key, Quota
from apps.storage.plans import datasets as plans
from apps.storage.plans import encryption, mounts, quotas
from apps.storage.plans.dataset_destroy import destroy_dataset
from apps.storage.plans.dataset_facts import DatasetFacts, PoolState, SnapshotFacts, Surroundings
from apps.storage.plans.dataset_properties import set_properties
from calypso.kernel.errors import CalypsoError, StalePlan
from calypso.kernel.plans import Dependent, Plan
from tests.support import golden_plans

POOL = UUID("5d3f2c44-3b1f-5a9e-8f6a-0d7c5e2b1a90")
TANK = PoolState(id=POOL, name="tank", state="ONLINE", read_only=False)
GIB = 1024**3
SECRET, KEPT = "secret://" + "0" * 32, "secret://" + "1" * 32
HEX = Key(encryption="aes-256-gcm", format="hex", location="prompt", secret=KEPT, fingerprint="hmac-sha256:" + "2" * 64)
TYPED = Key(encryption="aes-256-gcm", format="passphrase", location="prompt")
OPEN: dict[str, Any] = {"encryption": "aes-256-gcm", "key_status": "available", "key_format": "passphrase"}
PROCESS = Dependent(kind="process", name="smbd", detail="pid 812, in tank/home")


def mint(what: str) -> UUID:
    return uuid5(NAMESPACE_URL, what)


def data(name: str, **more: Any) -> DatasetFacts:
    fields = {"type": "filesystem", "mountpoint": f"/{name}", **more}
    return DatasetFacts(id=mint(f"id of {name}"), pool=POOL, name=name, **fields)


ROOT = data("tank")
HOME = data("tank/home", mounted=True, used=2 * GIB, referenced=GIB, own={"quota": str(8 * GIB), "atime": "off"},
            values={"quota": str(8 * GIB), "atime": "off", "compression": "lz4", "canmount": "on"})  # fmt: skip
ANN, BEA = data("tank/home/ann", mounted=True), data("tank/home/bea")
DISK = data("tank/disk", type="volume", mountpoint="", volsize=10 * GIB, values={"volblocksize": "16384"})
SAFE = data("tank/safe", encryption_root="tank/safe", mounted=True, **OPEN)
INNER = data("tank/safe/inner", encryption_root="tank/safe", mounted=True, **OPEN)
COPY = data("tank/copy", origin="tank/home@s2", used=GIB)
SNAPSHOTS = tuple(SnapshotFacts(f"tank/home@s{number}", number) for number in (1, 2, 3))
ALL = {each.name: each for each in (ROOT, HOME, ANN, BEA, DISK, SAFE, INNER, COPY)}


def create(
    name: str = "tank/new", known: dict[str, DatasetFacts] | None = None, pool: PoolState | None = TANK, **wish: Any
) -> Plan:
    return plans.create_dataset(plans.NewDataset(name, **wish), pool, ALL if known is None else known, mint)


def change(it: DatasetFacts = HOME, values: dict[str, str] | None = None, inherit: tuple[str, ...] = ()) -> Plan:
    return set_properties(it, TANK, values or {}, inherit, mounted_below=1)


def rename(it: DatasetFacts = HOME, name: str = "tank/people", **more: Any) -> Plan:
    below = [each for each in ALL if each.startswith(f"{it.name}/")]
    fields: dict[str, Any] = {"parents": False, "pool": TANK, "known": ALL, "below": below, "users": (), "mint": mint}
    return plans.rename_dataset(it, name, **{**fields, **more})


def promote(it: DatasetFacts = COPY, former: DatasetFacts | None = HOME, own: tuple[str, ...] = ()) -> Plan:
    return plans.promote_clone(it, former, TANK, SNAPSHOTS, own)


def destroy(recursive: bool = False, with_clones: bool = False, **around: Any) -> Plan:
    it = Surroundings(**{"pool": TANK, "it": HOME, **around})
    return destroy_dataset(it, recursive=recursive, clones=with_clones)


ALL_OF_HOME: dict[str, Any] = {"below": (ANN, BEA), "snapshots": SNAPSHOTS, "clones": (COPY,)}
PLANS: dict[str, Callable[[], Plan]] = {
    "create": create,
    "create-with-parents": lambda: create("tank/a/b", parents=True, properties={"quota": "1.5T", "x:owner": "ann"}),
    "create-volume": lambda: create(type="volume", volsize=GIB, properties={"volblocksize": "64K"}),
    "create-thin-volume": lambda: create(type="volume", volsize=GIB, thin=True),
    "create-risky": lambda: create(properties={"sync": "disabled", "dedup": "on", "checksum": "off"}),
    "create-encrypted-by-passphrase": lambda: create(key=TYPED, key_input=SECRET),
    "create-encrypted-by-kept-key": lambda: create(type="volume", volsize=GIB, key=HEX, key_input=KEPT),
    "create-below-encrypted": lambda: create("tank/safe/new"),
    "set": lambda: change(values={"quota": "none", "atime": "on", "compression": "zstd"}, inherit=("exec",)),
    "inherit": lambda: change(inherit=("atime",)),
    "grow-volume": lambda: change(DISK, {"volsize": "20G"}),
    "shrink-volume": lambda: change(DISK, {"volsize": "5G"}),
    "rename": rename,
    "rename-with-parents": lambda: rename(name="tank/x/y/people", parents=True),
    "rename-encrypted-below-its-root": lambda: rename(INNER, "tank/safe/other"),
    "promote": promote,
    "destroy": destroy,
    "destroy-all": lambda: destroy(True, True, **ALL_OF_HOME, users=(Dependent(kind="mount", name="tank/home"),)),
    "destroy-with-kept-key": lambda: destroy(it=replace(SAFE, key=KEPT), recursive=True, below=(INNER,)),
    "mount": lambda: mounts.mount(replace(HOME, mounted=False), TANK),
    "unmount": lambda: mounts.unmount(HOME, TANK, (ANN, BEA), (), force=False),
    "unmount-by-force": lambda: mounts.unmount(HOME, TANK, (), (PROCESS,), force=True),
    "load-key": lambda: load(SECRET),
    "load-kept-key": lambda: load("", key=KEPT),
    "unload-key": lambda: encryption.unload_key(SAFE, TANK, (INNER,), (), force=False),
    "change-key": lambda: encryption.change_key(replace(SAFE, key=SECRET), TANK, HEX, KEPT),
    "change-key-to-passphrase": lambda: encryption.change_key(INNER, TANK, TYPED, SECRET),
    "inherit-key": lambda: encryption.inherit_key(replace(INNER, encryption_root=INNER.name), TANK, SAFE),
    "quotas": lambda: quota([user("ann", GIB), user("bea", 2 * GIB)], [user("ann", 3 * GIB), project("7", 100)]),
    "sample-quotas": lambda: quotas.sample_quotas(HOME),
}  # fmt: skip


def load(secret: str, **more: Any) -> Plan:
    locked = {"key_status": "unavailable", "mounted": False}
    return encryption.load_key(replace(SAFE, **locked, **more), TANK, (replace(INNER, **locked),), secret, mounts=True)


def user(who: str, space: int | None) -> Quota:
    return Quota(kind="user", who=who, space=space, objects=None)


def project(who: str, objects: int) -> Quota:
    return Quota(kind="project", who=who, space=None, objects=objects)


def quota(before: list[Quota], wanted: list[Quota]) -> Plan:
    return quotas.set_quotas(HOME, TANK, before, wanted)


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("datasets", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("datasets", PLANS)


def test_a_plan_touches_its_dataset_and_its_pool() -> None:
    for name, make in PLANS.items():
        assert "storage.pool.tank" in make().resources, name
        assert any(address.startswith("storage.dataset.tank") for address in make().resources), name


def test_every_step_that_can_be_taken_back_says_how() -> None:
    final = {"Destroy", "Unload", "Change", "Let", "Resize", "Inherit"}
    for make in PLANS.values():
        for step in make().steps:
            if step.kind == "run" and not step.undo:
                assert step.title.split()[0] in final, step.title


BUSY = replace(TANK, state="SUSPENDED")
LOCKED = replace(SAFE, key_status="unavailable")
REFUSED: list[tuple[str, str | None, Callable[[], object]]] = [
    ("no_such_pool", "name", lambda: create("nope/a", pool=None)),
    ("pool_suspended", None, lambda: create(pool=BUSY)),
    ("pool_read_only", None, lambda: create(pool=replace(TANK, read_only=True))),
    ("dataset_exists", "name", lambda: create("tank/home")),
    ("no_parent", "name", lambda: create("tank/a/b")),
    ("parent_is_volume", "name", lambda: create("tank/disk/a", parents=True)),
    ("bad_name", "name", lambda: create("tank")),
    ("volsize_missing", "volsize", lambda: create(type="volume")),
    ("bad_volsize", "volsize", lambda: create(type="volume", volsize=100_000)),
    ("bad_volsize", "volsize", lambda: create(type="volume", volsize=0)),
    ("volsize_of_filesystem", "volsize", lambda: create(volsize=GIB)),
    ("volsize_of_filesystem", "thin", lambda: create(thin=True)),
    ("property_not_for_type", "properties.quota", lambda: create(type="volume", volsize=1, properties={"quota": "1"})),
    ("set_elsewhere", "properties.encryption", lambda: create(properties={"encryption": "on"})),
    ("key_unavailable", None, lambda: create("tank/safe/a", {**ALL, "tank/safe": LOCKED})),
    ("parents_of_encrypted", "parents", lambda: create("tank/safe/a/b", parents=True, key=TYPED, key_input=SECRET)),
    ("nothing_to_do", "properties", change),
    ("below_used", "properties.quota", lambda: change(values={"quota": "1G"})),
    ("below_used", "properties.refquota", lambda: change(values={"refquota": "1M"})),
    ("fixed_at_creation", "properties.utf8only", lambda: change(values={"utf8only": "on"})),
    ("not_inheritable", "inherit.quota", lambda: change(inherit=("quota",))),
    ("not_inheritable", "inherit.casesensitivity", lambda: change(inherit=("casesensitivity",))),
    ("set_and_inherited", "inherit.atime", lambda: change(values={"atime": "on"}, inherit=("atime",))),
    ("unknown_property", "properties.nonsense", lambda: change(inherit=("nonsense",))),
    ("bad_volsize", "properties.volsize", lambda: change(DISK, {"volsize": "10000000"})),
    ("is_pool", None, lambda: rename(ROOT)),
    ("different_pools", "name", lambda: rename(name="vault/home")),
    ("below_itself", "name", lambda: rename(name="tank/home/x")),
    ("below_itself", "name", lambda: rename(name="tank/home")),
    ("dataset_exists", "name", lambda: rename(name="tank/disk")),
    ("no_parent", "name", lambda: rename(name="tank/x/y")),
    ("bad_name", "name", lambda: rename(name=f"tank/{'x' * 250}")),
    ("dataset_busy", None, lambda: rename(users=(PROCESS,))),
    ("other_encryption_root", "name", lambda: rename(INNER, "tank/inner")),
    ("other_encryption_root", "name", lambda: rename(HOME, "tank/safe/home")),
    ("not_a_clone", None, lambda: promote(HOME)),
    ("not_a_clone", None, lambda: promote(former=None)),
    ("snapshot_exists", None, lambda: promote(own=("s1", "other"))),
    ("is_pool", None, lambda: destroy(it=ROOT)),
    ("has_children", "recursive", lambda: destroy(below=(ANN,))),
    ("has_children", "recursive", lambda: destroy(snapshots=SNAPSHOTS)),
    ("has_clones", "clones", lambda: destroy(True, clones=(COPY,))),
    ("snapshot_held", None, lambda: destroy(True, snapshots=(SnapshotFacts("tank/home@s", 1, ("legal",)),))),
    ("dataset_busy", None, lambda: destroy(users=(PROCESS,))),
    ("pool_suspended", None, lambda: destroy(pool=BUSY)),
    ("already_mounted", None, lambda: mounts.mount(HOME, TANK)),
    ("key_unavailable", None, lambda: mounts.mount(replace(LOCKED, mounted=False), TANK)),
    ("not_mountable", None, lambda: mounts.mount(data("tank/x", values={"canmount": "off"}), TANK)),
    ("not_mountable", None, lambda: mounts.mount(data("tank/x", mountpoint="legacy"), TANK)),
    ("not_a_filesystem", None, lambda: mounts.mount(DISK, TANK)),
    ("not_mounted", None, lambda: mounts.unmount(BEA, TANK, (), (), force=False)),
    ("dataset_busy", None, lambda: mounts.unmount(HOME, TANK, (), (PROCESS,), force=False)),
    ("key_already_loaded", None, lambda: encryption.load_key(SAFE, TANK, (), SECRET, mounts=True)),
    ("key_missing", "passphrase", lambda: load("")),
    ("not_encrypted", None, lambda: encryption.load_key(HOME, TANK, (), SECRET, mounts=True)),
    ("not_encryption_root", None, lambda: encryption.unload_key(INNER, TANK, (), (), force=False)),
    ("key_not_loaded", None, lambda: encryption.unload_key(LOCKED, TANK, (), (), force=False)),
    ("dataset_busy", None, lambda: encryption.unload_key(SAFE, TANK, (), (PROCESS,), force=False)),
    ("key_unavailable", None, lambda: encryption.change_key(LOCKED, TANK, HEX, KEPT)),
    ("not_encrypted", None, lambda: encryption.change_key(HOME, TANK, HEX, KEPT)),
    ("parent_not_encrypted", "inherit", lambda: encryption.inherit_key(SAFE, TANK, ROOT)),
    ("not_encryption_root", None, lambda: encryption.inherit_key(INNER, TANK, SAFE)),
    ("bad_who", "quotas.0.who", lambda: quota([], [user("a b", GIB)])),
    ("bad_who", "quotas.0.who", lambda: quota([], [user("-rf", GIB)])),
    ("bad_who", "quotas.0.who", lambda: quota([], [user("ann=1", GIB)])),
    ("bad_who", "quotas.0.who", lambda: quota([], [project("seven", 1)])),
    ("bad_limit", "quotas.0.space", lambda: quota([], [user("ann", 0)])),
    ("named_twice", "quotas", lambda: quota([], [user("ann", 1), user("ann", 2)])),
    ("nothing_to_do", "quotas", lambda: quota([user("ann", 1)], [user("ann", 1)])),
    ("not_a_filesystem", None, lambda: quotas.set_quotas(DISK, TANK, [], [user("ann", 1)])),
]  # fmt: skip


@pytest.mark.parametrize(("code", "field", "ask"), REFUSED, ids=[f"{n} {r[0]}" for n, r in enumerate(REFUSED)])
def test_what_is_refused(code: str, field: str | None, ask: Callable[[], object]) -> None:
    with pytest.raises(CalypsoError) as refused:
        ask()
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.message.endswith(".")
    assert not isinstance(refused.value, StalePlan)


def test_a_busy_dataset_names_who_holds_it() -> None:
    with pytest.raises(CalypsoError) as busy:
        destroy(users=(PROCESS,))
    assert "process smbd (pid 812, in tank/home)" in busy.value.message
    assert busy.value.extra["holders"] == [PROCESS.model_dump(mode="json")]
