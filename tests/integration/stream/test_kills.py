"""State and outputs are exact whatever is killed: workers, mongod, Kafka."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka.errors import KafkaError
from msgspec.structs import replace

from services.scoring.member import Member
from services.scoring.stage import MEMBERS
from services.scoring.told import Told
from shared.events import BaseEvent, MessagePosted, Millis, TenantId, encode
from shared.mongo import Database, connect
from shared.settings import Settings
from shared.stream.documents import stored
from shared.topics import Topic
from steward.demo.story import sample_day
from steward.migrate import migrate
from steward.stack import LocalStack
from tests.integration.conftest import settings_for
from tests.integration.stream.traffic import (
    START,
    counts,
    messages,
    producing,
    publish,
    read_all,
    total_is,
    until,
)
from tests.integration.stream.workers import GUEST, Workers, workers

COUNTING = ("tests.integration.stream.worker", "counting")
SCORING = ("tests.integration.stream.worker", "scoring")
EVENTS = 20_000


async def trickle(settings: Settings, events: Sequence[BaseEvent], seconds: float) -> None:
    """Publish events evenly over a time."""
    slices = 100
    async with producing(settings) as producer:
        for number in range(slices):
            for event in events[
                number * len(events) // slices : (number + 1) * len(events) // slices
            ]:
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
    with workers(settings, *COUNTING) as pool:
        pool.start("quiet")
        return await outcome(settings, len(events), pool)


async def outcome(settings: Settings, count: int, pool: Workers) -> tuple[Any, set[bytes]]:
    """Wait until everything is counted and return documents and distinct output values."""
    async with connect(settings) as client:
        database = client[settings.database]
        await until(lambda: total_is(database, count), seconds=120)
        pool.end_all()
        outputs = {record.value for record in await read_all(settings, Topic.ACTIONS)}
        return await counts(database), outputs


async def disturb(
    times: int, pause: tuple[float, float], strike: Callable[[int], Awaitable[None]]
) -> None:
    """Strike so often, with random pauses before."""
    dice = random.Random(5)
    for number in range(times):
        await asyncio.sleep(dice.uniform(*pause))
        await strike(number)


def striking(pool: Workers) -> Callable[[int], Awaitable[None]]:
    """Kill or end one of two workers and start it again; every third time a guest comes or goes."""
    dice = random.Random(7)

    async def strike(number: int) -> None:
        name = dice.choice("ab")
        how = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
        await asyncio.to_thread(pool.end, name, how)
        await asyncio.sleep(dice.uniform(0, 0.5))
        pool.start(name)
        if number % 3 == 0:
            await asyncio.to_thread(pool.toggle, GUEST)

    return strike


async def twin_of(settings: Settings) -> Settings:
    """Return settings of a second installation, for the run that nothing disturbs."""
    own = settings.namespace + "q."  # databases are used again, namespaces are not
    names = {"database": own.replace(".", ""), "namespace": own}
    twin = settings.model_copy(update=names)
    await migrate(twin)
    return twin


async def test_twenty_kills_of_workers_change_nothing(settings: Settings) -> None:
    events = messages(EVENTS)
    expected = await undisturbed(await twin_of(settings), events)
    with workers(settings, *COUNTING) as pool:
        pool.start("a")
        pool.start("b")
        feeding = asyncio.create_task(trickle(settings, events, seconds=28))
        await disturb(20, (0.5, 1.5), striking(pool))
        await feeding
        assert await outcome(settings, EVENTS, pool) == expected


async def test_kills_leave_members_and_groups_as_they_would_be(settings: Settings) -> None:
    day = sample_day(Millis(START), TenantId("t")).events[:8_000]
    twin = await twin_of(settings)
    await publish(twin, day)
    with workers(twin, *SCORING) as quiet:
        quiet.start("quiet")
        expected = await scores(twin, len(day))
        quiet.end_all()
    with workers(settings, *SCORING) as pool:
        pool.start("a")
        pool.start("b")
        feeding = asyncio.create_task(trickle(settings, day, seconds=12))
        await disturb(8, (0.5, 1.5), striking(pool))
        await feeding
        assert await scores(settings, len(day)) == expected


async def scores(settings: Settings, count: int) -> dict[str, list[Any]]:
    """Wait until all events are behind the checkpoints and return members and groups."""
    async with connect(settings) as client:
        database = client[settings.database]
        await until(lambda: passed(database, count), seconds=120)
        members = [_settled(raw) async for raw in database["members"].find().sort("_id")]
        groups = [raw async for raw in database["groups"].find().sort("_id")]
        return {"members": members, "groups": groups}


def _settled(raw: dict[str, Any]) -> Member:
    """Return a member without what timers did: that depends on what had come by then."""
    return replace(stored(MEMBERS, raw), due_at=None, told=Told())


async def passed(database: Database, count: int) -> bool | int:
    """Return whether the checkpoints have passed so many events, or how many they have."""
    checkpoints = database["checkpoints"].find()
    total = sum([raw.get("offsets", {}).get(Topic.EVENTS, 0) async for raw in checkpoints])
    return True if total == count else total


async def test_kills_of_mongod_and_kafka_change_nothing(own_stack: LocalStack) -> None:
    settings = settings_for(own_stack.addresses)
    await migrate(settings)
    events = messages(6_000)
    expected = await undisturbed(await twin_of(settings), events)
    await publish(settings, events[:3_000])
    kills = [
        (own_stack.kill_mongo, own_stack.start_mongo),
        (own_stack.kill_kafka, own_stack.start_kafka),
    ]

    async def strike(number: int) -> None:
        kill, start = kills[number % 2]
        await asyncio.to_thread(kill)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(start)

    with workers(settings, *COUNTING) as pool:
        pool.start("a")
        feeding = asyncio.create_task(patient_trickle(settings, events[3_000:]))
        await disturb(4, (0.5, 2.0), strike)
        await feeding
        assert await outcome(settings, len(events), pool) == expected
