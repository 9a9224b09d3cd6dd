"""What every story does with the action dialog."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def through(dialog: Locator, verb: str, reason: str, name: str = "") -> None:
    """From the plan to the end of the operation."""
    ask(dialog, verb, reason, name)
    expect(dialog.get_by_text("succeeded")).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"Recorded as events #\d+ to #\d+"))).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()


def ask(dialog: Locator, verb: str, reason: str, name: str = "") -> None:
    """From the plan to the start of the operation."""
    dialog.get_by_role("button", name="Continue…").click()
    dialog.get_by_label("Reason").fill(reason)
    if name:
        start = dialog.get_by_role("button", name=verb, exact=True)
        expect(start).to_be_disabled()
        dialog.get_by_label(f"Type {name} to confirm").fill(name)
    dialog.get_by_role("button", name=verb, exact=True).click()


def make_mirror(page: Page, pool: str, *disks: str) -> None:
    """A pool of one mirror, by the page; ends on the pool's own page."""
    page.goto("/storage/pools")
    page.get_by_role("button", name="Create pool").first.click()
    dialog = page.get_by_role("dialog", name="Create pool")
    dialog.get_by_label("Name").fill(pool)
    for disk in disks:
        dialog.get_by_role("checkbox", name=re.compile(rf"^{disk}\b")).check()
    dialog.get_by_role("button", name="Show the plan").click()
    through(dialog, "Create", "e2e: a story of its own")
    page.get_by_role("link", name=pool, exact=True).click()
    expect(page.get_by_role("heading", name=pool)).to_be_visible()


def destroy(page: Page, pool: str) -> None:
    page.goto(f"/storage/pools/{pool}")
    page.get_by_role("button", name=f"More for {pool}").click()
    page.get_by_role("menuitem", name="Destroy…").click()
    through(page.get_by_role("dialog"), "Destroy", "e2e: over", name=pool)
    expect(page.get_by_role("link", name=pool, exact=True)).to_have_count(0)
