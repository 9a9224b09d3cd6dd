"""Plans as golden text files: read golden/*.json like a change to the code. GOLDEN=write writes them anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.storage.domain.pool_properties import TABLE
from apps.storage.domain.vdevs import VdevWish
from apps.storage.plans import pools as plans
from apps.storage.plans.facts import DiskFacts, PoolFacts
from calypso.kernel.errors import CalypsoError, Conflict, Invalid
from calypso.kernel.plans import Plan
from tests.storage.plan_facts import DISKS, POOL, TB, wish
from tests.support import golden_plans

TANK = PoolFacts(
    id=POOL,
    name="tank",
    state="ONLINE",
    disks=("wwn-0", "wwn-1"),
    allocated=123_456_789,
    datasets=("tank", "tank/home", "tank/vol 1"),
)


def create(
    *vdevs: VdevWish,
    disks: dict[str, DiskFacts] | None = None,
    force: bool = False,
    lab: bool = False,
    **properties: dict[str, str],
) -> Plan:
    return plans.create_pool(POOL, "tank", vdevs, disks or DISKS, pools=["other"], lab=lab, force=force, **properties)


WIDE = (
    wish("raidz2", 0, 1, 2, 3),
    wish("mirror", 4, 5, role="log"),
    wish("stripe", 6, role="cache"),
    wish("stripe", 7, 8, role="spare"),
)

PLANS = {
    "create-mirror": lambda: create(wish("mirror", 0, 1)),
    "create-raidz2-log-cache-spare": lambda: create(*WIDE),
    "create-draid-special-dedup": lambda: create(
        wish("draid2", 0, 1, 2, 3, 4, 5, 6, group_data=3, distributed_spares=1),
        wish("mirror", 7, 8, 9, role="special"),
        wish("mirror", 10, 11, role="dedup"),
        properties={"comment": "backups", "autotrim": "on", "ashift": "13"},
        filesystem_properties={"recordsize": "1M", "sync": "disabled", "compression": "zstd"},
    ),
    "create-two-stripes": lambda: create(wish("stripe", 0), wish("stripe", 1)),
    "create-forced-on-a-used-disk": lambda: create(
        wish("mirror", 0, 1),
        disks={**DISKS, "wwn-1": replace(DISKS["wwn-1"], uses=(("filesystem", "ext4"),), serial="S0", size=TB)},
        force=True,
    ),
    "destroy": lambda: plans.destroy_pool(TANK),
    "destroy-empty": lambda: plans.destroy_pool(replace(TANK, allocated=0, datasets=())),
    "destroy-with-snapshots-and-keys": lambda: plans.destroy_pool(
        replace(TANK, snapshots=9120, keys=("secret://0f0e0d0c-0000-4000-8000-000000000001",))
    ),
    "scrub-start": lambda: plans.scrub_pool(TANK, "start"),
    "scrub-pause": lambda: plans.scrub_pool(TANK, "pause"),
    "scrub-stop": lambda: plans.scrub_pool(TANK, "stop"),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("pools", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("pools", PLANS)


def test_what_matters_is_in_the_digest() -> None:
    digests = [make().digest for make in PLANS.values()]
    assert len(set(digests)) == len(digests)
    more_data = plans.destroy_pool(replace(TANK, allocated=999_999_999))
    assert more_data.digest == plans.destroy_pool(TANK).digest, "bytes written meanwhile change no plan"
    more_names = plans.destroy_pool(replace(TANK, datasets=(*TANK.datasets, "tank/new")))
    assert more_names.digest != plans.destroy_pool(TANK).digest, "a data set made meanwhile does"


def test_each_disk_stands_in_the_command_once_and_by_its_path() -> None:
    [step] = create(*WIDE).steps
    paths = [word for word in step.argv if word.startswith("/dev/")]
    assert sorted(paths) == sorted(f"/dev/disk/by-id/wwn-{n}" for n in range(9))


def changed(number: int, **values: Any) -> dict[str, DiskFacts]:
    return {**DISKS, f"wwn-{number}": replace(DISKS[f"wwn-{number}"], **values)}


@pytest.mark.parametrize(
    ("disks", "code"),
    [
        (changed(1, serial="S0"), "duplicate_serial"),
        (changed(1, size=TB), "disk_too_small"),
        (changed(1, size=1), "disk_too_small"),
        (changed(1, system=True), "system_disk"),
        (changed(1, broken=True), "disk_unusable"),
        (changed(1, read_only=True), "disk_unusable"),
        (changed(1, pool="other"), "disk_in_use"),
        (changed(1, uses=(("filesystem", "xfs"),)), "disk_in_use"),
        (changed(1, uses=(("mounted", "/srv"),)), "disk_in_use"),
        ({"wwn-0": DISKS["wwn-0"]}, "unknown_disk"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_disks_that_are_refused(disks: dict[str, DiskFacts], code: str) -> None:
    with pytest.raises(CalypsoError) as refused:
        create(wish("mirror", 0, 1), disks=disks)
    assert refused.value.code == code
    assert refused.value.field and refused.value.field.startswith("vdevs")


def test_two_disks_of_one_serial_number_may_be_one_disk_over_two_paths() -> None:
    double = changed(3, serial="S0")
    with pytest.raises(Invalid, match="S0"):
        create(wish("mirror", 0, 1), wish("mirror", 2, 3), disks=double)
    create(wish("mirror", 0, 1), disks=double)  # the other one isn't in the pool
    create(wish("mirror", 0, 1), wish("mirror", 2, 3), disks=double, force=True)
    nameless = {key: replace(disk, serial="") for key, disk in DISKS.items()}
    create(wish("mirror", 0, 1), disks=nameless)  # no serial number is no double one


@pytest.mark.parametrize("use", ["partition_table", "filesystem", "zfs_member"])
def test_force_overrides_traces_of_former_use(use: str) -> None:
    disks = changed(1, uses=((use, "old"),))
    with pytest.raises(Conflict) as refused:
        create(wish("mirror", 0, 1), disks=disks)
    assert "force" in refused.value.hint
    forced = create(wish("mirror", 0, 1), disks=disks, force=True)
    assert forced.destroys is not None and forced.confirm == "tank"
    assert [name.split(":")[0] for name in forced.destroys.names] == ["wwn-1"]
    assert "-f" in forced.steps[0].argv


@pytest.mark.parametrize("use", ["mounted", "swap", "lvm", "raid", "holder", "encrypted"])
def test_force_does_not_override_what_is_in_use(use: str) -> None:
    with pytest.raises(Conflict) as refused:
        create(wish("mirror", 0, 1), disks=changed(1, uses=((use, "x"),)), force=True)
    assert refused.value.code == "disk_in_use"


def test_the_lab_takes_simulated_disks_only() -> None:
    with pytest.raises(Invalid) as refused:
        create(wish("mirror", 0, 1), lab=True)
    assert refused.value.code == "real_disk"
    create(wish("mirror", 0, 1), disks={k: replace(d, simulated=True) for k, d in DISKS.items()}, lab=True)


@pytest.mark.parametrize("difference", [0, 16 * 1024**2])
def test_sizes_that_differ_a_little_are_alike(difference: int) -> None:
    create(wish("mirror", 0, 1), disks=changed(1, size=4 * TB - difference))
    with pytest.raises(Invalid, match="too small"):
        create(wish("mirror", 0, 1), disks=changed(1, size=4 * TB - 16 * 1024**2 - 1))


@pytest.mark.parametrize("state", ["SUSPENDED", "UNAVAIL", "FAULTED"])
def test_no_scrub_where_the_tool_would_hang(state: str) -> None:
    for action in ("start", "pause", "stop"):
        with pytest.raises(Conflict) as refused:
            plans.scrub_pool(replace(TANK, state=state), action)
        assert refused.value.code == "pool_suspended"
    plans.scrub_pool(replace(TANK, state="DEGRADED"), "start")


@pytest.mark.parametrize(
    ("vdevs", "words"),
    [
        ((wish("mirror", 0, 1),), "any 1 disk."),
        ((wish("mirror", 0, 1, 2),), "any 2 disks."),
        ((wish("raidz3", 0, 1, 2, 3, 4),), "any 3 disks."),
        ((wish("raidz2", 0, 1, 2, 3), wish("stripe", 4, role="log")), "any 2 disks."),
        ((wish("stripe", 0, 1),), "no redundancy"),
    ],
)
def test_what_a_layout_is_worth(vdevs: tuple[VdevWish, ...], words: str) -> None:
    assert words in create(*vdevs).warnings[0]


@pytest.mark.parametrize("role", ["special", "dedup"])
def test_a_special_or_dedup_vdev_without_redundancy_takes_force(role: str) -> None:
    vdevs = (wish("mirror", 0, 1), wish("stripe", 2, role=role))
    with pytest.raises(Invalid) as refused:
        create(*vdevs)
    assert (refused.value.code, refused.value.field) == ("no_redundancy", "vdevs.1")
    assert "no redundancy" in refused.value.hint
    forced = create(*vdevs, force=True)
    assert "no redundancy" in forced.warnings[0] and "losing it loses the pool" in forced.warnings[1]


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"ashift": "8"}, "ashift"),
        ({"ashift": "17"}, "ashift"),
        ({"ashift": "twelve"}, "ashift"),
        ({"autotrim": "yes"}, "autotrim"),
        ({"comment": "x" * 33}, "comment"),
        ({"comment": "zwölf"}, "comment"),
        ({"comment": "a\tb"}, "comment"),
        ({"failmode": ""}, "failmode"),
        ({"cachefile": "here"}, "cachefile"),
        ({"compatibility": "-f x"}, "compatibility"),
        ({"size": "1"}, "size"),
        ({"-f": ""}, "-f"),
    ],
    ids=str,
)
def test_properties_that_are_refused(properties: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(wish("mirror", 0, 1), properties=properties)
    assert (refused.value.code, refused.value.field) == ("bad_property", f"properties.{field}")
    assert refused.value.hint


def test_properties_of_the_root_dataset_are_checked_like_those_of_any_other() -> None:
    with pytest.raises(Invalid) as refused:
        create(wish("mirror", 0, 1), filesystem_properties={"recordsize": "5"})
    assert refused.value.field == "filesystem_properties.recordsize"
    with pytest.raises(Invalid) as refused:
        create(wish("mirror", 0, 1), filesystem_properties={"encryption": "on"})
    assert refused.value.code == "set_elsewhere"


def test_every_property_takes_its_default() -> None:
    plan = create(wish("mirror", 0, 1), properties={found.name: found.default for found in TABLE})
    assert plan.outcome[0].data["properties"] == {found.name: found.default for found in TABLE}


@pytest.mark.parametrize("state", ["SUSPENDED", "MISSING"])
def test_nothing_is_destroyed_where_the_tool_would_hang(state: str) -> None:
    with pytest.raises(Conflict):
        plans.destroy_pool(replace(TANK, state=state))
    plans.destroy_pool(replace(TANK, state="UNAVAIL"))
