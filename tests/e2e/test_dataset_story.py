"""A dataset is made and changed, a schedule looked at before it is saved, and drift taken back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE
from tests.e2e.test_pool_story import through
from tests.support.appliance import ROOT, Appliance, environment

pytestmark = pytest.mark.e2e

expect.set_options(timeout=PATIENCE)

POOL = "deeds"


def make_pool(page: Page) -> None:
    page.goto("/storage/pools")
    page.get_by_role("button", name="Create pool").first.click()
    dialog = page.get_by_role("dialog", name="Create pool")
    dialog.get_by_label("Name").fill(POOL)
    for disk in ("lab6", "lab7"):
        dialog.get_by_role("checkbox", name=re.compile(rf"^{disk}\b")).check()
    dialog.get_by_role("button", name="Show the plan").click()
    through(dialog, "Create", "e2e")


def test_dataset_and_schedule_story(admin: Page, appliance: Appliance, accessible: Callable[[Page], None]) -> None:
    make_pool(admin)
    admin.goto(f"/storage/datasets?pool={POOL}")
    admin.get_by_role("button", name="Create dataset").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("data")
    dialog.get_by_label("quota", exact=True).fill("1.5 GiB")
    accessible(admin)
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text(f"zfs create -o quota=1610612736 -- {POOL}/data")).to_be_visible()
    through(dialog, "Create", "e2e: a place for data")

    admin.get_by_role("link", name="data", exact=True).click()
    expect(admin.get_by_role("heading", name=f"{POOL}/data")).to_be_visible()
    expect(admin.get_by_role("region", name="Used by")).to_contain_text("mount")
    admin.get_by_role("button", name="Properties…").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("sync", exact=True).select_option("disabled")
    expect(dialog.get_by_role("note")).to_contain_text("lost in a power failure")
    dialog.get_by_label("compression", exact=True).select_option("zstd")
    dialog.get_by_label("sync", exact=True).select_option(label="default: standard")
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text(f"zfs set compression=zstd {POOL}/data")).to_be_visible()
    through(dialog, "Set", "e2e: save space")

    schedule_is_made(admin, accessible)
    drift_is_taken_back(admin, appliance, accessible)


def schedule_is_made(page: Page, accessible: Callable[[Page], None]) -> None:
    page.goto("/storage/schedules")
    page.get_by_role("button", name="Create schedule").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("nightly")
    dialog.get_by_label("Dataset", exact=True).fill(f"{POOL}/data")
    dialog.get_by_label("When", exact=True).select_option("day")
    dialog.get_by_label("At", exact=True).fill("03:30")
    told = dialog.get_by_role("region", name="What it would do")
    expect(told).to_contain_text("At 03:30 every day")
    expect(told).to_contain_text("1 dataset gets a snapshot each time")
    accessible(page)
    dialog.get_by_role("button", name="Show the plan").click()
    through(dialog, "Create", "e2e: every night")
    page.get_by_role("link", name="nightly", exact=True).click()
    page.get_by_role("button", name="Run now…").click()
    through(page.get_by_role("dialog"), "Run", "e2e: now")
    expect(page.get_by_role("region", name="Runs", exact=True)).to_contain_text("ran")
    accessible(page)
    page.get_by_role("link", name="Those that it made").click()
    expect(page.get_by_role("region", name="Snapshots", exact=True)).to_contain_text("nightly")


def drift_is_taken_back(page: Page, appliance: Appliance, accessible: Callable[[Page], None]) -> None:
    page.goto("/storage/drift")
    argv = [sys.executable, str(ROOT / "calypso" / "lab" / "bin" / "zfs"), "set", "compression=off", f"{POOL}/data"]
    subprocess.run(
        argv,
        env=environment(appliance.home, appliance.port, CALYPSO_LAB_STATE=str(appliance.home / "lab" / "state.db")),
        check=True,
        capture_output=True,
    )
    row = page.get_by_role("region", name="Drift", exact=True).get_by_role("listitem").filter(has_text=f"{POOL}/data")
    expect(row).to_contain_text("compression: configured zstd, the box has off", timeout=30_000)
    accessible(page)
    row.get_by_role("button", name="Restore what was configured…").click()
    through(page.get_by_role("dialog"), "Restore", "e2e: as it was")
    expect(row).to_have_count(0)
