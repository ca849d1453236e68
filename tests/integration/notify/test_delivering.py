"""Actions reach receivers over real Kafka, MongoDB and HTTP, whatever the receivers do."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from shared.settings import Settings
from tests.integration.notify.harness import (
    Notify,
    Received,
    Receiver,
    action_of,
    answers,
    notifying,
    receiving,
    trace_of,
    until,
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def notify(settings: Settings) -> AsyncIterator[Notify]:
    async with notifying(settings) as one:
        yield one


async def test_an_action_arrives_signed_and_traced(notify: Notify, receiver: Receiver) -> None:
    created = await notify.endpoint(receiver.url + "/hook")
    await notify.act(1)
    [came] = await receiver.wait(1)
    body = Webhook(created["secret"]).verify(came.body, came.headers)
    assert body["type"] == "message.delete"
    assert body["id"] == action_of(1).id
    assert came.headers["traceparent"] == trace_of(1)
    assert came.headers["content-type"] == "application/json"
    assert came.headers["user-agent"].startswith("Steward/")
    [ended] = await notify.ended(1)
    assert (ended["state"], ended["webhook_id"], ended["replay"]) == ("succeeded", came.id, False)


async def test_an_action_that_comes_twice_is_delivered_once(
    notify: Notify, receiver: Receiver
) -> None:
    await notify.endpoint(receiver.url)
    await notify.act(1, 1, 2, 1)
    await receiver.wait(2)
    await notify.ended(2)
    await asyncio.sleep(0.5)
    assert len({each.id for each in receiver.received}) == len(receiver.received) == 2


async def test_a_refused_delivery_is_tried_again_under_the_same_id(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/"] = answers(500, 302, location=receiver.url + "/elsewhere")
    await notify.endpoint(receiver.url)
    await notify.act(1)
    came = await receiver.wait(3)
    assert {each.path for each in came} == {"/"}
    assert len({each.id for each in came}) == 1
    assert [each.headers["steward-attempt"] for each in came] == ["1", "2", "3"]
    assert all(later.at - sooner.at >= 1 for sooner, later in pairwise(came))
    [ended] = await notify.ended(1)
    details = (await notify.http.get(f"/deliveries/{ended['id']}")).json()
    assert [each["status"] for each in details["attempts"]] == [500, 302, 204]
    assert details["attempts"][0]["body"] == "as told"
    assert details["action"]["text"] == "删除"


async def test_a_delivery_is_dead_when_its_schedule_has_ended(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/"] = answers(*[500] * 9)
    await notify.endpoint(receiver.url)
    await notify.act(1)
    [ended] = await notify.ended(1)
    assert (ended["state"], ended["attempts_made"]) == ("dead", 4)
    assert ended["reason"] == "attempts_exhausted: status_500"


async def test_retries_survive_a_restart(settings: Settings, receiver: Receiver) -> None:
    receiver.answers["/"] = answers(503, 500)
    async with notifying(settings) as notify:
        await notify.endpoint(receiver.url)
        await notify.act(1)
        await receiver.wait(1)
    async with notifying(settings) as notify:
        came = await receiver.wait(3)
        [ended] = await notify.ended(1)
    assert len({each.id for each in came}) == 1
    assert (ended["state"], ended["attempts_made"]) == ("succeeded", 3)


async def test_retry_after_is_obeyed(notify: Notify, receiver: Receiver) -> None:
    receiver.answers["/"] = answers(429, retry_after="4")
    await notify.endpoint(receiver.url)
    await notify.act(1)
    first, second = await receiver.wait(2)
    assert second.at - first.at >= 4, "the schedule alone would have had it after one second"


async def test_gone_disables_the_endpoint_and_what_comes_is_held_until_it_is_enabled_again(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/hook"] = answers(410)
    created = await notify.endpoint(receiver.url + "/hook", kinds=["message.delete"])
    await notify.endpoint(receiver.url + "/notices", kinds=["operator.notice"])
    await notify.act(1)
    await notify.ended(1, state="dead")
    told = (await notify.http.get(f"/endpoints/{created['id']}")).json()
    assert told["disabled_by_steward"] == "status_410"
    [notice] = await receiver.wait(1, "/notices")
    assert json.loads(notice.body)["details"]["endpoint"] == created["id"]
    await notify.act(2, 3)

    async def held() -> bool:
        return len(await notify.deliveries(state="held", reason="endpoint_disabled")) == 2

    await until(held, 60)
    assert len(receiver.at("/hook")) == 1
    answer = await notify.http.patch(f"/endpoints/{created['id']}", json={"enabled": True})
    assert answer.json()["disabled_by_steward"] == ""
    await receiver.wait(3, "/hook")
    await notify.ended(2, state="succeeded", endpoint=created["id"])
    assert await notify.deliveries(state="held") == []


async def test_a_slow_endpoint_does_not_delay_another(notify: Notify, receiver: Receiver) -> None:
    async def slow(_: Received) -> web.Response:
        await asyncio.sleep(8)
        return web.Response(status=204)

    receiver.answers["/slow"] = slow
    await notify.endpoint(receiver.url + "/slow", kinds=["message.delete"])
    await notify.endpoint(receiver.url + "/quick", kinds=["message.reply"])
    await notify.act(*range(300))
    await receiver.wait(16, "/slow")
    started = time.monotonic()
    waits: list[float] = []
    for number in range(1000, 1030):
        sent = time.monotonic()
        await notify.act(number, kind="message.reply")
        came = await receiver.wait(len(waits) + 1, "/quick")
        waits.append(came[-1].at - sent)
    rounds = 2 + (time.monotonic() - started) / 8
    assert len(receiver.at("/slow")) <= 16 * rounds
    assert max(waits) < 8, "one of them waited for the slow endpoint's answer"
    assert statistics.median(waits) < 1


async def test_an_inner_address_is_not_reached(settings: Settings, receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    async with notifying(settings, notify_allow_cidrs="") as notify:
        answer = await notify.http.post("/endpoints", json={"url": receiver.url})
        assert answer.status_code == 422
        await notify.endpoint(f"http://localhost:{port}/")
        await notify.act(1)
        [ended] = await notify.ended(1)
    assert (ended["state"], ended["reason"]) == ("dead", "address_refused")
    assert receiver.received == []


async def test_a_replay_has_the_same_webhook_id_and_says_so(
    notify: Notify, receiver: Receiver
) -> None:
    await notify.endpoint(receiver.url)
    await notify.act(1)
    [ended] = await notify.ended(1)
    answer = await notify.http.post(f"/deliveries/{ended['id']}:replay")
    assert answer.status_code == 202
    first, second = await receiver.wait(2)
    assert "steward-replay" not in first.headers
    assert second.headers["steward-replay"] == "true"
    assert second.id == first.id
    assert json.loads(second.body) == json.loads(first.body)
    both = await notify.ended(2)
    assert {each["id"]: each["replay"] for each in both} == {
        ended["id"]: False,
        answer.json()["id"]: True,
    }


async def test_a_timeout_and_a_broken_answer_are_failures(
    notify: Notify, receiver: Receiver
) -> None:
    async def hang(_: Received) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    receiver.answers["/hang"] = hang
    created = await notify.endpoint(receiver.url + "/hang", timeout_seconds=1)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as unused:
        port = unused.getsockname()[1]
    closed = await notify.endpoint(f"http://127.0.0.1:{port}/")
    await notify.act(1)

    async def failed() -> bool:
        return [bool(each["reason"]) for each in await notify.deliveries()] == [True, True]

    await until(failed, 60)
    reasons = {each["endpoint"]: each["reason"] for each in await notify.deliveries()}
    assert reasons == {created["id"]: "timeout", closed["id"]: "connection"}
