from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

import pytest

from services.ingest.producer import GIVE_UP_SECONDS
from shared.settings import Settings
from steward.migrate import migrate
from steward.stack import LocalStack
from tests.integration.conftest import settings_for
from tests.integration.ingest.conftest import Door, key_of, posted, running


@pytest.fixture
async def own_settings(own_stack: LocalStack) -> Settings:
    settings = settings_for(own_stack.addresses)
    await migrate(settings)
    return settings


async def until(there: Callable[[], bool]) -> None:
    for _ in range(1800):
        if there():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come in time")


async def send_until(door: Door, accepted: set[str], stop: asyncio.Event) -> set[int]:
    """Send single events one after the other; note which were accepted, return the statuses."""
    statuses, number = set(), 0
    while not stop.is_set():
        number += 1
        answer = await door.client.post("/v1/events", json=posted(f"e{number}"))
        statuses.add(answer.status_code)
        if answer.status_code == 202:
            accepted.add(f"e{number}")
        else:
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(0.05)
    return statuses


@pytest.mark.timeout(180)
async def test_while_kafka_is_away_nothing_accepted_is_lost(
    own_stack: LocalStack, own_settings: Settings
) -> None:
    async with running(own_settings) as door:
        accepted: set[str] = set()
        stop = asyncio.Event()
        sending = asyncio.create_task(send_until(door, accepted, stop))
        await until(lambda: len(accepted) > 0)
        own_stack.kill_kafka()
        await door.ready(wanted=503)
        before = len(accepted)
        started = monotonic()
        answer = await door.client.post("/v1/events", json=posted("refused"))
        assert answer.status_code == 503
        assert monotonic() - started < GIVE_UP_SECONDS, "it does not wait for Kafka"
        assert (await door.client.get("/healthz")).status_code == 200
        await asyncio.sleep(GIVE_UP_SECONDS + 2)
        assert len(accepted) == before
        own_stack.start_kafka()
        await door.ready()
        await until(lambda: len(accepted) > before)  # it takes events again without a restart
        stop.set()
        assert await sending == {202, 503}
        there = {record.value["id"] for record in await door.records()}
        assert accepted <= there


@pytest.mark.timeout(120)
async def test_it_starts_without_kafka_and_connects_when_it_comes(
    own_stack: LocalStack, own_settings: Settings
) -> None:
    own_stack.kill_kafka()
    opened = running(own_settings)
    entering = asyncio.create_task(opened.__aenter__())
    await asyncio.sleep(3)
    assert not entering.done(), "it is not ready without Kafka"
    own_stack.start_kafka()
    door = await entering
    assert (await door.client.post("/v1/events", json=posted("a"))).status_code == 202
    await opened.__aexit__(None, None, None)


@pytest.mark.timeout(120)
async def test_while_mongodb_is_away_keys_that_were_used_go_on(
    own_stack: LocalStack, own_settings: Settings
) -> None:
    other = await key_of(own_settings, "other")
    async with running(own_settings) as door:
        assert (await door.client.post("/v1/events", json=posted("a"))).status_code == 202
        own_stack.kill_mongo()
        await door.ready(wanted=503)
        await asyncio.sleep(6)
        assert (await door.client.post("/v1/events", json=posted("b"))).status_code == 202
        started = monotonic()
        unknown = await door.client.post(
            "/v1/events", json=posted("c"), headers={"authorization": f"Bearer {other}"}
        )
        assert unknown.status_code == 503
        assert int(unknown.headers["retry-after"]) > 0
        assert monotonic() - started < 20, "it does not wait for MongoDB"
        own_stack.start_mongo()
        await door.ready()
        again = await door.client.post(
            "/v1/events", json=posted("d"), headers={"authorization": f"Bearer {other}"}
        )
        assert again.status_code == 202
