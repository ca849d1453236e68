"""The platform's two sides over real HTTP: its webhook receiver, and its client of the door."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from services.ingest.cloudevents import Reading, read_structured, split_array
from shared.events import BaseEvent, TenantId
from shared.signing import new_secret, signed_headers, verify
from steward.cloudevents import batch
from steward.demo.receiver import Receiver
from steward.demo.story import Day
from steward.demo.streamer import Door, DoorClosedError, Streamer
from steward.demo.world import World

TENANT = TenantId("demo")


class Gate:
    """Takes batches like ingest does; answers with the given statuses before that."""

    def __init__(self, secret: str, statuses: Sequence[int] = ()) -> None:
        self.secret = secret
        self.statuses = list(statuses)
        self.taken: list[list[dict[str, Any]]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not verify([self.secret], request.headers, body, int(time.time())):
            return web.Response(status=401)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        events = msgspec.json.decode(body)
        self.taken.append(events)
        return web.json_response({"accepted": len(events), "rejected": 0}, status=202)

    @property
    def ids(self) -> Counter[str]:
        return Counter(event["id"] for events in self.taken for event in events)


@asynccontextmanager
async def opened(gate: Gate) -> AsyncIterator[Door]:
    app = web.Application()
    app.router.add_post("/v1/events:batch", gate.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = runner.addresses[0][1]
        yield Door(f"http://127.0.0.1:{port}", "sk_test", gate.secret)
    finally:
        await runner.cleanup()


@pytest.fixture
def events(day: Day) -> list[BaseEvent]:
    return day.events


def test_ingest_reads_every_event_of_the_day_as_it_was_written(events: list[BaseEvent]) -> None:
    end = events[-1].time
    reading = Reading(TENANT, datetime.fromtimestamp(end / 1000, tz=UTC))
    read = [read_structured(raw, reading).event for raw in split_array(batch(events))]
    assert read == events


async def test_every_event_arrives_and_each_group_in_order(events: list[BaseEvent]) -> None:
    gate = Gate(new_secret())
    async with opened(gate) as door:
        streamer = Streamer(events[:4000], World(), door, seconds=1)
        await streamer.run()
    assert set(gate.ids) == {event.id for event in events[:4000]}
    assert streamer.progress.sent == streamer.progress.accepted == 4000
    times: dict[str, str] = {}
    seen: set[str] = set()
    for event in (event for sent in gate.taken for event in sent):
        if event["id"] not in seen:
            seen.add(event["id"])
            group = event["data"]["group"]
            assert times.get(group, "") <= event["time"]
            times[group] = event["time"]


async def test_a_few_batches_are_sent_twice(events: list[BaseEvent]) -> None:
    gate = Gate(new_secret())
    async with opened(gate) as door:
        streamer = Streamer(events, World(), door, seconds=2)
        await streamer.run()
    assert 0 < streamer.progress.repeated < len(events) / 10
    assert sum(gate.ids.values()) == len(events) + streamer.progress.repeated
    assert set(gate.ids.values()) == {1, 2}


async def test_a_refused_batch_is_sent_again_until_it_is_taken(events: list[BaseEvent]) -> None:
    gate = Gate(new_secret(), statuses=[503, 429, 503])
    async with opened(gate) as door:
        streamer = Streamer(events[:50], World(), door, seconds=0.1)
        await streamer.run()
    assert set(gate.ids) == {event.id for event in events[:50]}
    assert streamer.progress.retries == 3


async def test_a_wrong_key_ends_the_stream(events: list[BaseEvent]) -> None:
    gate = Gate(new_secret(), statuses=[401])
    async with opened(gate) as door:
        with pytest.raises(ExceptionGroup) as failure:
            await Streamer(events[:50], World(), door, seconds=0.1).run()
    assert failure.value.subgroup(DoorClosedError) is not None


ACTION = msgspec.json.encode(
    {"type": "message.delete", "id": "a1", "tenant": "demo", "group": "cats", "time": 1,
     "cause": "f1", "message": "m1", "new_field": True}
)  # fmt: skip


async def send(receiver: Receiver, secret: str, id: str, body: bytes = ACTION) -> int:
    headers = signed_headers([secret], id, int(time.time()), body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(receiver.url, data=body, headers=headers) as response,
    ):
        return response.status


async def test_a_webhook_is_executed_once_however_often_it_comes() -> None:
    world, secret = World(), new_secret()
    async with Receiver(world) as receiver:
        receiver.trust(secret)
        assert await send(receiver, secret, "msg_1") == 200
        assert await send(receiver, secret, "msg_1") == 200
        assert await send(receiver, secret, "msg_2") == 200
    assert receiver.taken == {"message.delete": 2}
    assert receiver.repeated == 1
    assert world.removed == {("cats", "m1")}


async def test_a_webhook_that_somebody_else_signed_is_refused() -> None:
    world = World()
    async with Receiver(world) as receiver:
        receiver.trust(new_secret())
        assert await send(receiver, new_secret(), "msg_1") == 401
    assert receiver.refused == 1
    assert not world.executed
