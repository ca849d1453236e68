"""State and outputs are exact whatever is killed: workers, mongod, Kafka."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import KafkaError

from shared.events import MessagePosted, Topic, encode
from shared.mongo import connect
from shared.settings import Settings
from steward.migrate import migrate
from steward.stack import LocalStack
from tests.integration.conftest import settings_for
from tests.integration.stream.traffic import (
    counts,
    messages,
    producing,
    publish,
    read_all,
    total_is,
    until,
)
from tests.integration.stream.workers import Workers, workers

MODULE = "tests.integration.stream.worker"
EVENTS = 20_000


async def trickle(settings: Settings, events: list[MessagePosted], seconds: float) -> None:
    """Publish events evenly over a time."""
    slices = 100
    async with producing(settings) as producer:
        for number in range(slices):
            for event in events[number::slices]:
                await producer.send(
                    settings.topic(Topic.EVENTS), encode(event), key=event.key.encode()
                )
            await asyncio.sleep(seconds / slices)
        await producer.flush()


async def patient_trickle(settings: Settings, events: list[MessagePosted]) -> None:
    """Publish events in slices like a client that repeats what was not acknowledged."""
    for start in range(0, len(events), 200):
        accepted = False
        while not accepted:
            try:
                await asyncio.wait_for(publish(settings, events[start : start + 200]), timeout=10)
                accepted = True
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(0.3)
        await asyncio.sleep(0.3)


async def undisturbed(settings: Settings, events: list[MessagePosted]) -> tuple[Any, set[bytes]]:
    """Return the documents and output values of one quiet worker."""
    await publish(settings, events)
    with workers(settings, MODULE) as pool:
        pool.start("quiet")
        return await outcome(settings, len(events), pool)


async def outcome(settings: Settings, count: int, pool: Workers) -> tuple[Any, set[bytes]]:
    """Wait until everything is counted and return documents and distinct output values."""
    async with connect(settings) as client:
        database = client[settings.database]
        await until(lambda: total_is(database, count), seconds=90)
        pool.end_all()
        outputs = {record.value for record in await read_all(settings, Topic.ACTIONS)}
        return await counts(database), outputs


async def disturb(
    times: int, pause: tuple[float, float], strike: Callable[[], Awaitable[None]]
) -> None:
    """Strike so often, with random pauses before."""
    dice = random.Random(5)
    for _ in range(times):
        await asyncio.sleep(dice.uniform(*pause))
        await strike()


async def test_twenty_kills_of_workers_change_nothing(settings: Settings) -> None:
    events = messages(EVENTS)
    twin = settings.model_copy(
        update={"database": settings.database + "q", "namespace": settings.namespace + "q."}
    )
    await migrate(twin)
    expected = await undisturbed(twin, events)
    dice = random.Random(7)
    with workers(settings, MODULE) as pool:
        pool.start("a")
        pool.start("b")
        feeding = asyncio.create_task(trickle(settings, events, seconds=28))

        async def strike() -> None:
            name = dice.choice("ab")
            how = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
            await asyncio.to_thread(pool.end, name, how)
            await asyncio.sleep(dice.uniform(0, 0.5))
            pool.start(name)

        await disturb(20, (0.5, 1.5), strike)
        await feeding
        assert await outcome(settings, EVENTS, pool) == expected


async def test_kills_of_mongod_and_kafka_change_nothing(own_stack: LocalStack) -> None:
    settings = settings_for(own_stack.addresses)
    twin = settings.model_copy(update={"database": "quiet", "namespace": "quiet."})
    await migrate(settings)
    await migrate(twin)
    events = messages(6_000)
    expected = await undisturbed(twin, events)
    await publish(settings, events[:3_000])
    kills = [
        (own_stack.kill_mongo, own_stack.start_mongo),
        (own_stack.kill_kafka, own_stack.start_kafka),
    ]
    with workers(settings, MODULE) as pool:
        pool.start("a")

        async def strike() -> None:
            kill, start = kills[0]
            kills.reverse()
            await asyncio.to_thread(kill)
            await asyncio.sleep(1.5)
            await asyncio.to_thread(start)

        feeding = asyncio.create_task(patient_trickle(settings, events[3_000:]))
        await disturb(4, (0.5, 2.0), strike)
        await feeding
        assert await outcome(settings, len(events), pool) == expected
