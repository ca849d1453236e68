from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.ingest.app import create_app
from shared.events import TenantId
from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from shared.web.keys import ApiKeys


@dataclass(frozen=True)
class Door:
    """A running ingest, and a client with a key of the tenant `acme`."""

    settings: Settings
    client: httpx.AsyncClient

    async def ready(self, wanted: int = 200, seconds: float = 90) -> None:
        """Wait until readiness is as wanted."""
        deadline = monotonic() + seconds
        while (answer := await self.client.get("/readyz")).status_code != wanted:
            assert monotonic() < deadline, answer.text
            await asyncio.sleep(0.1)

    async def records(self, topic: Topic = Topic.EVENTS) -> list[Any]:
        """Return every record of a topic, values decoded."""
        consumer = AIOKafkaConsumer(**client_options(self.settings), enable_auto_commit=False)
        await consumer.start()
        try:
            return [record async for record in _all(consumer, self.settings.topic(topic))]
        finally:
            await consumer.stop()


async def _all(consumer: AIOKafkaConsumer, topic: str) -> AsyncIterator[Any]:
    count = len(await consumer._client._wait_on_metadata(topic))
    partitions = [TopicPartition(topic, number) for number in range(count)]
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, 0)
    while any([await consumer.position(each) < ends[each] for each in partitions]):
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                record.value = json.loads(record.value)
                yield record


async def key_of(settings: Settings, tenant: str) -> str:
    async with connect(settings) as mongo:
        secret, _ = await ApiKeys(mongo[settings.database]).create(TenantId(tenant))
        return secret


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Door]:
    app = create_app(settings)
    headers = {"authorization": f"Bearer {await key_of(settings, 'acme')}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://ingest", headers=headers) as client,
    ):
        door = Door(settings, client)
        await door.ready()
        yield door


@pytest.fixture
async def door(settings: Settings) -> AsyncIterator[Door]:
    async with running(settings) as door:
        yield door


MakeKey = Callable[[str], Awaitable[str]]


@pytest.fixture
def make_key(settings: Settings) -> MakeKey:
    async def make(tenant: str) -> str:
        return await key_of(settings, tenant)

    return make


def posted(id: str, **changes: Any) -> dict[str, Any]:
    """Return a CloudEvent that is taken; `changes` replace attributes, or data by `data`."""
    data: Mapping[str, Any] = {"group": "g1", "member": "m1", "message": id, "text": "早上好"}
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "demo",
        "type": "message.posted",
        "time": "2026-03-01T09:00:00+08:00",
        "data": data,
    }
    return event | changes
