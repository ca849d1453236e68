"""Records for tests of the runtime, and what came out of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
    encode,
)
from shared.mongo import Database
from shared.settings import Settings
from shared.topics import Topic

START = 1_790_000_000_000


def messages(count: int, groups: int = 40) -> list[MessagePosted]:
    """Return messages of several groups, a second apart."""
    return [
        MessagePosted(
            id=f"e{number}",
            source="test",
            tenant=TenantId("t"),
            group=GroupId(f"g{number * 7919 % groups}"),
            member=MemberId(f"m{number % 97}"),
            time=Millis(START + number * 1000),
            message=MessageId(f"x{number}"),
            text=f"message {number}",
        )
        for number in range(count)
    ]


@asynccontextmanager
async def producing(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is closed at the end."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, enable_idempotence=True, linger_ms=5
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def publish(settings: Settings, events: Iterable[BaseEvent]) -> None:
    """Append events to the events topic; raises Kafka's error if one is not acknowledged."""
    async with producing(settings) as producer:
        topic = settings.topic(Topic.EVENTS)
        sent = [await producer.send(topic, encode(one), key=one.key.encode()) for one in events]
        await asyncio.gather(*sent)


async def read_all(settings: Settings, topic: Topic) -> list[Any]:
    """Return every record that is on a topic now."""
    name = settings.topic(topic)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(name, number) for number in range(settings.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        records: list[Any] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records.extend(batch)
        return records
    finally:
        await consumer.stop()


async def counts(database: Database) -> dict[str, dict[str, Any]]:
    """Return the counting stage's documents."""
    return {raw["_id"]: raw async for raw in database["test_counts"].find()}


async def until(condition: Callable[[], Any], seconds: float = 90) -> None:
    """Wait until an (async) condition holds; fail with what it was last."""
    last = None
    for _ in range(int(seconds * 10)):
        last = await condition()
        if last is True:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {last!r}")


async def total_is(database: Database, expected: int) -> bool | int:
    """Return whether so many messages are counted, or how many are."""
    total = sum(count["messages"] for count in (await counts(database)).values())
    return True if total == expected else total


def by_group(events: Sequence[MessagePosted]) -> Counter[str]:
    """Return how many of the events each group has."""
    return Counter(event.key for event in events)
