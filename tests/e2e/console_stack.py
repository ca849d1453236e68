"""All of Steward with its console on real sockets, and two groups of the sample day."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from services.console.app import create_app
from services.console.settings import ConsoleSettings
from shared.events import Millis, TenantId
from shared.settings import Settings
from shared.web.scopes import Scope
from shared.web.serve import server
from steward.cloudevents import CONTENT_TYPE, batch, rfc3339
from steward.demo.story import sample_day
from steward.stack.ports import free_ports
from tests.integration.api.installation import COPY, OWNER, Installation, running, until
from tests.unit.console.identity_provider import (
    IdentityProvider,
    identity_provider,
    settings_of,
)

GROUPS = ("hiking", "python")
"""One that goes quiet before noon, and one into which a gambler comes."""
LURE = "代购清仓,名牌包三折起,想要的加.薇.信 daigou88621"
ELSEWHERE = ("first", "second", "third")
"""Where the same harmless text is said, which makes it a spam campaign."""
HEARD_SECONDS = 5
DAY_MS = 86_400_000
BATCH = 200
LONG_SECONDS = 200


@dataclass
class Receiver:
    """Takes webhooks on a socket of its own and keeps what came, and when."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    moments: dict[str, float] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in list(self.taken) if each.get("type") == kind]


@dataclass
class Town:
    """What the tests have: where the console is, keys by role, who gets webhooks."""

    installation: Installation
    url: str
    keys: dict[str, str]
    receiver: Receiver
    provider: IdentityProvider

    def say(
        self, text: str, member: str = "u-live", group: str = "python", days_ago: int = 0
    ) -> None:
        """Have somebody say something now, or so many days ago."""
        now = time.time_ns() // 1_000_000
        event = {
            "specversion": "1.0",
            "id": f"said-{time.time_ns()}",
            "source": "demo-platform",
            "type": "message.posted",
            "time": rfc3339(Millis(now - days_ago * DAY_MS)),
            "data": {
                "group": group,
                "member": member,
                "message": f"m{time.time_ns()}",
                "text": text,
            },
        }
        body = json.dumps([event]).encode()
        until(lambda: _is_taken(self, body), LONG_SECONDS)

    def judged(self, text: str) -> str:
        """Return what the rule set in force decides about a text."""
        told = self.installation.ask("rules", "POST", "/v1/check", json={"text": text})
        return str(told.json()["decision"])

    def acted_on(self, reason: str = "") -> set[str]:
        """Return the groups in which something was deleted, for a reason."""
        taken = self.receiver.of_kind("message.delete")
        return {str(each["group"]) for each in taken if reason in each.get("reason", "")}

    def heard(self, text: str, group: str, reason: str) -> bool:
        """Have somebody new say something; whether it is soon acted on for a reason."""
        self.say(text, member=f"u-{time.time_ns()}", group=group)
        deadline = time.monotonic() + HEARD_SECONDS
        while group not in self.acted_on(reason) and time.monotonic() < deadline:
            time.sleep(0.05)
        return group in self.acted_on(reason)

    def webhook(self, kind: str, message: str) -> dict[str, Any]:
        """Return the webhook of a kind about a message, once it has come."""
        found: list[dict[str, Any]] = []

        def came() -> bool:
            taken = self.receiver.of_kind(kind)
            found[:] = [each for each in taken if each.get("message") == message]
            return bool(found)

        until(came)
        return found[0]


@contextmanager
def town(settings: Settings) -> Iterator[Town]:
    """Run everything on settings that have been migrated, with the two groups' day in it."""
    with (
        running(settings) as installation,
        receiving() as receiver,
        identity_provider() as provider,
        console(installation, provider) as url,
    ):
        keys = {
            "admin": installation.key,
            "moderator": installation.key_of(OWNER, {Scope.READ, Scope.REVIEW}),
            "viewer": installation.key_of(OWNER, {Scope.READ}),
        }
        here = Town(installation, url, keys, receiver, provider)
        _furnish(here)
        yield here


@contextmanager
def console(installation: Installation, provider: IdentityProvider) -> Iterator[str]:
    """Run the console in the services' loop; give its address."""
    urls = {f"console_{name}_url": url for name, url in installation.urls.items()}
    (port,) = free_ports(1)
    own = ConsoleSettings(
        **{
            **installation.settings.model_dump(),
            **urls,
            **settings_of(provider, installation.key, f"http://127.0.0.1:{port}"),
            "console_timeout_seconds": 30,
        }
    )
    one = server(create_app(own), own, port)
    served = asyncio.run_coroutine_threadsafe(one.serve(), installation.loop)
    until(lambda: one.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        one.should_exit = True
        served.result(60)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came = json.loads(body)
            receiver.moments.setdefault(came["id"], time.time())
            receiver.taken.append(came)
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
    until(lambda: _is_heard(here), LONG_SECONDS)
    day = sample_day(Millis(time.time_ns() // 1_000_000), TenantId(OWNER))
    events = [event for event in day.events if event.group in GROUPS]
    for start in range(0, len(events), BATCH):
        body = batch(events[start : start + BATCH])
        until(lambda body=body: _is_taken(here, body), LONG_SECONDS)  # type: ignore[misc]
    for group in ELSEWHERE:
        here.say(COPY, member=f"u-{group}", group=group)
    until(lambda: bool(ask("rules", "GET", "/v1/incidents").json()["items"]), LONG_SECONDS)
    until(lambda: _gambling(here) is not None and _is_quiet(here), LONG_SECONDS)
    until(lambda: _is_talking(here), LONG_SECONDS)


def _is_heard(here: Town) -> bool:
    """Send a lure; whether the endpoint is in force, so that a webhook has come of one."""
    here.say(LURE, member="u-first", group="first")
    deadline = time.monotonic() + HEARD_SECONDS
    while not here.receiver.taken and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(here.receiver.taken)


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


def _is_talking(here: Town) -> bool:
    """Whether the stage that knows who talks to whom has come as far, too."""
    told = here.installation.ask("scoring", "GET", "/v1/groups/hiking/talk").json()
    return bool(told.get("items"))


def case_of_the_gambler(here: Town) -> dict[str, Any]:
    case = _gambling(here)
    assert case is not None
    return case


def http_client() -> httpx.Client:
    return httpx.Client(timeout=30, follow_redirects=False)
