"""Notify: deliveries a second, CPU of each, and time to receipt, beside a bare HTTP loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from typing import Final, cast

import aiohttp
import httptools
import msgspec
import psutil
import uvloop
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from services.notify import payload
from services.notify.endpoints import Endpoint
from services.notify.store import EndpointStore
from shared.events import (
    Action,
    ActionKind,
    EndpointId,
    GroupId,
    Millis,
    TenantId,
    Topic,
    derive_id,
    encode,
)
from shared.mongo import connect
from shared.settings import Settings
from shared.signing import new_secret, signed_headers

BARE: Final = 5_000
BURST: Final = 10_000
RATE: Final = 300
STEADY: Final = 3_000
ENDPOINTS: Final = 24
WARM_UP: Final = 200
AT_ONCE: Final = 100
TENANT: Final = TenantId("bench")
_NO_CONTENT: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


async def measure(settings: Settings) -> dict[str, float]:
    """Run notify as a process of its own on a migrated installation, and measure it.

    CPU is that of notify, Kafka and mongod together, where they run on this
    machine. Times are from publishing the action to the receiver's having it.
    """
    with _receiver() as (url, receiver):
        bare_rate, bare_cpu = await _bare(url)
        receiver.taken()
        await _create_endpoints(settings, url)
        async with _notify(settings) as process, _producer(settings) as producer:
            await _publish(settings, producer, 0, WARM_UP)
            await receiver.wait(WARM_UP)
            watched = [process, *servers_of(settings)]
            own, every = cpu_of([process]), cpu_of(watched)
            started = time.perf_counter()
            await _publish(settings, producer, WARM_UP, BURST)
            await receiver.wait(BURST)
            elapsed = time.perf_counter() - started
            own, every = cpu_of([process]) - own, cpu_of(watched) - every
            await _publish(settings, producer, WARM_UP + BURST, STEADY, rate=RATE)
            latencies = await receiver.wait(STEADY)
    quantiles = statistics.quantiles(latencies, n=100)
    return {
        "bare_requests_per_second": bare_rate,
        "bare_cpu_ms_per_request": bare_cpu,
        "deliveries_per_second": BURST / elapsed,
        "notify_cpu_ms_per_delivery": own / BURST * 1000,
        "all_cpu_ms_per_delivery": every / BURST * 1000,
        "receipt_p50_ms_at_300_per_second": quantiles[49] * 1000,
        "receipt_p99_ms_at_300_per_second": quantiles[98] * 1000,
    }


class _Requests(asyncio.Protocol):
    """An instant receiver: answers 204 and notes how old each action was."""

    def __init__(self, ages: dict[str, float]) -> None:
        self._ages = ages
        self._parser = httptools.HttpRequestParser(self)
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one by name

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._transport.write(_NO_CONTENT)
        said = msgspec.json.decode(bytes(self._body))
        self._body.clear()
        self._ages.setdefault(said["id"], time.time() - said["details"]["sent"])


def _receive(listening: socket.socket, pipe: Connection) -> None:
    """Serve in a process of its own; on any message, tell and forget the ages so far."""
    ages: dict[str, float] = {}

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: _Requests(ages), sock=listening)
        while await asyncio.to_thread(pipe.recv):
            pipe.send(list(ages.values()))
            ages.clear()

    uvloop.run(serve())


class _Receiver:
    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def taken(self) -> list[float]:
        """Return the ages of what came since the last call."""
        self._pipe.send(True)
        ages: list[float] = self._pipe.recv()
        return ages

    async def wait(self, count: int) -> list[float]:
        """Return the ages of so many actions once they have come."""
        ages: list[float] = []
        async with asyncio.timeout(120):
            while len(ages) < count:
                await asyncio.sleep(0.02)
                ages += self.taken()
        return ages


@contextmanager
def _receiver() -> Iterator[tuple[str, _Receiver]]:
    ours, theirs = multiprocessing.Pipe()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("fork").Process(
            target=_receive, args=(listening, theirs), daemon=True
        )
        process.start()
        port = listening.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", _Receiver(ours)
    finally:
        process.kill()
        process.join()


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
        for number in range(ENDPOINTS):
            await store.create(
                Endpoint(
                    id=EndpointId(f"ep_bench_{number}"),
                    tenant=TENANT,
                    url=url,
                    secrets=[new_secret()],
                    kinds=["*"],
                    groups=[f"g{number}"],
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
    settings: Settings, producer: AIOKafkaProducer, first: int, count: int, rate: int = 0
) -> None:
    """Publish actions: all at once, or at so many a second whatever comes of them."""
    started = time.perf_counter()
    for number in range(first, first + count):
        if rate:
            await asyncio.sleep(started + (number - first) / rate - time.perf_counter())
        action = _action(number)
        topic = settings.topic(Topic.ACTIONS)
        await producer.send(topic, encode(action), key=action.key.encode())
    await producer.flush()


def _action(number: int) -> Action:
    now = time.time()
    return Action(
        id=derive_id("bench", str(number)),
        kind=ActionKind.MESSAGE_DELETE,
        tenant=TENANT,
        group=GroupId(f"g{number % ENDPOINTS}"),
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
        if each.status == psutil.CONN_LISTEN and each.laddr.port in ports
    }
    return [psutil.Process(pid) for pid in found if pid is not None]


def cpu_of(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
