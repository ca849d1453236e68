"""From the POST of a lure to the receipt of the webhook that deletes it, and what all can take."""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import psutil
from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.notify import cpu_of, servers_of
from bench.size import sized
from bench.storage import stored
from bench.talk import lure, talk
from shared.cancelling import cancel
from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web.keys import ApiKeys
from steward import replicas
from steward.stack.stack import Addresses

TENANT: Final = TenantId("bench")
RATE: Final = 500
SECONDS: Final = max(3, sized(12))
LURES: Final = 20
"""One event in so many is a lure."""
SUSTAINED: Final = sized(30_000)
BATCH: Final = 500
READY_SECONDS: Final = 300
FLOOR: Final = max(100, sized(300))
SERVERS: Final = {"java": "kafka", "mongod": "mongod"}
GROUPS: Final = 24
MEMBERS: Final = 6_000
"""So many that nobody's messages are a flood: each writes about once in two minutes."""
BUSY: Final = 50
"""Events a second of the busy ten minutes that `_sustained` brings in as fast as it can."""


class _Receiver:
    """Notes when each message's deletion was asked for."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def start(self) -> str:
        application = web.Application()
        application.router.add_post("/", self._take)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        now = time.perf_counter()
        self.arrived.setdefault(msgspec.json.decode(await request.read())["message"], now)
        return web.Response(status=204)


async def measure(settings: Settings) -> dict[str, float]:
    """Run all four services as processes, and measure what a platform would."""
    receiver = _Receiver()
    hook = await receiver.start()
    try:
        async with services(settings) as running, aiohttp.ClientSession() as session:
            urls, watched = running
            key = await key_of(settings)
            headers = {"authorization": f"Bearer {key}"}
            await _endpoint(session, urls["notify"], headers, hook)
            sent = await _open_loop(session, urls["ingest"], headers, receiver)
            ages = sorted(receiver.arrived[m] - at for m, at in sent.items())
            before = await _stored(settings)
            sustained = await _sustained(urls, headers, watched)
            sustained |= _grown(before, await _stored(settings))
        floor = await _floor(settings, hook, receiver)
    finally:
        await receiver.stop()
    quantiles = statistics.quantiles(ages, n=100)
    return {
        "p50_ms": quantiles[49] * 1000,
        "p99_ms": quantiles[98] * 1000,
        "floor_p50_ms": statistics.median(floor) * 1000,
        **sustained,
    }


@asynccontextmanager
async def services(
    settings: Settings,
) -> AsyncIterator[tuple[dict[str, str], dict[str, psutil.Process]]]:
    """Yield the services' URLs, and every process that works for them, by name."""
    env = {
        "STEWARD_NAMESPACE": settings.namespace,
        "STEWARD_DATABASE": settings.database,
        "STEWARD_PARTITIONS": str(settings.partitions),
        "STEWARD_NOTIFY_ALLOW_CIDRS": "127.0.0.0/8",
        "STEWARD_LOG_LEVEL": "WARNING",
    }
    addresses = Addresses(settings.kafka, settings.mongo.get_secret_value())
    with tempfile.TemporaryDirectory() as folder:
        planned = replicas.plan(Path(folder), addresses, 1, env, {})
        for replica in planned:
            replica.child.start()
        try:
            await asyncio.to_thread(replicas.wait_ready, planned, READY_SECONDS)
            own = {one.service.name: psutil.Process(one.child.pid) for one in planned}
            servers = {SERVERS[one.name()]: one for one in servers_of(settings)}
            yield {one.service.name: one.service.url for one in planned}, own | servers
        finally:
            await asyncio.to_thread(replicas.stop, planned, 15)


async def key_of(settings: Settings) -> str:
    async with connect(settings) as client:
        key, _ = await ApiKeys(client[settings.database]).create(TENANT, "bench")
    return key


async def _endpoint(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], hook: str
) -> None:
    wanted = {"url": hook, "kinds": ["message.delete"]}
    async with session.post(f"{url}/v1/endpoints", json=wanted, headers=headers) as answer:
        answer.raise_for_status()
    await asyncio.sleep(3)


async def _open_loop(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], receiver: _Receiver
) -> dict[str, float]:
    """Post at the rate whatever comes of it; return when each lure was sent."""
    sent: dict[str, float] = {}
    posts: set[asyncio.Task[None]] = set()
    started = time.perf_counter()

    async def post(event: dict[str, Any]) -> None:
        async with session.post(f"{url}/v1/events", json=event, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    for number, event in enumerate(_events("steady", RATE * SECONDS, RATE)):
        await asyncio.sleep(started + number / RATE - time.perf_counter())
        if event["data"]["message"].startswith("lure"):
            sent[event["data"]["message"]] = time.perf_counter()
        posts.add(task := asyncio.create_task(post(event)))
        task.add_done_callback(posts.discard)
    await asyncio.gather(*posts)
    async with asyncio.timeout(60):
        while not sent.keys() <= receiver.arrived.keys():
            await asyncio.sleep(0.05)
    return sent


async def _sustained(
    urls: dict[str, str], headers: dict[str, str], watched: dict[str, psutil.Process]
) -> dict[str, float]:
    """Post batches as fast as they are taken, until scoring has counted every message.

    Making the events may take longer than a service keeps a connection open.
    """
    batches = _batched(list(_events("fast", SUSTAINED, BUSY)))
    async with aiohttp.ClientSession() as session:
        return await _post_all(session, batches, urls, headers, watched)


async def _post_all(
    session: aiohttp.ClientSession,
    batches: Iterator[list[dict[str, Any]]],
    urls: dict[str, str],
    headers: dict[str, str],
    watched: dict[str, psutil.Process],
) -> dict[str, float]:
    before = await _counted(session, urls["scoring"], headers)
    started, cpu = time.perf_counter(), _cpu_by_name(watched)

    async def post() -> None:
        for batch in batches:
            async with session.post(
                f"{urls['ingest']}/v1/events:batch", json=batch, headers=headers
            ) as answer:
                assert answer.status == 202, await answer.text()

    await asyncio.gather(post(), post())
    wanted = before + SUSTAINED
    async with asyncio.timeout(120):
        while await _counted(session, urls["scoring"], headers) < wanted:
            await asyncio.sleep(0.1)
    seconds = time.perf_counter() - started
    spent = {name: after - cpu[name] for name, after in _cpu_by_name(watched).items()}
    return {
        "sustained_events_per_s": SUSTAINED / seconds,
        "cpu_ms_per_1000_events": sum(spent.values()) / SUSTAINED * 1e6,
        **{
            f"{name}_cpu_ms_per_1000_events": each / SUSTAINED * 1e6 for name, each in spent.items()
        },
    }


def _cpu_by_name(watched: dict[str, psutil.Process]) -> dict[str, float]:
    return {name: cpu_of([process]) for name, process in watched.items()}


async def _stored(settings: Settings) -> dict[str, float]:
    async with connect(settings) as client:
        return await stored(settings, client, servers_of(settings))


def _grown(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return the bytes that a thousand events have left, by place."""
    thousands = SUSTAINED / 1000
    return {
        f"{place}_bytes_per_1000_events": (after[place] - before[place]) / thousands
        for place in after
    }


async def _counted(session: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> int:
    """Return how many messages scoring has counted, those that were spam included."""
    asked = {"limit": "200"}
    async with session.get(f"{url}/v1/groups", params=asked, headers=headers) as answer:
        groups = (await answer.json())["items"]
    return sum(group["messages"] + group["spam"] for group in groups)


async def _floor(settings: Settings, hook: str, receiver: _Receiver) -> list[float]:
    """Return the times of two bare Kafka hops and a POST, without Steward, for comparison."""
    first, second = (f"{settings.namespace}{name}" for name in ("flags", "actions"))
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    consumers = [
        AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka, auto_offset_reset="latest")
        for topic in (first, second)
    ]
    for client in (producer, *consumers):
        await client.start()
    sent: dict[str, float] = {}
    async with aiohttp.ClientSession() as session:

        async def forward() -> None:
            async for record in consumers[0]:
                await producer.send(second, record.value)

        async def deliver() -> None:
            async for record in consumers[1]:
                await session.post(hook, data=record.value)

        hops = [asyncio.create_task(forward()), asyncio.create_task(deliver())]
        await asyncio.sleep(1)
        for number in range(FLOOR):
            name = f"floor-{number}"
            sent[name] = time.perf_counter()
            await producer.send(first, msgspec.json.encode({"message": name}))
            await asyncio.sleep(LURES / RATE)
        async with asyncio.timeout(30):
            while not sent.keys() <= receiver.arrived.keys():
                await asyncio.sleep(0.05)
        await cancel(*hops)
    for client in (producer, *consumers):
        await client.stop()
    return [receiver.arrived[name] - at for name, at in sent.items()]


def _events(run: str, count: int, rate: int) -> Iterator[dict[str, Any]]:
    """Return messages of the past, so many a second until about now."""
    chance = random.Random(run)
    start = time.time() - count / rate
    for number in range(count):
        wicked = number % LURES == LURES - 1
        name = f"{'lure' if wicked else 'talk'}-{run}-{number}"
        yield {
            "specversion": "1.0",
            "id": name,
            "source": "bench",
            "type": "message.posted",
            "time": datetime.fromtimestamp(start + number / rate, UTC).isoformat(),
            "data": {
                "group": f"g{number % GROUPS}",
                "member": f"m-{run}-{number if wicked else number % MEMBERS}",
                "message": name,
                "text": lure(chance, name) if wicked else talk(chance),
            },
        }


def _batched(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(events), BATCH):
        yield events[first : first + BATCH]
