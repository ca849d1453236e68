"""A receiver of webhooks and a running notify service, for its integration tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI

from services.notify.app import create_app
from services.notify.settings import NotifySettings
from shared.actions import Action, ActionKind
from shared.events import GroupId, Millis, TenantId, derive_id, encode
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.contracts import Keyed
from shared.stream.refreshed import REFRESH_SECONDS
from shared.topics import Topic
from shared.web.keys import ApiKeys

TENANT = TenantId("acme")


@dataclass
class Received:
    """A request that came to the receiver."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Received], Awaitable[web.Response]]


async def accept(_: Received) -> web.Response:
    return web.Response(status=204)


def answers(*statuses: int, **headers: str) -> Answer:
    """Answer the first requests with these statuses, the others with 204."""
    left = list(statuses)

    async def answer(_: Received) -> web.Response:
        if not left:
            return web.Response(status=204)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=left.pop(0), headers=named, text="as told")

    return answer


@dataclass
class Receiver:
    """A real HTTP server; each path answers as it was told, by default 204."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        came = Received(time.monotonic(), request.path, headers, await request.read())
        self.received.append(came)
        return await self.answers.get(request.path, accept)(came)

    def at(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path == path]

    async def wait(
        self, count: int, path: str | None = None, seconds: float = 60
    ) -> list[Received]:
        """Return the requests once there are so many."""

        def came() -> list[Received]:
            return self.received if path is None else self.at(path)

        await until(lambda: len(came()) >= count, seconds)
        return came()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Patient(httpx.ASGITransport):
    """Asks again after a 503, as it asks for: Kafka may be slow on a busy machine."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        for _ in range(30):
            answer = await super().handle_async_request(request)
            if answer.status_code != 503 or request.url.path == "/readyz":
                return answer
            await asyncio.sleep(1)
        return answer


class Notify:
    """A running service, its REST API with a tenant's key, and the topic of actions."""

    def __init__(self, settings: NotifySettings, app: FastAPI) -> None:
        self._settings = settings
        self._app = app
        self._known_at = 0.0
        self._producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
        self.http = httpx.AsyncClient(transport=Patient(app=app), base_url="http://notify/v1")

    async def start(self) -> None:
        await self._producer.start()
        async with connect(self._settings) as client:
            key, _ = await ApiKeys(client[self._settings.database]).create(TENANT)
        self.http.headers["authorization"] = f"Bearer {key}"

        async def ready() -> bool:
            return (await self.http.get("http://notify/readyz")).status_code == 200

        await until(ready, 60)

    async def stop(self) -> None:
        await self._producer.stop()
        await self.http.aclose()

    async def key_of(self, tenant: TenantId) -> dict[str, str]:
        """Return the headers of another tenant."""
        async with connect(self._settings) as client:
            key, _ = await ApiKeys(client[self._settings.database]).create(tenant)
        return {"authorization": f"Bearer {key}"}

    async def endpoint(self, url: str, **fields: Any) -> dict[str, Any]:
        """Create an endpoint; what is published from now on waits until the stage knows it."""
        answer = await self.http.post("/endpoints", json={"url": url, **fields})
        assert answer.status_code == 201, answer.text
        self._known_at = time.monotonic() + REFRESH_SECONDS + 0.1
        created: dict[str, Any] = answer.json()
        return created

    async def _until_known(self) -> None:
        await asyncio.sleep(max(0, self._known_at - time.monotonic()))

    async def act(self, *numbers: int, **fields: Any) -> None:
        """Publish actions."""
        await self._until_known()
        for number in numbers:
            action = action_of(number, **fields)
            await self._producer.send(
                self._settings.topic(Topic.ACTIONS),
                encode(action),
                key=action.key.encode(),
                headers=[("traceparent", trace_of(number).encode())],
            )
        await self._producer.flush()

    async def publish(self, topic: Topic, *records: Keyed) -> None:
        """Publish records as other services do."""
        await self._until_known()
        for record in records:
            value, key = encode(record), record.key.encode()
            await self._producer.send(self._settings.topic(topic), value, key=key)
        await self._producer.flush()

    async def deliveries(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.http.get("/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def ended(self, count: int, **query: Any) -> list[dict[str, Any]]:
        """Return the deliveries once so many have come to their end."""
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            found[:] = [each for each in await self.deliveries(**query) if each["finished_at"]]
            return len(found) >= count

        await until(there, 60)
        return found


def action_of(number: int, **fields: Any) -> Action:
    given: dict[str, Any] = {
        "kind": ActionKind.MESSAGE_DELETE,
        "tenant": TENANT,
        "group": GroupId(f"g{number % 7}"),
        "text": "删除",
        **fields,
    }
    now = Millis(int(time.time() * 1000))
    return Action(id=derive_id("test", str(number)), time=now, cause=f"f{number}", **given)


def trace_of(number: int) -> str:
    return f"00-{number + 1:032x}-{number + 1:016x}-01"


@asynccontextmanager
async def notifying(settings: Settings, **own: Any) -> AsyncIterator[Notify]:
    """Run the service in this process, on settings that allow a receiver on this machine."""
    values = {
        "notify_allow_cidrs": "127.0.0.0/8",
        "notify_schedule_seconds": "1,1,1",
        "instance": "replica-1",
        **own,
    }
    made = NotifySettings(**{**settings.model_dump(), **values})
    app = create_app(made)
    async with app.router.lifespan_context(app):
        notify = Notify(made, app)
        await notify.start()
        try:
            yield notify
        finally:
            await notify.stop()


async def until(there: Callable[[], Any], seconds: float) -> None:
    """Return once `there()` is true; fail after so many seconds."""
    async with asyncio.timeout(seconds):
        while True:
            found = there()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.02)
