"""All of Steward with its console on real sockets, two groups of the sample day, and a browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from services.console.app import create_app
from services.console.settings import ConsoleSettings
from shared.events import Millis, TenantId
from shared.settings import Settings
from shared.web.scopes import Scope
from shared.web.serve import server
from steward.cloudevents import CONTENT_TYPE, batch, rfc3339
from steward.demo.story import sample_day
from tests.integration.api.installation import OWNER, Installation, running, until

GROUPS = ("hiking", "python")
"""One that goes quiet before noon, and one into which a gambler comes."""
BATCH = 200
PATIENCE_MS = 60_000
LONG_SECONDS = 200
CHROMIUM = "chromium"


@dataclass
class Receiver:
    """Takes webhooks on a socket of its own and keeps what came."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in list(self.taken) if each.get("type") == kind]


@dataclass
class Town:
    """What the tests have: where the console is, keys by role, the receiver."""

    installation: Installation
    url: str
    keys: dict[str, str]
    receiver: Receiver

    def say(self, text: str, member: str = "u-live", group: str = "python") -> None:
        """Have somebody say something now."""
        event = {
            "specversion": "1.0",
            "id": f"said-{time.time_ns()}",
            "source": "demo-platform",
            "type": "message.posted",
            "time": rfc3339(Millis(time.time_ns() // 1_000_000)),
            "data": {
                "group": group,
                "member": member,
                "message": f"m{time.time_ns()}",
                "text": text,
            },
        }
        body = json.dumps([event]).encode()
        until(lambda: _is_taken(self, body), LONG_SECONDS)


@contextmanager
def town(settings: Settings) -> Iterator[Town]:
    """Run everything on settings that have been migrated, with the two groups' day in it."""
    with running(settings) as installation, receiving() as receiver, console(installation) as url:
        keys = {
            "admin": installation.key,
            "moderator": installation.key_of(OWNER, {Scope.READ, Scope.REVIEW}),
            "viewer": installation.key_of(OWNER, {Scope.READ}),
        }
        here = Town(installation, url, keys, receiver)
        _furnish(here)
        yield here


@contextmanager
def console(installation: Installation) -> Iterator[str]:
    """Run the console in the services' loop; give its address."""
    urls = {f"console_{name}_url": url for name, url in installation.urls.items()}
    own = ConsoleSettings(
        **{**installation.settings.model_dump(), **urls, "console_timeout_seconds": 30}
    )
    one = server(create_app(own), own, 0)
    served = asyncio.run_coroutine_threadsafe(one.serve(), installation.loop)
    until(lambda: one.started)
    try:
        yield f"http://127.0.0.1:{one.servers[0].sockets[0].getsockname()[1]}"
    finally:
        one.should_exit = True
        served.result(60)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.taken.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{http.server_address[1]}/"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        http.shutdown()
        thread.join(30)
        http.server_close()


def _furnish(here: Town) -> None:
    """Send the two groups' day, and wait until cases and scores have come of it."""
    ask = here.installation.ask
    made = ask("notify", "POST", "/v1/endpoints", json={"url": here.receiver.url, "kinds": ["*"]})
    assert made.status_code == 201, made.text
    assert ask("ingest", "PUT", "/v1/sources/demo-platform", json={}).status_code == 200
    assert ask("ingest", "PUT", "/v1/archive", json={"retention_days": 1}).status_code == 200
    time.sleep(1.5)  # until the endpoint and the archive are in force
    day = sample_day(Millis(time.time_ns() // 1_000_000), TenantId(OWNER))
    events = [event for event in day.events if event.group in GROUPS]
    for start in range(0, len(events), BATCH):
        body = batch(events[start : start + BATCH])
        until(lambda body=body: _is_taken(here, body), LONG_SECONDS)  # type: ignore[misc]
    until(lambda: _gambling(here) is not None and _is_quiet(here), LONG_SECONDS)


def _is_taken(here: Town, body: bytes) -> bool:
    """Send events; 503 says to send the same again."""
    headers = {"content-type": CONTENT_TYPE}
    answer = here.installation.ask(
        "ingest", "POST", "/v1/events:batch", content=body, headers=headers
    )
    assert answer.status_code in (202, 503), answer.text
    return answer.status_code == 202


def _gambling(here: Town) -> dict[str, Any] | None:
    """Return the gambler's case that led to a deletion."""
    found = here.installation.ask("rules", "GET", "/v1/cases?label=gambling").json()["items"]
    return found[0] if found else None


def _is_quiet(here: Town) -> bool:
    found = here.installation.ask("scoring", "GET", "/v1/groups?sort=health").json()["items"]
    stages = {each["group"]: each["stage"] for each in found}
    return stages.get("hiking") == "quiet" and "python" in stages


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
        self.page.goto(f"{self._here.url}{path}")
        return self.page


def case_of_the_gambler(here: Town) -> dict[str, Any]:
    case = _gambling(here)
    assert case is not None
    return case


def http_client() -> httpx.Client:
    return httpx.Client(timeout=30, follow_redirects=False)
