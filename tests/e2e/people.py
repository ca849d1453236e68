"""People with a real browser before the console, and what their browsers complain of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.console_stack import Town

PATIENCE_MS = 60_000
CHROMIUM = "chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium; skip where it cannot be had, except in CI."""
    path = shutil.which(CHROMIUM)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: run `make tools`")
        pytest.skip("no chromium: run `make tools` as root")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """Somebody with a browser of their own; everything that the browser complains of is kept."""

    def __init__(self, browser: Browser, here: Town, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(
            **{"locale": "en-GB", "timezone_id": "Asia/Shanghai", **options}
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.status = 0
        self.complaints: list[str] = []
        self._here = here
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        """Keep what is wrong with a page: scripts, styles, the policy. A status is the tests'."""
        is_status = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(f"{message.type}: {message.text} ({message.location})")

    def sign_in(self, role: str = "admin") -> Person:
        """Sign in as people do, with a key; again where a busy service did not answer in time."""
        self.open("/sign-in")
        for _ in range(5):
            self.page.fill("#key", self._here.keys[role])
            with self.page.expect_navigation():
                self.page.click("button.main")
            if self.page.url == f"{self._here.url}/":
                break
        assert self.page.url == f"{self._here.url}/"
        return self

    def open(self, path: str) -> Page:
        """Open a page of the console."""
        answer = self.page.goto(f"{self._here.url}{path}")
        self.status = 0 if answer is None else answer.status
        return self.page


Visit = Callable[..., Person]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all of a module's people."""
    with chromium() as found:
        yield found


@pytest.fixture
def visit(here: Town, browser: Browser) -> Iterator[Visit]:
    """Make people with a browser; none of their browsers may complain of anything."""
    people: list[Person] = []

    def make(role: str | None = "admin", **options: Any) -> Person:
        person = Person(browser, here, **options)
        people.append(person)
        return person if role is None else person.sign_in(role)

    yield make
    for person in people:
        person.context.close()
    assert [complaint for person in people for complaint in person.complaints] == []
