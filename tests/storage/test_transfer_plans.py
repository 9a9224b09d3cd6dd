"""Plans of pools that leave the box and come to it, as golden text files, and what is refused, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from apps.storage.plans.transfer import FoundPool, ImportWish, export_pool, import_pool
from calypso.kernel.errors import CalypsoError
from calypso.kernel.plans import Dependent, Plan
from tests.storage.plan_facts import DISKS, MIRRORS, POOL
from tests.support import golden_plans

USED = replace(MIRRORS, stops=(Dependent(kind="share", name="films", address="shares.smb.films"),))
FOUND = FoundPool(
    guid="42",
    name="tank",
    state="ONLINE",
    destroyed=False,
    foreign=False,
    missing_log=False,
    usable=True,
    disks=("wwn-0", "wwn-1"),
    leaves=("wwn-0", "wwn-1"),
)


def bring(found: FoundPool = FOUND, *, pools: tuple[str, ...] = (), lab: bool = False, **wish: Any) -> Plan:
    return import_pool(POOL, found, ImportWish(**wish), DISKS, pools=pools, lab=lab)


PLANS: dict[str, Callable[[], Plan]] = {
    "export": lambda: export_pool(MIRRORS, force=False),
    "export-used-by-force": lambda: export_pool(USED, force=True),
    "import": bring,
    "import-under-another-name-read-only-below-a-folder": lambda: bring(name="bank", read_only=True, altroot="/mnt"),
    "import-destroyed": lambda: bring(replace(FOUND, destroyed=True), destroyed=True),
    "import-degraded-without-log": lambda: bring(replace(FOUND, state="DEGRADED", missing_log=True), missing_log=True),
    "import-foreign-by-force": lambda: bring(replace(FOUND, foreign=True), force=True),
    "import-back-at-its-checkpoint": lambda: bring(rewind=True),
    "import-back-at-its-checkpoint-to-look": lambda: bring(rewind=True, read_only=True),
    "import-with-a-disk-of-no-stable-name": lambda: bring(replace(FOUND, leaves=("wwn-0", "vdb"))),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_the_golden_one(name: str) -> None:
    golden_plans.check("transfer", name, PLANS[name]())


def test_no_golden_file_is_left_over() -> None:
    golden_plans.nothing_left_over("transfer", PLANS)


REFUSED: dict[str, tuple[Callable[[], Plan], str, str]] = {
    "a name that is taken": (lambda: bring(pools=("tank",)), "pool_exists", "new_name"),
    "a new name that is taken": (lambda: bring(pools=("bank",), name="bank"), "pool_exists", "new_name"),
    "a bad new name": (lambda: bring(name="mirror"), "invalid_input", "new_name"),
    "a destroyed pool": (lambda: bring(replace(FOUND, destroyed=True)), "pool_destroyed", "destroyed"),
    "a pool that is not destroyed": (lambda: bring(destroyed=True), "pool_not_destroyed", "destroyed"),
    "too few disks": (
        lambda: bring(replace(FOUND, usable=False, state="UNAVAIL"), force=True),
        "pool_damaged",
        "guid",
    ),
    "a missing log": (lambda: bring(replace(FOUND, missing_log=True), force=True), "missing_devices", "missing_log"),
    "a pool of another system": (lambda: bring(replace(FOUND, foreign=True)), "pool_foreign", "force"),
    "real disks in the lab": (lambda: bring(lab=True), "real_disk", "guid"),
    "the export of a suspended pool": (
        lambda: export_pool(replace(MIRRORS, state="SUSPENDED"), force=True),
        "pool_suspended",
        "",
    ),
    "the export of a pool that is away": (
        lambda: export_pool(replace(MIRRORS, state="MISSING"), force=True),
        "pool_missing",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_why(name: str) -> None:
    ask, code, field = REFUSED[name]
    with pytest.raises(CalypsoError) as refused:
        ask()
    assert (refused.value.code, refused.value.field or "") == (code, field)
    assert refused.value.message and refused.value.hint


def test_an_export_lists_what_uses_the_pool_and_takes_its_name() -> None:
    plan = export_pool(USED, force=False)
    assert plan.stops == USED.stops and plan.confirm == "tank"
    assert plan.digest == export_pool(MIRRORS, force=False).digest, "who uses it meanwhile changes no step"


def test_a_pool_that_lost_its_disks_but_does_not_hang_can_be_exported() -> None:
    export_pool(replace(MIRRORS, state="UNAVAIL"), force=False)
