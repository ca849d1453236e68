"""The runtime on a real Kafka and a real mongod."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.events import Topic
from shared.mongo import Client, Database, connect
from shared.settings import Settings
from shared.stream import Runtime
from tests.integration.stream.counting import counting_stage
from tests.integration.stream.traffic import (
    by_group,
    counts,
    messages,
    publish,
    read_all,
    total_is,
    until,
)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with connect(settings) as client:
        yield client


@pytest.fixture
def database(settings: Settings, client: Client) -> Database:
    return client[settings.database]


@asynccontextmanager
async def running(settings: Settings, client: Client) -> AsyncIterator[Runtime]:
    runtime = Runtime(counting_stage(), settings, client)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def test_every_record_is_folded_once_and_answered_once(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(3000)
    async with running(settings, client) as runtime:
        await publish(settings, events)
        await until(lambda: total_is(database, 3000))
        assert runtime.problems() == []
    found = await counts(database)
    assert {id: raw["messages"] for id, raw in found.items()} == by_group(events)
    assert len(await read_all(settings, Topic.ACTIONS)) == 3000


async def test_repeated_ids_are_dropped_even_after_a_restart(
    settings: Settings, client: Client, database: Database
) -> None:
    events = messages(500)
    async with running(settings, client):
        await publish(settings, events + events[:100])
        await until(lambda: total_is(database, 500))
    async with running(settings, client):
        await publish(settings, [*events, *messages(600)[500:]])
        await until(lambda: total_is(database, 600))
    assert len(await read_all(settings, Topic.ACTIONS)) == 600
