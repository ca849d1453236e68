"""What the stream runtime costs: a stage's events a second beside bare consumption."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Final, cast

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from msgspec.structs import replace

from bench.peers import contenders
from bench.peers.work import decayed, judge
from bench.size import sized
from bench.stages import TALLIES, counting_stage, judging_stage, no_op_stage
from services.rules.stage import rules_stage
from services.scoring.stage import scoring_stage
from shared.events import (
    BaseEvent,
    Event,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    Millis,
    TenantId,
    encode,
)
from shared.kafka import client_options
from shared.mongo import Client, Database, connect
from shared.settings import Settings
from shared.stream import Runtime, Stage
from shared.topics import Topic
from steward.demo.story import sample_day
from steward.migrate import migrate

EVENTS: Final = sized(100_000)
PEER_EVENTS: Final = sized(24_000)
"""The peers take up to a hundred times as long for an event."""
DAYS: Final = sized(3)
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
    """Return events a second and CPU µs an event: bare consumption, small and real stages, peers.

    Bare consumption, small stages and peers fold the same plain messages, the
    real stages the sample day, several times over. CPU is that of the process
    that folds, alone.
    """
    await fill(settings, map(message, range(EVENTS)))
    figures = await _bare(settings)
    small = {"no_op": no_op_stage(), "judging": judging_stage(), "counting": counting_stage()}
    figures |= await drained(settings, small, EVENTS)
    figures |= await _peers(settings)
    days = settings.model_copy(
        update={"namespace": f"{settings.namespace}days.", "database": f"{settings.database}-days"}
    )
    await migrate(days)
    events = list(sample_days(DAYS))
    await fill(days, events)
    return figures | await drained(
        days, {"rules": rules_stage(), "scoring": scoring_stage()}, len(events)
    )


async def _bare(settings: Settings) -> dict[str, float]:
    """Time a bare consumer that does each of the peers' works; it keeps scores in memory."""
    scores: dict[str, tuple[float, int]] = {}

    def count(event: MessagePosted) -> None:
        member = f"{event.key}/{event.member}"
        score, last = scores.get(member, (0.0, 0))
        scores[member] = (decayed(score, last, event.time), event.time)

    works: dict[str, Callable[[MessagePosted], object]] = {
        "decode": lambda _: None,
        "judging": lambda event: judge(event.text),
        "counting": count,
    }
    figures: dict[str, float] = {}
    for name, work in works.items():
        figures |= await timed(f"raw_{name}", EVENTS, partial(consume_bare, settings, work))
    return figures


async def _peers(settings: Settings) -> dict[str, float]:
    """Time the peers; nothing where their environment has not been made."""
    try:
        return await contenders.measure(settings, PEER_EVENTS)
    except contenders.PeersMissingError as missing:
        print(f"bench: without FastStream and Quix Streams: {missing}", file=sys.stderr)
        return {}


async def drained(settings: Settings, stages: dict[str, Stage], count: int) -> dict[str, float]:
    """Time the stages one after the other over everything on the events topic."""
    figures: dict[str, float] = {}
    async with connect(settings) as client:
        await client[settings.database].create_collection(TALLIES.name)
        for name, stage in stages.items():
            figures |= await timed(name, count, partial(drain, settings, stage, client, count))
    return figures


def sample_days(days: int) -> Iterator[BaseEvent]:
    """Yield the sample day's events, day after day under ids of their own."""
    for day in range(days):
        end = Millis(START + day * 86_400_000)
        for event in sample_day(end, TenantId("bench")).events:
            yield replace(event, id=f"{day}-{event.id}")


async def fill(settings: Settings, events: Iterable[BaseEvent]) -> None:
    """Append events to their topic."""
    producer = AIOKafkaProducer(
        **client_options(settings), enable_idempotence=True, linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    topic = settings.topic(Topic.EVENTS)
    for event in events:
        await producer.send(topic, encode(event), key=event.key.encode())
    await producer.flush()
    await producer.stop()


async def timed(name: str, count: int, work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """Return events a second and CPU µs an event of folding `count` events once."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await work()
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {f"{name}_events_per_s": count / seconds, f"{name}_cpu_us": cpu / count * 1e6}


async def consume_bare(settings: Settings, work: Callable[[MessagePosted], object]) -> None:
    """Fetch and decode every event with a bare consumer, and do the work."""
    decode = cast("Callable[[bytes], MessagePosted]", msgspec.json.Decoder(Event).decode)
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    topic = settings.topic(Topic.EVENTS)
    consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
    seen = 0
    while seen < EVENTS:
        for records in (await consumer.getmany(timeout_ms=1_000)).values():
            for record in records:
                work(decode(record.value))
            seen += len(records)
    await consumer.stop()


async def drain(settings: Settings, stage: Stage, client: Client, count: int) -> None:
    """Run a stage until its checkpoints have passed every event."""
    runtime = Runtime(stage, settings, client)
    await runtime.start()
    while await progress(client[settings.database], stage) < count:
        await asyncio.sleep(0.05)
    await runtime.stop()


async def progress(database: Database, stage: Stage) -> int:
    """Return how many events the stage's checkpoints have passed."""
    checkpoints = database["checkpoints"].find({"_id": {"$regex": f"^{stage.name}/"}})
    return sum([raw.get("offsets", {}).get(Topic.EVENTS, 0) async for raw in checkpoints])
