"""The care of a box, by its pages: a faulted disk is replaced, a wipe is stopped, snapshots go in a batch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, Lab
from tests.e2e.dialogs import ask, destroy, make_mirror, through

pytestmark = pytest.mark.e2e

expect.set_options(timeout=PATIENCE)

DISK_ID = "wwn-0x5000c500000000{slot:02}"  # of the lab's disk in that slot, which is lab<slot - 1>


def test_a_faulted_disk_is_replaced(admin: Page, lab: Lab, accessible: Callable[[Page], None]) -> None:
    faulty = DISK_ID.format(slot=2)
    make_mirror(admin, "care", "lab0", "lab1")
    lab("fault", "lab1")
    alert = admin.get_by_role("region", name=re.compile("^Alert: .*care is degraded"))
    expect(alert).to_be_visible()
    expect(admin.get_by_role("link", name=re.compile(r"^\d+ alerts, the worst critical"))).to_be_visible()
    accessible(admin)

    admin.goto("/alerts")
    row = admin.get_by_role("listitem").filter(has_text="care is degraded")
    row.get_by_role("button", name="Acknowledge").click()
    through(admin.get_by_role("dialog"), "Acknowledge", "e2e: a new disk is at hand")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("acknowledged by admin: “e2e: a new disk is at hand”")
    accessible(admin)

    admin.goto("/storage/pools/care")
    expect(alert).to_have_count(0)
    admin.get_by_role("button", name=f"Actions for {faulty}").click()
    admin.get_by_role("menuitem", name="Replace…").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose a disk.")
    dialog.get_by_role("radio", name=re.compile(r"^lab2\b")).check()
    accessible(admin)
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text(re.compile("zpool replace .* care "))).to_be_visible()
    through(dialog, "Replace", "e2e: the new disk")
    head = admin.locator("header").filter(has=admin.get_by_role("heading", name="care"))
    expect(head.get_by_text("ONLINE")).to_be_visible()
    expect(admin.get_by_role("button", name=f"Actions for {faulty}")).to_have_count(0)

    admin.goto("/alerts?state=cleared")
    expect(row.first).to_contain_text("cleared")
    destroy(admin, "care")


def test_a_wipe_is_watched_and_stopped(admin: Page, accessible: Callable[[Page], None]) -> None:
    admin.goto(f"/storage/disks/{DISK_ID.format(slot=4)}")
    accessible(admin)
    admin.get_by_role("button", name="More for lab3").click()
    admin.get_by_role("menuitem", name="Wipe…").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("How").select_option("zero")
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text("Destroys 3.64 TiB in 1 disk")).to_be_visible()
    ask(dialog, "Wipe", "e2e: it is sold", name="LAB0004")
    expect(dialog.get_by_role("progressbar", name="Overwrite the disk with zeros")).to_be_visible()
    accessible(admin)
    dialog.get_by_role("button", name=re.compile("^Cancel: Wipe")).click()
    expect(dialog.get_by_role("status").get_by_text("cancelled")).to_be_visible()
    dialog.get_by_role("link", name="The operation").click()
    head = admin.locator("header").filter(has=admin.get_by_role("heading", name=re.compile("^Wipe")))
    expect(head.get_by_text("cancelled")).to_be_visible()
    admin.goto(f"/storage/disks/{DISK_ID.format(slot=4)}")
    expect(admin.locator("header").get_by_text("partly wiped")).to_be_visible()


def take_snapshot(page: Page, dataset: str, name: str) -> None:
    """Over REST: they are only the ground of the story."""
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
    answer = page.request.post(
        "/api/v1/storage/snapshots?wait=15",
        data={"datasets": [dataset], "name": name},
        headers={"X-CSRFToken": token},
    )
    assert answer.ok and answer.json()["state"] == "succeeded", answer.text()


def test_snapshots_go_in_a_batch(admin: Page, accessible: Callable[[Page], None]) -> None:
    make_mirror(admin, "batch", "lab10", "lab11")
    for name in ("one", "two", "three"):
        take_snapshot(admin, "batch", name)

    admin.goto("/storage/snapshots?pool=batch")
    expect(admin.get_by_text(re.compile("^3 snapshots;"))).to_be_visible()
    for name in ("one", "three"):
        admin.get_by_role("checkbox", name=f"Choose batch@{name}").check()
    accessible(admin)
    admin.get_by_role("button", name="Destroy 2…").click()
    dialog = admin.get_by_role("dialog", name="Destroy 2 snapshots")
    dialog.get_by_role("button", name="Show the plan").click()
    expect(dialog.get_by_text(re.compile("in 2 snapshots"))).to_be_visible()
    through(dialog, "Destroy", "e2e: no longer needed", name="2 snapshots")
    expect(admin.get_by_text(re.compile("^1 snapshot;"))).to_be_visible()
    expect(admin.get_by_role("checkbox", name="Choose batch@two")).to_be_visible()
    destroy(admin, "batch")
