"""Profiles, segments and interests through Kafka and MongoDB, asked for by REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer

from services.scoring.listing import JUDGED
from services.scoring.stage import member_id
from shared.actions import Action, ActionKind
from shared.events import MessagePosted, PurchaseMade
from shared.kafka import client_options
from shared.members import SegmentChange
from shared.mongo import connect
from shared.settings import Settings
from shared.topics import Topic
from tests.integration.scoring.test_scores import NOW, answer, key_of, publish, running, said

DAY = 86_400_000


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings) as client:
        yield client


def bought(number: int, member: str, group: str = "g1", amount: int = 9_900) -> PurchaseMade:
    return PurchaseMade(
        id=f"o{number}",
        source="test",
        tenant="acme",
        group=group,
        member=member,
        time=NOW - DAY + number,
        order=f"o{number}",
        amount=amount,
    )


async def until(client: httpx.AsyncClient, path: str, expected: Any, *keys: str) -> None:
    """Ask until the answer has this value at the keys."""
    value: Any = None
    for _ in range(900):
        value = (await client.get(path)).json()
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if value == expected:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} {keys} is {value!r}, not {expected!r}")


def of_segments(action: Action) -> bool:
    return action.kind in (ActionKind.SEGMENT_ENTERED, ActionKind.SEGMENT_LEFT)


async def read(
    settings: Settings,
    topic: Topic,
    type: Any,
    count: int,
    wanted: Callable[[Any], bool] = lambda _: True,
) -> list[Any]:
    """Return the first wanted records of a topic, once there are so many."""
    consumer = AIOKafkaConsumer(
        settings.topic(topic), auto_offset_reset="earliest", **client_options(settings)
    )
    await consumer.start()
    found: list[Any] = []
    try:
        while len(found) < count:
            record = await asyncio.wait_for(consumer.getone(), 90)
            one = msgspec.json.decode(record.value or b"", type=type)
            if wanted(one):
                found.append(one)
    finally:
        await consumer.stop()
    return found


async def test_a_member_is_told_across_groups_with_attributes_that_rest_sets(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, "amy", group="g1"), said(2, "amy", group="g2/x")])
    await publish(settings, [bought(3, "amy"), bought(4, "amy", "g2/x", 100)])
    await until(client, "/v1/members/amy/profile", 2, "business", "orders")
    for name, type in (("city", "string"), ("age", "number"), ("vip", "boolean")):
        answered = await client.put(f"/v1/attributes/{name}", json={"type": type})
        assert answered.status_code == 200, answered.text
    wanted = {"city": "杭州", "age": 31, "vip": True}
    taken = await client.patch("/v1/members/amy/attributes", json=wanted)
    assert (taken.status_code, taken.json()["groups"]) == (202, ["g1", "g2/x"])
    await until(client, "/v1/members/amy/profile", wanted, "attributes")
    assert (await client.patch("/v1/members/amy/attributes", json={"vip": None})).is_success
    left = {"city": "杭州", "age": 31}
    await until(client, "/v1/members/amy/profile", left, "attributes")
    profile = (await client.get("/v1/members/amy/profile")).json()
    assert profile["business"]["spent"] == [{"currency": "CNY", "orders": 2, "amount": 10_000}]
    assert profile["behaviour"]["active_days_28"] == 1
    assert [each["group"] for each in profile["groups"]] == ["g1", "g2/x"]


async def test_attributes_that_do_not_fit_are_named(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, "amy", group="g1")])
    await answer(client, "/v1/members/amy/profile", member="amy")
    await client.put("/v1/attributes/age", json={"type": "number"})
    refused = await client.patch("/v1/members/amy/attributes", json={"age": "old", "shoe_size": 43})
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/age", "/shoe_size"}
    absent = await client.patch("/v1/members/nobody/attributes", json={"age": 3})
    assert absent.status_code == 404


async def test_segments_take_in_who_is_there_and_tell_of_who_comes(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    members = [f"m{n}" for n in range(12)]
    await publish(settings, [said(n, member, group="g1") for n, member in enumerate(members)])
    await publish(settings, [bought(100 + n, member) for n, member in enumerate(members[:7])])
    for member in members[:7]:
        await until(client, f"/v1/members/{member}/profile", 1, "business", "orders")
    made = await client.put(
        "/v1/segments/buyers", json={"name": "买过的", "condition": "orders > 0 && present"}
    )
    assert made.status_code == 200, made.text
    await until(client, "/v1/segments/buyers", 7, "members")
    await publish(settings, [bought(200, "m9")])
    await until(client, "/v1/segments/buyers", 8, "members")
    listed: list[str] = []
    path = "/v1/segments/buyers/members?group=g1&limit=3"
    following = ""
    while True:
        page = (await client.get(path + following)).json()
        listed += [each["member"] for each in page["items"]]
        if page["next"] is None:
            break
        following = f"&cursor={page['next']}"
    assert listed == [*members[:7], "m9"]
    changes = await read(settings, Topic.SEGMENTS, SegmentChange, 8)
    assert {each.member for each in changes if each.entered} == set(listed)
    assert [each.member for each in changes if not each.backfill] == ["m9"]
    (action,) = await read(settings, Topic.ACTIONS, Action, 1, of_segments)
    assert (action.kind, action.member) == (ActionKind.SEGMENT_ENTERED, "m9")
    assert (await client.delete("/v1/segments/buyers")).status_code == 204
    await until(client, "/v1/members/m9/profile", {}, "segments")
    assert (await client.get("/v1/segments/buyers")).status_code == 404


async def carries(settings: Settings, member: str) -> None:
    """Wait until the latest look at a member has found more than the lowest layer."""
    wanted = {"_id": member_id("acme", "g1", member), "layer": {"$gt": 0}}
    async with connect(settings) as mongo:
        for _ in range(900):
            if await mongo[settings.database][JUDGED.name].find_one(wanted) is not None:
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"no look has found {member} above the lowest layer")


def twelve_days_of(member: str, number: int) -> list[MessagePosted]:
    times = [NOW - day * DAY + n * 60_000 for day in range(14, 2, -1) for n in range(8)]
    return [said(number + n, member, group="g1", time=time) for n, time in enumerate(times)]


async def test_segments_take_in_members_by_layer_those_who_are_there_and_those_who_rise(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, "cy", group="g1"), *twelve_days_of("amy", 1_000)])
    await until(client, "/v1/members/amy/profile", 96, "behaviour", "totals", ACTIVE)
    await carries(settings, "amy")
    condition = {"condition": "layer == 'contributor' || layer == 'professional'"}
    assert (await client.put("/v1/segments/carriers", json=condition)).is_success
    await until(client, "/v1/segments/carriers", 1, "members")
    await publish(settings, twelve_days_of("bo", 2_000))
    await until(client, "/v1/segments/carriers", 2, "members")
    changes = await read(settings, Topic.SEGMENTS, SegmentChange, 2)
    assert [(each.member, each.backfill) for each in changes] == [("amy", True), ("bo", False)]


async def test_a_wrong_definition_says_where(client: httpx.AsyncClient) -> None:
    body = {"condition": "orders > 1 && ordres > 2"}
    refused = await client.put("/v1/segments/buyers", json=body)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["position"]) == ("/condition", "14")
    assert "is `orders` meant?" in error["detail"]
    refused = await client.put("/v1/steps/x", json={"event": "sale"})
    assert refused.json()["errors"][0]["pointer"] == "/event"
    await client.put("/v1/attributes/city", json={"type": "string"})
    city = {"condition": "attribute.city == '杭州'"}
    assert (await client.put("/v1/segments/local", json=city)).is_success
    refused = await client.delete("/v1/attributes/city")
    assert (refused.status_code, refused.json()["detail"]) == (422, "there is no `attribute.city`")


async def test_definitions_made_at_once_are_all_kept(client: httpx.AsyncClient) -> None:
    paths = [f"/v1/attributes/a{n}" for n in range(4)]
    answers = await asyncio.gather(*(client.put(path, json={"type": "date"}) for path in paths))
    assert {each.status_code for each in answers} == {200}
    names = [each["name"] for each in (await client.get("/v1/attributes")).json()["items"]]
    assert sorted(names) == ["a0", "a1", "a2", "a3"]


async def test_groups_and_members_of_one_interest_find_each_other(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    hiking, baking = "周末徒步要带帐篷和登山杖吗", "面粉和烤箱的温度怎么调"
    talk = [said(n, "amy", group="hikers", text=hiking) for n in range(4)]
    talk += [said(10 + n, "bo", group="bakers", text=baking) for n in range(4)]
    talk += [said(20 + n, "cy", group="chat", text=hiking) for n in range(4)]
    await publish(settings, talk)
    for member in ("amy", "bo", "cy"):
        await until(client, f"/v1/members/{member}/profile", 4, "behaviour", "totals", ACTIVE)
    groups = (await client.get("/v1/members/cy/matching-groups")).json()["items"]
    assert [each["group"] for each in groups] == ["hikers"]
    assert "徒步" in groups[0]["shared"]
    members = (await client.get("/v1/groups/hikers/matching-members")).json()["items"]
    assert [each["member"] for each in members] == ["cy"]
    stranger = {"authorization": f"Bearer {await key_of(settings, 'other')}"}
    for path in ("/v1/members/cy/matching-groups", "/v1/groups/hikers/matching-members"):
        assert (await client.get(path, headers=stranger)).status_code == 404


ACTIVE = "active"


async def test_funnels_cohorts_and_revenue_are_counted_by_rest(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    talk = [said(n, f"m{n}", group="g1", time=NOW - 9 * DAY, text="大家好呀") for n in range(6)]
    asked = [said(10 + n, f"m{n}", group="g2", text="这个多少钱") for n in range(3)]
    await publish(settings, [*talk, *asked, bought(20, "m0", "g2"), bought(21, "m0", "g1")])
    await until(client, "/v1/members/m0/profile", 2, "business", "orders")
    await until(client, "/v1/members/m5/profile", 1, "behaviour", "totals", "active")
    path = "/v1/funnel?step=active&step=need&step=purchase.made"
    stages = (await client.get(path)).json()["items"]
    assert [stage["members"] for stage in stages] == [6, 3, 1]
    assert [stage["of_previous"] for stage in stages] == [1.0, 0.5, 0.3333]
    whole = (await client.get("/v1/funnel")).json()
    assert [stage["members"] for stage in whole["items"]] == [6, 0, 0, 0, 0]
    in_g2 = (await client.get(f"{path}&group=g2")).json()["items"]
    assert [stage["members"] for stage in in_g2] == [3, 3, 1]
    cohorts = (await client.get("/v1/cohorts?by=week&periods=3")).json()["items"]
    assert sum(row["members"] for row in cohorts) == 6
    revenue = (await client.get("/v1/revenue?months=3")).json()
    assert revenue["summary"]["amount"] == 19_800
    assert revenue["summary"]["repurchase_rate"] == 1.0
    assert sum(row["amount"] for row in revenue["items"]) == 19_800
    for wrong, field in (
        ("funnel?step=dance", "step"),
        ("funnel?first=2026-02-01&last=2026-01-01", "first"),
        ("cohorts?step=dance", "step"),
    ):
        refused = await client.get(f"/v1/{wrong}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
