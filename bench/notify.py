"""Notify: deliveries a second, CPU of each, and time to receipt, beside a bare HTTP loop."""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import psutil
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from bench.receiver import SLOW_PATH, receiver
from bench.size import sized
from services.notify import payload
from services.notify.endpoints import Endpoint
from services.notify.store import EndpointStore
from shared.actions import Action, ActionKind
from shared.events import EndpointId, GroupId, Millis, TenantId, derive_id, encode
from shared.mongo import connect
from shared.settings import Settings
from shared.signing import new_secret, signed_headers
from shared.topics import Topic

BARE: Final = sized(5_000)
BURST: Final = sized(10_000)
RATE: Final = 300
STEADY: Final = sized(3_000)
ENDPOINTS: Final = 24
WARM_UP: Final = 200
AT_ONCE: Final = 100
SETTLE_SECONDS: Final = sized(5)
"""How long after the burst the steady rate begins: what the burst left to write is written."""
SLOW, QUICK = "slow", "quick"
"""Groups with an endpoint of their own: one that takes long, and a healthy one."""
SLOW_EVENTS: Final = sized(1_000)
QUICK_RATE: Final = 20
QUICK_EVENTS: Final = sized(300)
TENANT: Final = TenantId("bench")


async def measure(settings: Settings) -> dict[str, float]:
    """Run notify as a process of its own on a migrated installation, and measure it.

    CPU is that of notify, Kafka and mongod together, where they run on this
    machine. Times are from publishing the action to the receiver's having it.
    For fairness 1,000 actions go to an endpoint that takes four seconds for
    each, while a healthy one gets 20 a second: its times count.
    """
    with receiver() as (url, received):
        bare_rate, bare_cpu = await _bare(url)
        received.taken()
        await _create_endpoints(settings, url)
        async with _notify(settings) as process, _producer(settings) as producer:
            await _publish(settings, producer, 0, WARM_UP)
            await received.wait(WARM_UP)
            watched = [process, *servers_of(settings)]
            own, every = cpu_of([process]), cpu_of(watched)
            started = time.perf_counter()
            await _publish(settings, producer, WARM_UP, BURST)
            await received.wait(BURST)
            elapsed = time.perf_counter() - started
            own, every = cpu_of([process]) - own, cpu_of(watched) - every
            await asyncio.sleep(SETTLE_SECONDS)
            first = WARM_UP + BURST
            await _publish(settings, producer, first, STEADY, rate=RATE)
            steady = statistics.quantiles(await received.wait(STEADY), n=100)
            first += STEADY
            await _publish(settings, producer, first, SLOW_EVENTS, group=SLOW)
            first += SLOW_EVENTS
            await _publish(settings, producer, first, QUICK_EVENTS, rate=QUICK_RATE, group=QUICK)
            beside = statistics.quantiles(await received.wait(QUICK_EVENTS), n=100)
    return {
        "bare_requests_per_s": bare_rate,
        "bare_cpu_ms_per_request": bare_cpu,
        "deliveries_per_s": BURST / elapsed,
        "notify_cpu_ms_per_delivery": own / BURST * 1000,
        "cpu_ms_per_delivery": every / BURST * 1000,
        "p50_ms_at_300": steady[49] * 1000,
        "p99_ms_at_300": steady[98] * 1000,
        "fairness_p99_ms": beside[98] * 1000,
    }


async def _bare(url: str) -> tuple[float, float]:
    """Return requests a second and CPU ms of each, for signed requests without Steward."""
    secret, numbers = new_secret(), iter(range(BARE))

    async def send(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = payload.body(_action(number))
            headers = signed_headers([secret], str(number), int(time.time()), body)
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()

    process = psutil.Process()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        cpu, started = cpu_of([process]), time.perf_counter()
        await asyncio.gather(*(send(session) for _ in range(AT_ONCE)))
        return BARE / (time.perf_counter() - started), (cpu_of([process]) - cpu) / BARE * 1000


async def _create_endpoints(settings: Settings, url: str) -> None:
    """Make endpoints of one group each, so that every action goes to exactly one."""
    async with connect(settings) as client:
        store = EndpointStore(client[settings.database])
        paths = {f"g{number}": "" for number in range(ENDPOINTS)} | {SLOW: SLOW_PATH, QUICK: ""}
        for group, path in paths.items():
            await store.create(
                Endpoint(
                    id=EndpointId(f"ep_bench_{group}"),
                    tenant=TENANT,
                    url=url + path,
                    secrets=[new_secret()],
                    kinds=["*"],
                    groups=[group],
                    labels=[],
                    timeout_seconds=10,
                    description="",
                    enabled=True,
                    enabled_at=Millis(0),
                    created_at=Millis(0),
                )
            )


@asynccontextmanager
async def _notify(settings: Settings) -> AsyncIterator[psutil.Process]:
    given = {
        f"STEWARD_{name.upper()}": str(value.get_secret_value())
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in settings
        if value is not None
    }
    given |= {
        "STEWARD_NOTIFY_ALLOW_CIDRS": "127.0.0.0/8",
        "STEWARD_LOG_LEVEL": "WARNING",
        "STEWARD_INSTANCE": "bench",
        "STEWARD_PORT": str(_free_port()),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notify", env=os.environ | given
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", linger_ms=2)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def _publish(
    settings: Settings,
    producer: AIOKafkaProducer,
    first: int,
    count: int,
    rate: int = 0,
    group: str = "",
) -> None:
    """Publish actions: all at once, or at so many a second whatever comes of them."""
    started = time.perf_counter()
    for number in range(first, first + count):
        if rate:
            await asyncio.sleep(started + (number - first) / rate - time.perf_counter())
        action = _action(number, group)
        topic = settings.topic(Topic.ACTIONS)
        await producer.send(topic, encode(action), key=action.key.encode())
    await producer.flush()


def _action(number: int, group: str = "") -> Action:
    now = time.time()
    return Action(
        id=derive_id("bench", str(number)),
        kind=ActionKind.MESSAGE_DELETE,
        tenant=TENANT,
        group=GroupId(group or f"g{number % ENDPOINTS}"),
        time=Millis(int(now * 1000)),
        cause="bench",
        text="x" * 750,
        details={"sent": now},
    )


def servers_of(settings: Settings) -> list[psutil.Process]:
    """Return the processes of this machine that listen where Kafka and MongoDB are."""
    hosts = settings.mongo.get_secret_value().partition("://")[2].partition("/")[0]
    ports = {int(place.rpartition(":")[2]) for place in (settings.kafka, hosts) if ":" in place}
    found = {
        each.pid
        for each in psutil.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port in ports
    }
    return [psutil.Process(pid) for pid in found if pid is not None]


def cpu_of(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
