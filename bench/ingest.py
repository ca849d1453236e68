"""What taking in an event costs, beside what it could cost at the least.

The servers run as child processes, so that the CPU time is theirs alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final, NamedTuple

import aiohttp
import psutil
from aiokafka import AIOKafkaProducer

from bench import fairness
from bench.posting import post_all
from bench.size import sized
from services.ingest.appender import LINGER_SECONDS
from services.ingest.producer import BATCH_BYTES
from shared.events import TenantId
from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from shared.web.keys import ApiKeys, Limits
from steward.stack.ports import free_ports

SINGLES: Final = sized(12_000)
BATCHES: Final = sized(60)
BATCH: Final = 500
IN_FLIGHT: Final = 64
BATCHES_IN_FLIGHT: Final = 4
READY_SECONDS: Final = 300

PLAIN: Final = """
import sys, uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
class Data(BaseModel):
    group: str
    member: str
    message: str
    text: str = ""
class Event(BaseModel):
    specversion: str
    id: str
    source: str
    type: str
    time: str
    data: Data
app = FastAPI()
@app.post("/v1/events", status_code=202)
async def take(event: Event) -> dict[str, str]:
    return {"id": event.id}
uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="error")
"""


class Server(NamedTuple):
    """A server that runs as a child, and how to reach it."""

    port: int
    key: str
    session: aiohttp.ClientSession
    process: psutil.Process


def event(number: int) -> dict[str, Any]:
    """Return one message as a platform would send it; groups take turns."""
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "bench",
        "type": "message.posted",
        "time": "2026-03-01T09:00:00Z",
        "data": {
            "group": f"g{number % 50}",
            "member": f"m{number % 997}",
            "message": f"e{number}",
            "text": "大家早上好,今天的打卡在晚上八点截止,别忘了。",
        },
    }


async def measure(settings: Settings) -> dict[str, float]:
    """Return CPU microseconds an event and events a second, for ingest and for the least.

    The topics and the database of `settings` must be migrated.
    """
    async with connect(settings) as client:
        keys = ApiKeys(client[settings.database])
        key, _ = await keys.create(TenantId("bench"))
        limits = Limits(requests_per_second=fairness.QUOTA)
        flood_key, _ = await keys.create(TenantId("flood"), limits=limits)
    figures: dict[str, float] = {}
    environment = _environment(settings)
    async with _server(["-m", "services.ingest"], environment, key) as server:
        figures |= await _singles("ingest_post", server)
        figures |= await _batches("ingest_batch_event", server)
        body = json.dumps(event(0)).encode()
        figures |= await fairness.measure(server.session, key, flood_key, body)
    async with _server(["-c", PLAIN], environment, key) as server:
        figures |= await _singles("pydantic_noop_post", server)
    figures |= await _bare_producer(settings)
    return figures | _ratios(figures)


def _ratios(figures: dict[str, float]) -> dict[str, float]:
    return {
        "single_vs_fastapi": figures["ingest_posts_per_second"]
        / figures["pydantic_noop_posts_per_second"],
        "batch_vs_producer": figures["ingest_batch_events_per_second"]
        / figures["bare_produce_events_per_second"],
        "calm_p99_while_flooded_of_quiet": figures["calm_p99_ms_while_flooded"]
        / figures["calm_p99_ms"],
    }


async def _singles(name: str, server: Server) -> dict[str, float]:
    bodies = [json.dumps(event(number)).encode() for number in range(SINGLES)]
    return await _drive(name, server, "/v1/events", bodies, IN_FLIGHT, 1)


async def _batches(name: str, server: Server) -> dict[str, float]:
    bodies = [
        json.dumps([event(first + number) for number in range(BATCH)]).encode()
        for first in range(0, BATCHES * BATCH, BATCH)
    ]
    path = "/v1/events:batch"
    return await _drive(name, server, path, bodies, BATCHES_IN_FLIGHT, BATCH)


async def _drive(
    name: str,
    server: Server,
    path: str,
    bodies: list[bytes],
    in_flight: int,
    events: int,
) -> dict[str, float]:
    process = server.process
    await post_all(server.port, path, server.key, bodies[: len(bodies) // 10], in_flight)
    before, started = _cpu(process), perf_counter()
    await post_all(server.port, path, server.key, bodies, in_flight)
    seconds, cpu = perf_counter() - started, _cpu(process) - before
    count = len(bodies) * events
    return {f"{name}_cpu_us": cpu / count * 1e6, f"{name}s_per_second": count / seconds}


async def _bare_producer(settings: Settings) -> dict[str, float]:
    """Measure the same records written without any service around the producer."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=True,
        linger_ms=int(1000 * LINGER_SECONDS),
        max_batch_size=BATCH_BYTES,
    )
    await producer.start()
    topic, process = settings.topic(Topic.EVENTS), psutil.Process()
    values = [json.dumps(event(number), ensure_ascii=False).encode() for number in range(BATCH)]
    keys = [f"bench/g{number % 50}".encode() for number in range(BATCH)]
    before, started = _cpu(process), perf_counter()
    for _ in range(BATCHES):
        pending = [
            await producer.send(topic, value, key=key)
            for key, value in zip(keys, values, strict=True)
        ]
        await asyncio.gather(*pending)
    count = BATCHES * BATCH
    seconds, cpu = perf_counter() - started, _cpu(process) - before
    await producer.stop()
    return {
        "bare_produce_event_cpu_us": cpu / count * 1e6,
        "bare_produce_events_per_second": count / seconds,
    }


@asynccontextmanager
async def _server(
    arguments: list[str], environment: Callable[[int], dict[str, str]], key: str
) -> AsyncIterator[Server]:
    port = free_ports(1)[0]
    command = [sys.executable, *arguments, *([str(port)] if arguments[0] == "-c" else [])]
    child = await asyncio.create_subprocess_exec(
        *command, env=environment(port), stdout=asyncio.subprocess.DEVNULL
    )
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as session:
            await _ready(session)
            yield Server(port, key, session, psutil.Process(child.pid))
    finally:
        child.terminate()
        await child.wait()


async def _ready(session: aiohttp.ClientSession) -> None:
    until = perf_counter() + READY_SECONDS
    while perf_counter() < until:
        try:
            async with session.get("/readyz") as answer:
                if answer.status in (200, 404):
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def _environment(settings: Settings) -> Callable[[int], dict[str, str]]:
    given = {
        "STEWARD_KAFKA": settings.kafka,
        "STEWARD_MONGO": settings.mongo.get_secret_value(),
        "STEWARD_DATABASE": settings.database,
        "STEWARD_NAMESPACE": settings.namespace,
    }
    return lambda port: {**os.environ, **given, "STEWARD_PORT": str(port)}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
