"""Plans for disks as golden text files (golden_disks/*.json), and who is refused. GOLDEN=write writes them anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.storage.plans import disks as plans
from apps.storage.plans.disks import SmartFacts
from apps.storage.plans.facts import DiskFacts
from calypso.kernel.errors import CalypsoError
from tests.support import golden_plans

DISK = DiskFacts(
    id="wwn-1",
    path="/dev/disk/by-id/wwn-1",
    serial="S1",
    size=4 * 10**12,
    simulated=False,
    system=False,
    broken=False,
    read_only=False,
    uses=(("partition_table", "gpt"), ("zfs_member", "old")),
)
OK = SmartFacts(state="ok")

PLANS = {
    "wipe-quick": lambda: plans.wipe_disk(DISK, "quick", False),
    "wipe-discard": lambda: plans.wipe_disk(DISK, "discard", False),
    "wipe-zero": lambda: plans.wipe_disk(DISK, "zero", False),
    "self-test-short": lambda: plans.run_self_test(DISK, OK, "short", False),
    "self-test-long": lambda: plans.run_self_test(DISK, OK, "long", False),
    "self-test-abort": lambda: plans.run_self_test(DISK, replace(OK, self_test="long"), "abort", False),
    "locate-by-sysfs": lambda: plans.locate_disk(DISK, "sysfs", True, False),
    "locate-by-ledctl": lambda: plans.locate_disk(DISK, "ledctl", False, False),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("disks", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("disks", PLANS)


def refusal(make: Any) -> CalypsoError:
    with pytest.raises(CalypsoError) as refused:
        make()
    return refused.value


@pytest.mark.parametrize("method", ["quick", "discard", "zero"])
@pytest.mark.parametrize(
    ("disk", "code"),
    [
        (replace(DISK, system=True), "system_disk"),
        (replace(DISK, pool="tank"), "disk_in_use"),
        (replace(DISK, uses=(("mounted", "/srv"),)), "disk_in_use"),
        (replace(DISK, uses=(("lvm", "vg0"), ("holder", "vg0-root"))), "disk_in_use"),
        (replace(DISK, broken=True), "disk_unusable"),
        (replace(DISK, read_only=True), "disk_unusable"),
        (replace(DISK, uses=(("something", "new"),)), "disk_in_use"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_disks_that_are_not_wiped(disk: DiskFacts, code: str, method: Any) -> None:
    error = refusal(lambda: plans.wipe_disk(disk, method, False))
    assert (error.code, error.field) == (code, "disk")
    assert disk.id in error.message


def test_the_lab_wipes_simulated_disks_only() -> None:
    assert refusal(lambda: plans.wipe_disk(DISK, "quick", True)).code == "real_disk"
    assert refusal(lambda: plans.run_self_test(DISK, OK, "short", True)).code == "real_disk"
    assert refusal(lambda: plans.locate_disk(DISK, "sysfs", True, True)).code == "real_disk"
    plans.wipe_disk(replace(DISK, simulated=True), "quick", True)


@pytest.mark.parametrize("use", ["partition_table", "filesystem", "zfs_member", "lvm", "raid", "encrypted", "swap"])
def test_traces_of_former_use_are_what_a_wipe_is_for(use: str) -> None:
    plan = plans.wipe_disk(replace(DISK, uses=((use, "old"), ("loop_backing", "/img"))), "quick", False)
    assert plan.destroys is not None
    assert plan.destroys.names == ("wwn-1",), "what is seen on it may change until then, and goes as well"
    assert f"{use.replace('_', ' ')} old" in plan.warnings[0] and "/img" not in plan.warnings[0]
    assert plan.destroys.bytes == DISK.size


def test_what_one_types_to_confirm() -> None:
    assert plans.wipe_disk(DISK, "zero", False).confirm == "S1"
    assert plans.wipe_disk(replace(DISK, serial=""), "zero", False).confirm == "wwn-1"


def test_a_small_disk_is_overwritten_as_a_whole() -> None:
    plan = plans.wipe_disk(replace(DISK, size=64 * 1024**2), "quick", False)
    [zeros] = [step.argv for step in plan.steps if step.kind == "run" and step.argv[0] == "dd"]
    assert f"count={64 * 1024**2}" in zeros and not any(word.startswith("seek=") for word in zeros)


def test_self_tests_that_are_refused() -> None:
    assert (
        refusal(lambda: plans.run_self_test(DISK, SmartFacts("unsupported"), "short", False)).code
        == "smart_unsupported"
    )
    assert (
        refusal(lambda: plans.run_self_test(DISK, SmartFacts("ok", "long"), "short", False)).code == "self_test_running"
    )
    assert refusal(lambda: plans.run_self_test(DISK, OK, "abort", False)).code == "no_self_test"
    plans.run_self_test(DISK, SmartFacts(), "short", False)  # nobody has looked yet: the disk itself will say


def test_a_disk_without_a_light() -> None:
    error = refusal(lambda: plans.locate_disk(DISK, "", True, False))
    assert error.code == "no_locate_light" and error.hint
