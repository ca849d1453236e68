"""Every action reaches its endpoints, in order where asked, whatever is killed meanwhile.

`STEWARD_TEST_DELIVERIES` and `STEWARD_TEST_KILLS` (of each: notify, Kafka,
mongod) make it longer: 50000 and 20 for a run of half an hour.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from asyncio.subprocess import Process
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import pytest
from aiohttp import web
from msgspec import structs

from services.notify.endpoints import Endpoint, Ordering
from services.notify.store import EndpointStore
from shared.actions import Action
from shared.events import EndpointId, GroupId, encode
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.publisher import Outbox, Outgoing, Publisher
from shared.topics import Topic
from steward.migrate import migrate
from steward.stack import LocalStack
from steward.stack.ports import free_ports
from tests.integration.conftest import settings_for
from tests.integration.notify.harness import Received, action_of, receiving, until
from tests.integration.notify.test_kills import run
from tests.integration.notify.test_sender import Known

DELIVERIES: Final = int(os.environ.get("STEWARD_TEST_DELIVERIES", "1200"))
KILLS: Final = int(os.environ.get("STEWARD_TEST_KILLS", "1"))
GROUPS: Final = 40
ENDPOINTS: Final = {"ordered": Ordering.GROUP, "any": Ordering.NONE}


class Log:
    """What the receivers got."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.firsts: dict[str, list[int]] = defaultdict(list)

    def note(self, came: Received) -> None:
        said = json.loads(came.body)
        self.ids[came.path, said["id"]].add(came.id)
        self.times[came.id] += 1
        if self.times[came.id] == 1 and came.path == "/ordered":
            self.firsts[said["group"]].append(int(said["text"]))


def numbered(number: int) -> Action:
    return action_of(number, group=GroupId(f"g{number % GROUPS}"), text=str(number))


async def publish(outbox: Outbox, settings: Settings, numbers: range) -> None:
    """Publish actions in order, as services do: again and again while Kafka is away."""
    topic = settings.topic(Topic.ACTIONS)
    actions = [numbered(number) for number in numbers]
    await outbox.send([Outgoing(topic, one.key.encode(), encode(one)) for one in actions])
    await outbox.acknowledged(outbox.unacknowledged())


class Victims:
    """Notify as a process, and the servers, each to be killed and started again."""

    def __init__(self, settings: Settings, stack: LocalStack, port: int) -> None:
        self._settings, self._stack, self._port = settings, stack, port
        self._notify: Process | None = None

    async def __aenter__(self) -> Victims:
        self._notify = await run(self._settings, self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._notify is not None
        self._notify.kill()
        await self._notify.wait()

    async def strike(self, number: int) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [self._strike_notify]
        kinds += [self._strike_kafka, self._strike_mongo]
        await kinds[number % 3]()

    async def _strike_notify(self) -> None:
        await self.__aexit__()
        await self.__aenter__()

    async def _strike_kafka(self) -> None:
        await asyncio.to_thread(self._stack.kill_kafka)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(self._stack.start_kafka)

    async def _strike_mongo(self) -> None:
        await asyncio.to_thread(self._stack.kill_mongo)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(self._stack.start_mongo)


async def arrived(log: Log, count: int) -> None:
    """Wait for so many deliveries, but not long: the next strike comes amid them."""
    with suppress(TimeoutError):
        await until(lambda: len(log.times) >= count, 60)


@pytest.mark.timeout(300 + DELIVERIES // 20 + KILLS * 60)
async def test_every_action_reaches_every_endpoint_whatever_is_killed(
    own_stack: LocalStack,
) -> None:
    settings = settings_for(own_stack.addresses)
    await migrate(settings)
    actions = DELIVERIES // len(ENDPOINTS)
    log, dice = Log(), random.Random(3)
    [port] = free_ports(1)
    publisher = Publisher(settings)

    async def answer(came: Received) -> web.Response:
        log.note(came)
        return web.Response(status=204)

    async with receiving() as receiver, connect(settings) as client:
        store = EndpointStore(client[settings.database])
        for name, ordering in ENDPOINTS.items():
            receiver.answers[f"/{name}"] = answer
            await store.create(known(f"{receiver.url}/{name}", name, ordering))
        async with Victims(settings, own_stack, port) as victims:
            outbox, strikes = Outbox(publisher), KILLS * 3
            for number in range(strikes):
                edges = [actions * part // strikes for part in (number, number + 1)]
                feeding = asyncio.create_task(publish(outbox, settings, range(*edges)))
                await asyncio.sleep(dice.uniform(0, 2))
                await arrived(log, edges[0])
                await victims.strike(number)
                await feeding
                receiver.received.clear()
                print(f"strike {number + 1} of {strikes}: {len(log.times)} arrived", flush=True)
            deliveries = client[settings.database]["deliveries"]

            async def all_ended() -> bool:
                await asyncio.sleep(1)
                succeeded = await deliveries.count_documents({"state": "succeeded"})
                print(f"{succeeded} succeeded", flush=True)
                return succeeded == actions * len(ENDPOINTS)

            await until(all_ended, 240 + DELIVERIES / 50)
            await publisher.stop()
    print(told(log, actions))
    assert len(log.ids) == actions * len(ENDPOINTS)
    assert all(len(ids) == 1 for ids in log.ids.values()), "a repeat under another webhook-id"
    for group, numbers in log.firsts.items():
        assert numbers == sorted(numbers), group


def known(url: str, name: str, ordering: Ordering) -> Endpoint:
    made = Known(url, timeout_seconds=1.0, ordering=ordering)._endpoint
    return structs.replace(made, id=EndpointId(f"ep_{name}"))


def told(log: Log, actions: int) -> str:
    repeated = sum(1 for count in log.times.values() if count > 1)
    return (
        f"{actions} actions, {len(log.times)} deliveries, {sum(log.times.values())} requests,"
        f" {repeated} repeated, at most {max(log.times.values())} times; ended {time.ctime()}"
    )
