"""All four services on real sockets in one process, with a tenant that has one of everything."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI

from services.ingest.app import create_app as ingest
from services.notify.app import create_app as notify
from services.notify.settings import NotifySettings
from services.rules.app import create_app as rules
from services.scoring.app import create_app as scoring
from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web.keys import ApiKeys
from shared.web.scopes import Scope
from shared.web.serve import server

SERVICES: Final[dict[str, Callable[[Settings], FastAPI]]] = {
    "ingest": ingest,
    "rules": rules,
    "scoring": scoring,
    "notify": notify,
}
OWNER: Final = TenantId("owner")
GROUP: Final = "owner-group-5d1f"
MEMBER: Final = "owner-member-9a2c"
SOURCE: Final = "owner-source-77e0"
UNHEARD: Final = "http://127.0.0.1:65535/"
"""Where nobody listens: deliveries to it stay under way."""
PERSONA: Final = "owner-persona-3c1d"
OUTREACH: Final[dict[str, dict[str, Any]]] = {
    "campaigns": {
        "name": "spring",
        "audience": {"recipients": [{"group": "owner-group-c0de"}]},
        "content": {"text": "早", "persona": PERSONA},
    },
    "relays": {"name": "news", "source": "owner-group-c0de", "targets": ["owner-group-d00d"]},
}
LURE: Final = "加.薇.信 领福利 abc12345"
DEFINED: Final[dict[str, dict[str, str]]] = {
    "/v1/attributes/owner_city": {"type": "string"},
    "/v1/segments/owner_talkers": {"condition": "messages > 0"},
    "/v1/steps/owner_orders": {"event": "purchase.made"},
}
"""What the owner has defined for its members."""
RULE_SET: Final = "name: owner-set-41aa\nextends: default\n"
COPY: Final = "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦"
TRUSTED: Final = "owner-member-trusted"
READY_SECONDS: Final = 200
WORDS: Final = "owner_words_7c3e"
T = TypeVar("T")


@dataclass
class Installation:
    """Running services; `urls` by name, `loop` that they run in."""

    settings: Settings
    loop: asyncio.AbstractEventLoop
    urls: dict[str, str] = field(default_factory=dict)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    key: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    """What the owner has, by the first part of the paths that lead to it."""

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what comes of work in the services' loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(60)

    def key_of(
        self,
        tenant: str,
        scopes: Iterable[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Return a new key."""

        async def make() -> str:
            async with connect(self.settings) as client:
                keys = ApiKeys(client[self.settings.database])
                secret, _ = await keys.create(TenantId(tenant), "", expires_at, scopes=scopes)
                return secret

        return self.wait_for(make())

    def ask(
        self, service: str, method: str, path: str, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request, with the owner's key or another."""
        own = {"authorization": f"Bearer {self.key if key is None else key}"}
        headers = own | more.pop("headers", {})
        url = f"{self.urls[service]}{path}"
        return self.http.request(method, url, headers=headers, **more)


@contextmanager
def installed(settings: Settings) -> Iterator[Installation]:
    """Run the services, on settings that have been migrated, with an owner of everything."""
    with running(settings) as installation:
        _furnish(installation)
        yield installation


@contextmanager
def running(settings: Settings) -> Iterator[Installation]:
    """Run the services, on settings that have been migrated."""
    values = {**settings.model_dump(), "notify_allow_cidrs": "127.0.0.0/8"}
    own = NotifySettings(**values)
    loop = asyncio.new_event_loop()
    servers = {name: server(create(own), own, 0) for name, create in SERVICES.items()}
    thread = threading.Thread(target=_serve, args=(loop, list(servers.values())), daemon=True)
    thread.start()
    installation = Installation(own, loop)
    try:
        for name, one in servers.items():
            until(lambda one=one: one.started)  # type: ignore[misc]
            port = one.servers[0].sockets[0].getsockname()[1]
            installation.urls[name] = f"http://127.0.0.1:{port}"
        installation.key = installation.key_of(OWNER)
        for url in installation.urls.values():
            until(lambda url=url: _is_ready(installation, url), READY_SECONDS)  # type: ignore[misc]
        yield installation
    finally:
        for one in servers.values():
            one.should_exit = True
        installation.http.close()
        thread.join(60)
        loop.close()


def _is_ready(installation: Installation, url: str) -> bool:
    return installation.http.get(f"{url}/readyz").status_code == 200


def _serve(loop: asyncio.AbstractEventLoop, servers: list[uvicorn.Server]) -> None:
    async def together() -> None:
        await asyncio.gather(*(server.serve() for server in servers))

    asyncio.set_event_loop(loop)
    loop.run_until_complete(together())


def _furnish(installation: Installation) -> None:
    """Give the owner one of everything that a path can lead to."""
    ask = installation.ask
    endpoint = ask("notify", "POST", "/v1/endpoints", json={"url": UNHEARD}).json()
    made = ask("ingest", "POST", "/v1/keys", json={"name": "spare", "scopes": ["read"]}).json()
    outreach = _outreach(installation)
    own = ask("rules", "POST", "/v1/rule-sets", json={"source": RULE_SET}).json()
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    asked = ask("rules", "POST", "/v1/backtests", json={"source": RULE_SET, **span}).json()
    assert ask("rules", "PUT", f"/v1/lists/{WORDS}", json={"words": ["榴莲"]}).status_code == 200
    assert ask("ingest", "PUT", f"/v1/sources/{SOURCE}", json={}).status_code == 200
    assert ask("ingest", "PUT", "/v1/archive", json={"retention_days": 1}).status_code == 200
    for path, body in DEFINED.items():
        assert ask("scoring", "PUT", path, json=body).status_code == 200
    time.sleep(1.5)  # until the endpoint and the archive are in force
    sent = [
        _posted(1, MEMBER, "大家早上好，今天谁去爬山？"),
        _posted(2, "owner-member-ad", LURE),
        *(_posted(n, "owner-member-copies", COPY, f"owner-group-{n}") for n in (3, 4, 5)),
    ]
    answer = ask("ingest", "POST", "/v1/events:batch", json=sent)
    assert answer.json()["accepted"] == len(sent)
    lists = {
        "flags": ("rules", "/v1/flags"),
        "deliveries": ("notify", "/v1/deliveries"),
        "archive": ("ingest", "/v1/archive"),
        "groups": ("scoring", "/v1/groups"),
        "leaderboard": ("scoring", "/v1/leaderboard"),
        "segments": ("scoring", "/v1/segments/owner_talkers/members"),
    }
    first = {name: _first(installation, *place) for name, place in lists.items()}
    first |= _reviewed(installation, first["flags"]["id"])
    installation.ids = {
        "flags": first["flags"]["id"],
        "deliveries": first["deliveries"]["id"],
        "endpoints": endpoint["id"],
        "keys": made["id"],
        "groups": GROUP,
        "members": MEMBER,
        "attributes": "owner_city",
        "segments": "owner_talkers",
        "steps": "owner_orders",
        "sources": SOURCE,
        "rule-sets": own["version"],
        "lists": WORDS,
        "cases": first["cases"]["id"],
        "incidents": first["incidents"]["id"],
        "trusted": first["trusted"]["member"],
        "backtests": asked["id"],
        **outreach,
    }


def _reviewed(installation: Installation, flag: str) -> dict[str, dict[str, Any]]:
    """Give the owner a case and somebody trusted; return them with the incident that there is."""
    opened = installation.ask("rules", "POST", f"/v1/flags/{flag}:review", json={})
    trusted = installation.ask("rules", "PUT", f"/v1/trusted/{TRUSTED}", json={})
    assert (opened.status_code, trusted.status_code) == (202, 202)
    names = ("cases", "incidents", "trusted")
    return {name: _first(installation, "rules", f"/v1/{name}") for name in names}


def _outreach(installation: Installation) -> dict[str, str]:
    """Write a campaign, a persona and a relay; return their ids once they are there."""
    ids = {"personas": PERSONA}
    answer = installation.ask("notify", "PUT", f"/v1/personas/{PERSONA}", json={"name": "小岚"})
    assert answer.status_code == 200
    for name, body in OUTREACH.items():
        answer = installation.ask("notify", "POST", f"/v1/{name}", json=body)
        assert answer.status_code == 202, answer.text
        ids[name] = _first(installation, "notify", f"/v1/{name}")["id"]
    return ids


def _posted(number: int, member: str, text: str, group: str = GROUP) -> dict[str, Any]:
    id = f"owner-event-{number}"
    return {
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": "message.posted",
        "data": {"group": group, "member": member, "message": id, "text": text},
    }


def _first(installation: Installation, service: str, path: str) -> dict[str, Any]:
    """Return the first of a list of the owner's, once it is there."""
    found: list[dict[str, Any]] = []

    def there() -> bool:
        answer = installation.ask(service, "GET", path)
        assert answer.status_code == 200, answer.text
        found[:] = answer.json()["items"]
        return bool(found)

    until(there)
    return found[0]


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.1)
