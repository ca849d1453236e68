"""A campaign reaches every target once, however often notify is killed while it is sent."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from functools import partial

import pytest
from aiohttp import web

from services.notify.store import EndpointStore
from shared.campaigns import CampaignMoved, Move
from shared.events import Millis, encode
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.contracts import Keyed
from shared.stream.publisher import Outgoing, Publisher
from shared.topics import Topic
from steward.stack.ports import free_ports
from tests.integration.notify.harness import TENANT, Received, receiving, until
from tests.integration.notify.test_kills import run
from tests.integration.notify.test_sender import Known
from tests.unit.notify.campaigns.builders import saved, to_groups

TARGETS = [f"g{number}" for number in range(150)]
KILLED_AT = (30, 90)
"""How many targets have got the message when notify is killed."""


@pytest.mark.timeout(400)
async def test_every_target_gets_a_campaign_once_however_often_notify_is_killed(
    settings: Settings,
) -> None:
    [port] = free_ports(1)
    said: dict[str, set[str]] = defaultdict(set)

    async def answer(came: Received) -> web.Response:
        said[json.loads(came.body)["group"]].add(came.id)
        return web.Response(status=204)

    async with receiving() as receiver, connect(settings) as client:
        receiver.answers["/"] = answer
        known = await Known(receiver.url, timeout_seconds=5.0).find("ep_1")  # type: ignore[arg-type]
        assert known is not None
        database = client[settings.database]
        await EndpointStore(database).create(known)
        await publish(settings, *campaign())

        async def sent(count: int) -> bool:
            recorded = await database["campaign_sends"].count_documents({"state": "sent"})
            return len(said) >= count and (count < len(TARGETS) or recorded == count)

        for kill_at in (*KILLED_AT, len(TARGETS)):
            process = await run(settings, port)
            try:
                await until(partial(sent, kill_at), 120)
            finally:
                process.kill()
                await process.wait()
    assert sorted(said) == sorted(TARGETS)
    assert {len(ids) for ids in said.values()} == {1}, "a target got it under two names"


def campaign() -> list[Keyed]:
    """Return an approved campaign of some seconds."""
    now = Millis(int(time.time() * 1000))
    approval = CampaignMoved(
        id="approval",
        tenant=TENANT,
        campaign="cp_1",
        move=Move.APPROVE,
        revision=1,
        by="key_boss",
        time=now,
    )
    return [saved(to_groups(*TARGETS, per_minute=900), time=now), approval]


async def publish(settings: Settings, *records: Keyed) -> None:
    publisher = Publisher(settings)
    topic = settings.topic(Topic.CAMPAIGNS)
    out = [Outgoing(topic, each.key.encode(), encode(each)) for each in records]
    await publisher.acknowledged(await publisher.send(out))
    await publisher.stop()
