"""What the stream runtime costs: a stage's events a second beside bare consumption."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.stages import TALLIES, counting_stage, no_op_stage
from services.rules.stage import rules_stage
from services.scoring.stage import scoring_stage
from shared.events import (
    Event,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
    Topic,
    encode,
)
from shared.kafka import client_options
from shared.mongo import Client, Database, connect
from shared.settings import Settings
from shared.stream import Runtime, Stage

EVENTS: Final = 100_000
START: Final = 1_790_000_000_000


def message(number: int) -> MessagePosted:
    """Return a message; nearly every one is of another member."""
    return MessagePosted(
        id=f"e{number}",
        source="bench",
        tenant=TenantId("bench"),
        group=GroupId(f"g{number % 300}"),
        member=MemberId(f"m{number * 7919 % 90_001}"),
        time=Millis(START + number * 50),
        message=MessageId(f"x{number}"),
        text="大家早上好,今天的打卡在晚上八点截止,别忘了。",
    )


async def measure(settings: Settings) -> dict[str, float]:
    """Return events a second and CPU µs an event: bare consumption, small and real stages.

    All fold the same events, one after the other; CPU is this process's alone.
    """
    await fill(settings)
    stages = {
        "no_op": no_op_stage(),
        "counting": counting_stage(),
        "rules": rules_stage(),
        "scoring": scoring_stage(),
    }
    figures = await timed("raw_decode", lambda: consume_bare(settings))
    async with connect(settings) as client:
        await client[settings.database].create_collection(TALLIES.name)
        for name, stage in stages.items():
            figures |= await timed(name, partial(drain, settings, stage, client))
    return figures


async def fill(settings: Settings) -> None:
    """Append the events to their topic."""
    producer = AIOKafkaProducer(
        **client_options(settings), enable_idempotence=True, linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    topic = settings.topic(Topic.EVENTS)
    for number in range(EVENTS):
        event = message(number)
        await producer.send(topic, encode(event), key=event.key.encode())
    await producer.flush()
    await producer.stop()


async def timed(name: str, work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """Return events a second and CPU µs an event of folding all events once."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await work()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {f"{name}_events_per_s": EVENTS / seconds, f"{name}_cpu_us": cpu / EVENTS * 1e6}


async def consume_bare(settings: Settings) -> None:
    """Fetch and decode every event with a bare consumer."""
    decode = msgspec.json.Decoder(Event).decode
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    topic = settings.topic(Topic.EVENTS)
    consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
    seen = 0
    while seen < EVENTS:
        for records in (await consumer.getmany(timeout_ms=1_000)).values():
            for record in records:
                decode(record.value)
            seen += len(records)
    await consumer.stop()


async def drain(settings: Settings, stage: Stage, client: Client) -> None:
    """Run a stage until its checkpoints have passed every event."""
    runtime = Runtime(stage, settings, client)
    await runtime.start()
    while await progress(client[settings.database], stage) < EVENTS:
        await asyncio.sleep(0.05)
    await runtime.stop()


async def progress(database: Database, stage: Stage) -> int:
    """Return how many events the stage's checkpoints have passed."""
    checkpoints = database["checkpoints"].find({"_id": {"$regex": f"^{stage.name}/"}})
    return sum([raw.get("offsets", {}).get(Topic.EVENTS, 0) async for raw in checkpoints])
