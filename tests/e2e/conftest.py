"""A real browser on a real appliance. A test finds things as a person does: by role, label and text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support.appliance import ROOT, Appliance, environment

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 15_000  # ms, on a busy machine

Lab = Callable[[str, str], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("No Chromium on this machine: apt-get install chromium")
    if not (ROOT / "frontend" / "dist" / "index.html").is_file():
        pytest.fail("The front end has not been built: make frontend")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser, appliance: Appliance) -> Iterator[BrowserContext]:
    """A visitor's. Anything that the content security policy blocks, or that a page throws, fails the test."""
    made = browser.new_context(base_url=appliance.base_url, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE)
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    made.on("console", heard)
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    yield made
    made.close()
    assert not wrong


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Nobody is logged in."""
    return context.new_page()


@pytest.fixture
def admin(page: Page, appliance: Appliance) -> Page:
    """Logged in as administrator, at the pools."""
    page.goto("/storage/pools")
    page.get_by_label("User name").fill(appliance.username)
    page.get_by_label("Password").fill(appliance.admin_password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Pools").wait_for()
    page.get_by_title("Live connection: live").wait_for()
    return page


@pytest.fixture
def lab(appliance: Appliance) -> Lab:
    """`manage.py lab plug|pull|break|repair DISK`"""

    def run(action: str, disk: str) -> None:
        argv = [sys.executable, str(ROOT / "manage.py"), "lab", action, disk]
        subprocess.run(argv, env=environment(appliance.home, appliance.port), check=True, capture_output=True)

    return run


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Holds a page to WCAG 2.1 A and AA by axe-core, contrast included."""
    source = AXE.read_text() if AXE.is_file() else pytest.fail("axe-core is missing: npm ci in frontend")

    def check(page: Page) -> None:
        page.evaluate(source)
        found: list[dict[str, Any]] = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(result => result.violations)"
        )
        told = [f"{v['id']}: {node['html'][:200]} {node['failureSummary']}" for v in found for node in v["nodes"]]
        assert not told, "\n".join([page.url, *told])

    return check
