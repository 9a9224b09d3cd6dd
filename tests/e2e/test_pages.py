"""Every page: for keyboards and screen readers, on a narrow screen, with nobody logged in, with the box away."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE
from tests.support.appliance import Appliance

pytestmark = pytest.mark.e2e

expect.set_options(timeout=PATIENCE)

PAGES = {
    "/": "Dashboard",
    "/alerts": "Alerts",
    "/storage/datasets": "Datasets",
    "/storage/snapshots": "Snapshots",
    "/storage/arc": "ARC",
    "/storage/pools": "Pools",
    "/storage/disks": "Disks",
    "/storage/pools/nowhere": "nowhere",
    "/operations": "Operations",
    "/events": "Events",
}


def test_a_wrong_password_is_told(page: Page, appliance: Appliance) -> None:
    page.goto("/storage/disks")
    page.get_by_label("User name").fill(appliance.username)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
    page.get_by_label("Password").fill(appliance.admin_password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Disks")).to_be_visible()


def test_too_many_wrong_passwords_are_told(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("nobody-at-all")
    for _ in range(6):
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log in")).to_be_enabled()
    expect(page.get_by_role("alert")).to_contain_text("Too many failed logins")


def test_the_box_is_named_and_logging_out(admin: Page) -> None:
    expect(admin.get_by_role("banner").get_by_text(socket.gethostname(), exact=True)).to_be_visible()
    admin.get_by_role("button", name="User admin").click()
    admin.get_by_role("menuitem", name="Log out").click()
    expect(admin.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(admin: Page, accessible: Callable[[Page], None], scheme: str) -> None:
    admin.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    for path, title in PAGES.items():
        admin.goto(path)
        admin.get_by_role("heading", name=title, exact=True).wait_for()
        expect(admin.get_by_text("Loading…")).to_have_count(0)
        accessible(admin)
    admin.goto("/storage/pools")
    admin.get_by_role("button", name="Create pool").first.click()
    expect(admin.get_by_role("dialog").get_by_role("checkbox").nth(1)).to_be_visible()
    accessible(admin)


def test_the_login_page_is_accessible(page: Page, accessible: Callable[[Page], None]) -> None:
    page.goto("/")
    page.get_by_label("Password").wait_for()
    accessible(page)


def test_no_page_scrolls_sideways_on_a_narrow_screen(admin: Page) -> None:
    admin.set_viewport_size({"width": 390, "height": 844})
    for path, title in PAGES.items():
        admin.goto(path)
        admin.get_by_role("heading", name=title, exact=True).wait_for()
        expect(admin.get_by_text("Loading…")).to_have_count(0)
        assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    admin.get_by_role("button", name="Navigation").click()
    admin.get_by_role("dialog").get_by_role("link", name="Disks").click()
    expect(admin.get_by_role("heading", name="Disks")).to_be_visible()
    expect(admin.get_by_role("dialog")).to_have_count(0)


def test_the_theme_is_kept(admin: Page) -> None:
    admin.get_by_role("button", name="Theme").click()
    admin.get_by_role("menuitemradio", name="Dark").click()
    dark = admin.evaluate("getComputedStyle(document.body).backgroundColor")
    admin.reload()
    admin.get_by_role("heading", name="Pools").wait_for()
    assert admin.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_a_lost_connection_leaves_the_page_readable(admin: Page, appliance: Appliance) -> None:
    admin.goto("/storage/disks")
    expect(admin.get_by_text("lab0", exact=True)).to_be_visible()
    admin.get_by_title("Live connection: live").wait_for()
    lost = admin.get_by_text(re.compile(r"Connection lost\. What you see is as of \d\d:\d\d:\d\d"))
    web = appliance.child("web")
    assert web is not None
    appliance.process.send_signal(signal.SIGSTOP)  # nobody starts it again for now
    try:
        os.kill(web, signal.SIGKILL)
        expect(lost).to_be_visible()
        expect(admin.get_by_text("lab0", exact=True)).to_be_visible()
        admin.get_by_role("link", name="Operations").click()
        expect(admin.get_by_role("alert").filter(has_text="Calypso can't be reached.")).to_be_visible()
        admin.get_by_role("link", name="Disks").click()
        expect(admin.get_by_text("lab0", exact=True)).to_be_visible()
    finally:
        appliance.process.send_signal(signal.SIGCONT)
    admin.get_by_title("Live connection: live").wait_for()
    expect(lost).to_have_count(0)
