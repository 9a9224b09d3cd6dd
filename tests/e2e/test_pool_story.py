"""From a disk to the record, all by the page: create, scrub, lose a disk, get it back, destroy, read the record."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, Lab
from tests.e2e.dialogs import through
from tests.support.appliance import Appliance, children

pytestmark = pytest.mark.e2e

expect.set_options(timeout=PATIENCE)

POOL = "story"
DISKS = ("lab4", "lab5")


def test_pool_story(admin: Page, lab: Lab, accessible: Callable[[Page], None]) -> None:
    admin.get_by_role("button", name="Create pool").first.click()
    dialog = admin.get_by_role("dialog", name="Create pool")
    dialog.get_by_label("Name").fill(POOL)
    expect(dialog.get_by_text("overlayblk")).to_have_count(0)
    for disk in DISKS:
        dialog.get_by_role("checkbox", name=re.compile(rf"^{disk}\b")).check()
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text(re.compile(rf"zpool create .* {POOL} mirror /dev/disk/by-id/"))).to_be_visible()
    expect(dialog.get_by_text("survives the loss of any 1 disk")).to_be_visible()
    expect(dialog.get_by_text("storage.PoolCreated.v2")).to_be_visible()
    expect(dialog.get_by_text("Nothing has been changed yet.")).to_be_visible()
    through(dialog, "Create", "e2e: a new pool")

    admin.get_by_role("link", name=POOL, exact=True).click()
    expect(admin.get_by_role("heading", name=POOL)).to_be_visible()
    head = admin.locator("header").filter(has=admin.get_by_role("heading", name=POOL))
    expect(head.get_by_text("ONLINE")).to_be_visible()

    admin.get_by_role("button", name="Scrub").click()
    scrub = admin.get_by_role("dialog")
    expect(scrub.get_by_text(f"zpool scrub -- {POOL}")).to_be_visible()
    through(scrub, "Scrub", "e2e: monthly")
    expect(admin.get_by_text("scrub in progress")).to_be_visible()
    for verb, state in (
        ("Pause scrub", "scrub paused"),
        ("Resume scrub", "scrub in progress"),
        ("Stop scrub", "scrub stopped"),
    ):
        admin.get_by_role("button", name=verb).click()
        through(admin.get_by_role("dialog"), verb, "e2e: backups first")
        expect(admin.get_by_text(state, exact=True)).to_be_visible()

    # Nothing is clicked or loaded from here on until it's back: the page follows the box by itself.
    admin.evaluate("window.neverReloaded = true")
    lab("pull", DISKS[0])
    expect(head.get_by_text("DEGRADED")).to_be_visible()
    # ZFS says it at first, then the alert that quotes it.
    expect(admin.get_by_text("One or more devices").first).to_be_visible()
    accessible(admin)
    lab("plug", DISKS[0])
    expect(head.get_by_text("ONLINE")).to_be_visible()
    expect(admin.get_by_text("resilver finished")).to_be_visible()
    assert admin.evaluate("window.neverReloaded") is True

    admin.get_by_role("button", name=f"More for {POOL}").click()
    admin.get_by_role("menuitem", name="Destroy…").click()
    destroy = admin.get_by_role("dialog")
    expect(destroy.get_by_text(f"zpool destroy -- {POOL}")).to_be_visible()
    expect(destroy.get_by_text(re.compile("Destroys .* in 1 dataset"))).to_be_visible()
    accessible(admin)
    through(destroy, "Destroy", "e2e: no longer needed", name=POOL)
    expect(admin.get_by_role("heading", name="Pools")).to_be_visible()
    expect(admin.get_by_role("link", name=POOL, exact=True)).to_have_count(0)

    everything_is_recorded(admin, accessible)


def everything_is_recorded(page: Page, accessible: Callable[[Page], None]) -> None:
    page.goto(f"/events?stream=storage.pool.{POOL}")
    events = page.get_by_role("region", name="Events")
    deeds = (
        "Pool created",
        "Scrub started",
        "Scrub paused",
        "Scrub stopped",
        "Pool degraded",
        "Pool recovered",
        "Pool destroyed",
    )
    for deed in deeds:
        expect(events.get_by_role("cell", name=deed, exact=True).first).to_be_visible()
    degraded = events.get_by_role("row").filter(has_text="Pool degraded").first
    expect(degraded).to_contain_text("ONLINE → DEGRADED")
    degraded.click()
    expect(events.get_by_label("Changes")).to_contain_text("→ REMOVED")
    accessible(page)
    degraded.click()
    requested = events.get_by_role("row").filter(has_text="Operation requested").filter(has_text="Destroy pool")
    expect(requested).to_contain_text("admin")
    expect(requested).to_contain_text("e2e: no longer needed")
    requested.click()
    page.get_by_role("link", name=re.compile(r"^[0-9a-f-]{36}$")).click()
    expect(page.get_by_role("heading", name=f"Destroy pool {POOL}")).to_be_visible()
    expect(page.get_by_text(f"zpool destroy -- {POOL}").first).to_be_visible()
    expect(page.get_by_text("exit code 0")).to_be_visible()
    accessible(page)


def test_a_refused_plan_is_told_at_its_field(admin: Page) -> None:
    admin.get_by_role("button", name="Create pool").first.click()
    dialog = admin.get_by_role("dialog", name="Create pool")
    dialog.get_by_label("Name").fill("mirror")
    dialog.get_by_role("checkbox", name=re.compile(r"^lab8\b")).check()
    dialog.get_by_role("checkbox", name=re.compile(r"^lab9\b")).check()
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")


def test_events_come_in_live(admin: Page, lab: Lab) -> None:
    admin.goto("/events?type=storage.DiskDetached")
    admin.get_by_title("Live connection: live").wait_for()
    rows = admin.get_by_role("region", name="Events").get_by_role("row")
    lab("pull", "lab8")
    try:
        expect(rows.nth(1)).to_contain_text("Disk detached")
    finally:
        lab("plug", "lab8")


def test_used_disks_are_offered_by_force(admin: Page, accessible: Callable[[Page], None]) -> None:
    admin.get_by_role("button", name="Create pool").first.click()
    dialog = admin.get_by_role("dialog", name="Create pool")
    dialog.get_by_label("Name").fill("again")
    used = dialog.get_by_role("checkbox", name=re.compile(r"^lab15\b.*filesystem ext4"))
    force = dialog.get_by_role("checkbox", name="Force")
    dialog.get_by_role("checkbox", name=re.compile(r"^lab9\b")).check()
    expect(used).to_have_count(0)
    force.check()
    used.check()
    force.uncheck()
    expect(used).to_have_count(0)
    force.check()
    expect(used).not_to_be_checked()  # what force let in went with it
    used.check()
    accessible(admin)
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text("Destroys what is on 1 disk")).to_be_visible()
    expect(dialog.get_by_text(re.compile(": filesystem ext4$"))).to_be_visible()
    dialog.get_by_role("button", name="Continue…").click()
    expect(dialog.get_by_label("Type again to confirm")).to_be_visible()
    expect(dialog.get_by_role("button", name="Create", exact=True)).to_be_disabled()


def test_an_operation_is_cancelled(admin: Page, appliance: Appliance) -> None:
    """While the worker is held it waits, so there is time to cancel it."""
    worker = appliance.child("worker")
    assert worker is not None
    held = [worker]
    for parent in held:  # it grows meanwhile: the worker's children have children
        held += [pid for pid, _ in children(parent)]
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        admin.get_by_role("button", name="Create pool").first.click()
        dialog = admin.get_by_role("dialog", name="Create pool")
        dialog.get_by_label("Name").fill("never")
        for disk in ("lab8", "lab9"):
            dialog.get_by_role("checkbox", name=re.compile(rf"^{disk}\b")).check()
        dialog.get_by_role("button", name="Show the plan").click()
        dialog.get_by_role("button", name="Continue…").click()
        dialog.get_by_role("button", name="Create", exact=True).click()
        expect(dialog.get_by_text("queued")).to_be_visible()
        dialog.get_by_role("button", name="Close").last.click()
        tray = admin.get_by_role("button", name="Operations: 1 running")
        tray.click()
        expect(admin.get_by_role("dialog").get_by_role("button", name="Cancel: Create pool never")).to_be_visible()
        admin.get_by_role("link", name="All operations").click()
        admin.get_by_role("link", name="Create pool never").click()
        admin.get_by_role("button", name="Cancel").click()
        head = admin.locator("header").filter(has=admin.get_by_role("heading", name="Create pool never"))
        expect(head.get_by_text("cancelled")).to_be_visible()
        expect(admin.get_by_role("button", name="Cancel")).to_have_count(0)
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)
    admin.goto("/storage/pools")
    expect(admin.get_by_role("link", name="never", exact=True)).to_have_count(0)
