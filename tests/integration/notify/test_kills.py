"""Nothing is lost when notify is killed: attempts are repeated under the same id."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from services.notify.statistics.store import StatisticsStore
from services.notify.store import EndpointStore
from shared.events import Millis, encode
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from steward.stack.ports import free_ports
from tests.integration.notify.harness import TENANT, Received, action_of, receiving, until
from tests.integration.notify.test_sender import Known

ACTIONS = 300
KILLS = 2


def environment(settings: Settings, port: int) -> dict[str, str]:
    given = {
        f"STEWARD_{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in settings
        if value is not None
    }
    own = {
        "STEWARD_PORT": str(port),
        "STEWARD_INSTANCE": "killed",
        "STEWARD_NOTIFY_ALLOW_CIDRS": "127.0.0.0/8",
        "STEWARD_NOTIFY_SCHEDULE_SECONDS": "1,1,1,1,1,1",
        "STEWARD_NOTIFY_SLOTS": "40",
        "STEWARD_NOTIFY_BREAKER_FAILURES": "100000",
    }
    return {**os.environ, **given, **own}


async def run(settings: Settings, port: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notify", env=environment(settings, port)
    )


@asynccontextmanager
async def running(settings: Settings, port: int) -> AsyncIterator[None]:
    process = await run(settings, port)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def publish(settings: Settings) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    await producer.start()
    for number in range(ACTIONS):
        action = action_of(number)
        await producer.send(settings.topic(Topic.ACTIONS), encode(action), key=action.key.encode())
    await producer.stop()


@pytest.mark.timeout(300)
async def test_every_action_arrives_however_often_notify_is_killed(settings: Settings) -> None:
    [port] = free_ports(1)
    seen: Counter[str] = Counter()

    async def answer(came: Received) -> web.Response:
        seen[came.id] += 1
        await asyncio.sleep(0.3)
        return web.Response(status=500 if seen[came.id] == 1 else 204)

    async with receiving() as receiver, connect(settings) as client:
        receiver.answers["/"] = answer
        database = client[settings.database]
        known = await Known(receiver.url, timeout_seconds=5.0).find("ep_1")  # type: ignore[arg-type]
        assert known is not None
        await EndpointStore(database).create(known)
        await publish(settings)
        for kill in range(KILLS):
            process = await run(settings, port)
            try:
                await receiver.wait(len(receiver.received) + 60, seconds=90)
                await asyncio.sleep(0.2 + 0.35 * kill)
            finally:
                process.kill()
                await process.wait()
        statistics = StatisticsStore(database)
        async with running(settings, port):

            async def all_ended() -> bool:
                _, found = await statistics.of_tenant(TENANT, Millis(0))
                return {each["_id"]["state"]: each["deliveries"] for each in found} == {
                    "succeeded": ACTIONS
                }

            await until(all_ended, 120)
    assert len(seen) == ACTIONS
    assert min(seen.values()) >= 2
    assert max(seen.values()) <= 2 + KILLS
