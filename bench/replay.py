"""Replays a big export that is killed half-way: `python -m bench.replay [MEGABYTES]`.

Not a part of `make bench`: it takes minutes. The export is made up, the
services are those that run everywhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import SecretStr

from bench.__main__ import servers
from shared.events import TenantId
from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from shared.web.keys import ApiKeys
from steward import replicas
from steward.migrate import migrate
from steward.stack import Addresses

MEGABYTES: Final = 200
START: Final = 1_600_000_000
GROUPS: Final = 40
STALLED_SECONDS: Final = 120
PHRASES: Final = (
    "今天的打卡在晚上八点截止,",
    "周末一起去爬山吗?",
    "I pushed the fix, please have a look. ",
    "谁有上周会议的记录,",
    "See you at the meetup on Thursday! ",
    "群文件里有最新的名单,",
    "Danke, das hat geholfen. ",
)


@dataclass
class Run:
    """What one run of the command was seen to do."""

    seconds: float = 0.0
    megabytes: list[int] = field(default_factory=list)
    """Resident memory of the command, once a second."""
    output: str = ""


def write_export(path: Path, size: int) -> int:
    """Write a Telegram account's export of `size` bytes or a little more; return its messages."""
    chance, number, written = random.Random(7), 0, 0
    share = size // GROUPS
    with path.open("w", encoding="utf-8") as file:
        file.write('{"chats":{"list":[')
        for group in range(1, GROUPS + 1):
            head = {"name": f"Group {group}", "type": "private_supergroup", "id": group}
            start = json.dumps(head)[:-1] + ',"messages":['
            file.write(("," if group > 1 else "") + start)
            first, written = True, 0
            while written < share:
                number += 1
                message = json.dumps(_message(number, chance), ensure_ascii=False)
                file.write(message if first else "," + message)
                written, first = written + len(message.encode()), False
            file.write("]}")
        file.write("]}}")
    return number


def _message(number: int, chance: random.Random) -> dict[str, Any]:
    member = min(int(chance.expovariate(1 / 60)), 2_000)
    text = "".join(chance.choices(PHRASES, k=chance.randint(4, 40)))
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(START + number * 60),
        "from": f"Member {member}",
        "from_id": f"user{member}",
        "text": f"{text}{number}",
    }


@asynccontextmanager
async def installation(
    addresses: Addresses, folder: Path
) -> AsyncIterator[tuple[Settings, dict[str, str], str]]:
    """Run the four services; give the settings, their URLs and a key."""
    unique = f"bench-{uuid4().hex[:8]}"
    settings = Settings(
        kafka=addresses.kafka,
        mongo=SecretStr(addresses.mongo),
        namespace=f"{unique}.",
        database=unique,
        partitions=4,
    )
    await migrate(settings)
    async with connect(settings) as client:
        key, _ = await ApiKeys(client[settings.database]).create(TenantId("history"))
    own = {"STEWARD_NAMESPACE": settings.namespace, "STEWARD_DATABASE": settings.database}
    running = replicas.plan(folder, addresses, 1, own, {})
    try:
        for replica in running:
            replica.child.start()
        await asyncio.to_thread(replicas.wait_ready, running)
        urls = {replica.service.name: replica.service.url for replica in running}
        yield settings, urls, key
    finally:
        await asyncio.to_thread(replicas.stop, running, 20)


async def replay(
    file: Path, urls: dict[str, str], key: str, data: Path, kill_after: int | None = None
) -> Run:
    """Run the command to its end, or until the bookmark tells of `kill_after` events."""
    where = ["--url", urls["ingest"], "--rules-url", urls["rules"]]
    command = ["-m", "steward", "replay", str(file), *where, "--scoring-url", urls["scoring"]]
    env = {**os.environ, "STEWARD_KEY": key, "STEWARD_DATA": str(data), "COLUMNS": "120"}
    log = data.with_suffix(".log")
    run, started = Run(), monotonic()
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=env, stdout=output, stderr=output
        )
        process = psutil.Process(child.pid)
        ended = asyncio.create_task(child.wait())
        while not ended.done():
            run.megabytes.append(process.memory_info().rss // 2**20)
            if kill_after is not None and _sent(data) >= kill_after:
                child.send_signal(signal.SIGKILL)
                kill_after = None
            await asyncio.wait({ended}, timeout=1)
    run.seconds, run.output = monotonic() - started, log.read_text(encoding="utf-8")
    return run


def _sent(data: Path) -> int:
    return sum(json.loads(path.read_bytes())["sent"] for path in data.glob("replay/*.json"))


async def told(settings: Settings) -> Iterator[str]:
    """Return the ids of all events in the log, in its order by partition."""
    topic, ids = settings.topic(Topic.EVENTS), []
    consumer = AIOKafkaConsumer(
        **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(settings.partitions)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                ids += [json.loads(record.value)["id"] for record in records]
    finally:
        await consumer.stop()
    return iter(ids)


async def counted(settings: Settings) -> int:
    """Return how many messages scoring has counted, over all members."""
    async with connect(settings) as client:
        sums: list[dict[str, Any]] = [{"$group": {"_id": None, "n": {"$sum": "$counts.messages"}}}]
        found = await client[settings.database]["members"].aggregate(sums)
        return sum([int(each["n"]) async for each in found])


async def settled(settings: Settings, messages: int) -> int:
    """Return how many messages scoring has counted once it has all, or counts no more of them."""
    found, since = await counted(settings), monotonic()
    while found < messages and monotonic() - since < STALLED_SECONDS:
        await asyncio.sleep(1)
        now = await counted(settings)
        if now != found:
            found, since = now, monotonic()
    return found


async def measure(megabytes: int) -> None:
    """Write an export, replay it, kill it half-way, go on, and print what was seen."""
    with tempfile.TemporaryDirectory() as name, servers() as addresses:
        folder = Path(name)
        file, data = folder / "result.json", folder / "var"
        messages = write_export(file, megabytes * 2**20)
        print(f"{file.stat().st_size / 2**20:.0f} MB, {messages:,} messages", flush=True)
        data.mkdir()
        async with installation(addresses, folder / "services") as (settings, urls, key):
            for title, kill in (("killed half-way", messages // 2), ("resumed", None)):
                run = await replay(file, urls, key, data, kill)
                print(f"{title}: {run.seconds:.0f} s; MB resident, each second: {run.megabytes}")
                print(run.output, flush=True)
            ids = list(await told(settings))
            print(f"in the log: {len(ids):,}, of them different: {len(set(ids)):,}", flush=True)
            found = await settled(settings, messages)
            print(f"counted by scoring: {found:,} of {messages:,}")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES))
