"""What an event costs with one, two and four replicas of scoring, all of its stages."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil

from bench.notify import cpu_of
from bench.runtime import fill, message
from bench.size import QUICK, sized
from shared.mongo import Database, connect
from shared.settings import Settings
from shared.topics import Topic
from steward import replicas
from steward.migrate import migrate
from steward.stack.stack import Addresses

REPLICAS: Final = (1, 2) if QUICK else (1, 2, 4)
EVENTS: Final = sized(16_000)
SERVICE: Final = "scoring"
PATIENCE_SECONDS: Final = 300


async def measure(settings: Settings) -> dict[str, float]:
    """Return CPU µs an event of all replicas together, and events a second.

    On few cores more replicas are no quicker: what counts is that an event does
    not cost more because there are more of them.
    """
    figures: dict[str, float] = {}
    for count in REPLICAS:
        unique = f"{settings.namespace}x{count}."
        own = settings.model_copy(
            update={"namespace": unique, "database": f"{settings.database}-x{count}"}
        )
        await migrate(own)
        figures |= await _with(own, count)
    few, many = (figures[f"replicas_{count}_cpu_us"] for count in (REPLICAS[0], REPLICAS[-1]))
    return {**figures, f"cpu_{REPLICAS[-1]}_vs_{REPLICAS[0]}_replicas": many / few}


async def _with(settings: Settings, count: int) -> dict[str, float]:
    addresses = Addresses(settings.kafka, settings.mongo.get_secret_value())
    env = {
        "STEWARD_NAMESPACE": settings.namespace,
        "STEWARD_DATABASE": settings.database,
        "STEWARD_LOG_LEVEL": "WARNING",
    }
    with tempfile.TemporaryDirectory() as folder:
        planned = replicas.plan(Path(folder), addresses, count, env, {})
        own = [one for one in planned if one.service.name == SERVICE]
        for replica in own:
            replica.child.start()
        try:
            await asyncio.to_thread(replicas.wait_ready, own, PATIENCE_SECONDS)
            running = [psutil.Process(one.child.pid) for one in own]
            cpu, started = cpu_of(running), time.perf_counter()
            await fill(settings, map(message, range(EVENTS)))
            await _folded(settings)
            seconds, cpu = time.perf_counter() - started, cpu_of(running) - cpu
        finally:
            await asyncio.to_thread(replicas.stop, own, 15)
    return {
        f"replicas_{count}_cpu_us": cpu / EVENTS * 1e6,
        f"replicas_{count}_events_per_s": EVENTS / seconds,
    }


async def _folded(settings: Settings) -> None:
    """Wait until every stage that reads events has passed all of them."""
    async with connect(settings) as client, asyncio.timeout(PATIENCE_SECONDS):
        while not await _passed(client[settings.database]):
            await asyncio.sleep(0.1)


async def _passed(database: Database) -> bool:
    """Whether all stages that have claimed a partition, each of which reads events, are through."""
    stages: dict[str, int] = {}
    async for raw in database["checkpoints"].find():
        stage = raw["_id"].partition("/")[0]
        stages[stage] = stages.get(stage, 0) + raw.get("offsets", {}).get(Topic.EVENTS, 0)
    return bool(stages) and all(offset >= EVENTS for offset in stages.values())
