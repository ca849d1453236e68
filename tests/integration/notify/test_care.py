"""Endpoints are tested, verified, paced, ordered, measured and repaired, over real servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from shared.settings import Settings
from shared.signing import verify
from tests.integration.notify.harness import (
    Notify,
    Received,
    Receiver,
    action_of,
    answers,
    notifying,
    receiving,
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


def now_of(came: Received) -> int:
    return int(came.headers["webhook-timestamp"])


async def test_a_test_is_signed_and_tells_what_came_of_it(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/"] = answers(500)
    created = await notify.endpoint(
        receiver.url, enabled=False, headers={"x-room": "7"}, kinds=["member.*"]
    )
    path = f"/endpoints/{created['id']}:test"
    failed = (await notify.http.post(path)).json()
    assert (failed["succeeded"], failed["status"], failed["body"]) == (False, 500, "as told")
    passed = (await notify.http.post(path)).json()
    assert (passed["succeeded"], passed["status"]) == (True, 204)
    [_, came] = receiver.received
    assert Webhook(created["secret"]).verify(came.body, came.headers)["details"] == {"test": True}
    assert came.headers["x-room"] == "7"
    assert passed["webhook_id"] == came.id


async def test_an_endpoint_gets_nothing_before_it_answers_its_challenge(
    notify: Notify, receiver: Receiver
) -> None:
    willing = False

    async def answer(came: Received) -> web.Response:
        said = json.loads(came.body)
        if said["type"] == "endpoint.challenge" and willing:
            return web.json_response({"challenge": said["challenge"]})
        return web.Response(status=204)

    receiver.answers["/"] = answer
    created = await notify.endpoint(receiver.url, verification="challenge")
    assert created["verified"] is False
    await notify.act(1)

    async def held() -> bool:
        found = await notify.deliveries(state="held")
        return [each["reason"] for each in found] == ["endpoint_unverified"]

    await until(held, 60)
    refused = await notify.http.post(f"/endpoints/{created['id']}:verify")
    assert refused.status_code == 422
    willing = True
    verified = await notify.http.post(f"/endpoints/{created['id']}:verify")
    assert verified.json()["verified"] is True
    await notify.ended(1, state="succeeded")
    assert json.loads(receiver.received[-1].body)["type"] == "message.delete"
    moved = await notify.http.patch(
        f"/endpoints/{created['id']}", json={"url": receiver.url + "/moved"}
    )
    assert moved.json()["verified"] is False


async def test_the_rate_that_a_handshake_grants_is_kept_to(
    notify: Notify, receiver: Receiver
) -> None:
    async def answer(_: Received) -> web.Response:
        granted = {"webhook-allowed-origin": "steward", "webhook-allowed-rate": "240"}
        return web.Response(status=204, headers=granted)

    receiver.answers["/"] = answer
    created = await notify.endpoint(receiver.url, verification="options")
    assert created["verified"] is True
    await notify.act(*range(11))
    came = (await receiver.wait(12))[1:]
    assert came[-1].at - came[0].at > 1  # 2.5 s, less what the first was late
    stats = (await notify.http.get(f"/endpoints/{created['id']}/stats")).json()
    assert stats["requests_per_second"] == 4


async def test_the_deliveries_of_a_group_arrive_in_order_past_a_failure(
    notify: Notify, receiver: Receiver
) -> None:
    receiver.answers["/"] = answers(500)
    await notify.endpoint(receiver.url, ordering="group")
    await notify.act(*range(5), group="g1")
    came = await receiver.wait(6)
    expected = [action_of(number).id for number in (0, 0, 1, 2, 3, 4)]
    assert [json.loads(each.body)["id"] for each in came] == expected


async def test_a_condition_and_a_thin_body_spare_the_receiver(
    notify: Notify, receiver: Receiver
) -> None:
    await notify.endpoint(receiver.url, condition="action.seconds >= 600", thin=True)
    await notify.act(1, seconds=60)
    await notify.act(2, seconds=600)
    [came] = await receiver.wait(1)
    body = json.loads(came.body)
    assert body["id"] == action_of(2).id
    assert "seconds" not in body
    await notify.ended(1)
    told = (await notify.http.get(body["link"].removeprefix("/v1"))).json()
    assert told["action"]["seconds"] == 600
    assert told["attempts"][0]["request"] == f"POST {receiver.url} {len(came.body)} bytes"


async def test_a_private_key_signs_and_rest_tells_only_the_public_one(
    notify: Notify, receiver: Receiver
) -> None:
    created = await notify.endpoint(receiver.url, signature="v1a")
    assert created["secret"].startswith("whpk_")
    keys = (await notify.http.get(f"/endpoints/{created['id']}/jwks")).json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "kid", "use", "alg"}]
    await notify.act(1)
    [came] = await receiver.wait(1)
    assert verify([created["secret"]], came.headers, came.body, now_of(came)).id == came.id


async def test_after_a_rotation_both_secrets_sign_for_as_long_as_was_granted(
    notify: Notify, receiver: Receiver
) -> None:
    created = await notify.endpoint(receiver.url)
    path = f"/endpoints/{created['id']}:rotate"
    await notify.http.post(path, json={"grace_seconds": 60})
    await asyncio.sleep(1.1)
    await notify.act(1)
    [came] = await receiver.wait(1)
    assert came.headers["webhook-signature"].count("v1,") == 2
    assert verify([created["secret"]], came.headers, came.body, now_of(came))
    leaked = (await notify.http.get(f"/endpoints/{created['id']}/secret")).json()["secret"]
    await notify.http.post(path, json={"grace_seconds": 0})
    await asyncio.sleep(1.1)
    await notify.act(2)
    [_, later] = await receiver.wait(2)
    assert not verify([leaked], later.headers, later.body, now_of(later))


async def test_a_retry_is_made_at_once_and_a_dead_one_gets_one_more(
    settings: Settings, receiver: Receiver
) -> None:
    receiver.answers["/"] = answers(500, 500)
    async with notifying(settings, notify_schedule_seconds="600") as notify:
        await notify.endpoint(receiver.url)
        await notify.act(1)

        async def waits() -> bool:
            return [each["reason"] for each in await notify.deliveries()] == ["status_500"]

        await until(waits, 60)
        [waiting] = await notify.deliveries(state="pending")
        path = f"/deliveries/{waiting['id']}:retry"
        assert (await notify.http.post(path)).status_code == 202
        [dead] = await notify.ended(1, state="dead")
        assert dead["reason"] == "attempts_exhausted: status_500"
        assert (await notify.http.post(path)).status_code == 202
        [ended] = await notify.ended(1, state="succeeded")
        assert ended["attempts_made"] == 3
        assert (await notify.http.post(path)).status_code == 409
    assert len({each.id for each in receiver.received}) == 1


async def test_everything_since_a_moment_is_replayed_and_counted(
    notify: Notify, receiver: Receiver
) -> None:
    created = await notify.endpoint(receiver.url)
    await notify.act(*range(4))
    await notify.ended(4)
    answer = await notify.http.post(
        f"/endpoints/{created['id']}:replay", json={"since": "2020-01-01T00:00:00Z"}
    )
    assert (answer.status_code, answer.json()["replayed"]) == (202, 4)
    await notify.ended(8)
    replays = [each for each in receiver.received if "steward-replay" in each.headers]
    firsts = [each for each in receiver.received if "steward-replay" not in each.headers]
    assert {each.id for each in replays} == {each.id for each in firsts}
    stats = (await notify.http.get(f"/endpoints/{created['id']}/stats")).json()
    assert (stats["deliveries"], stats["attempts"]) == ({"succeeded": 8}, 8)
    assert stats["p50_ms"] <= stats["p99_ms"]
    assert (stats["backlog_age_ms"], stats["breaker"]) == (None, "closed")


async def test_an_endpoint_that_cannot_be_is_refused_with_the_place(notify: Notify) -> None:
    url = "https://hooks.example.com/"
    for body, place in [
        ({"headers": {"Host": "inside"}}, "/headers/Host"),
        ({"headers": {"webhook-id": "1"}}, "/headers/webhook-id"),
        ({"condition": "action.weight > 1"}, "/condition"),
        ({"condition": "action.seconds"}, "/condition"),
        ({"rate": -1}, "/rate"),
    ]:
        answer = await notify.http.post("/endpoints", json={"url": url, **body})
        assert answer.status_code == 422, body
        assert [each["pointer"] for each in answer.json()["errors"]] == [place]
