"""Scoring as a service: events and flags through Kafka, documents in MongoDB, read by REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from services.scoring.app import create_app
from services.scoring.listing import SEEN
from services.scoring.stage import GROUPS, MEMBERS, ScoringPartition
from services.scoring.told import Told
from shared.events import BaseEvent, MemberJoined, ReactionAdded, TenantId, encode
from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings
from shared.stream import Record
from shared.stream.contracts import Kind
from shared.stream.documents import stored as read
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Flag
from shared.web.keys import ApiKeys
from tests.integration.scoring.messages import DAY, NOW, said, spam


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings) as client:
        yield client


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    headers = {"authorization": f"Bearer {await key_of(settings, 'acme')}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://scoring", headers=headers
        ) as client,
    ):
        yield client


async def key_of(settings: Settings, tenant: str) -> str:
    async with connect(settings) as mongo:
        secret, _ = await ApiKeys(mongo[settings.database]).create(TenantId(tenant))
        return secret


async def publish(settings: Settings, values: Sequence[BaseEvent | Flag]) -> None:
    producer = AIOKafkaProducer(**client_options(settings), enable_idempotence=True, acks="all")
    await producer.start()
    try:
        for value in values:
            topic = Topic.FLAGS if isinstance(value, Flag) else Topic.EVENTS
            await producer.send(
                settings.topic(topic),
                key=value.key.encode(),
                value=encode(value),
                headers=[("schema", b"1")],
            )
        await producer.flush()
    finally:
        await producer.stop()


async def answer(client: httpx.AsyncClient, path: str, **expected: Any) -> dict[str, Any]:
    """Ask until the answer has these values, and return it."""
    last: Any = None
    for _ in range(900):
        response = await client.get(path)
        last = response.text
        if response.status_code == 200:
            body: dict[str, Any] = response.json()
            if all(body[name] == value for name, value in expected.items()):
                return body
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} never had {expected}: {last}")


GROUP = "%E8%AF%BB%E4%B9%A6%E4%BC%9A%2F%E4%B8%80%E7%BE%A4"


def a_day() -> list[BaseEvent]:
    talk: list[BaseEvent] = [said(n, ["amy", "bo", "chen"][n % 3]) for n in range(60)]
    talk.append(said(60, "bo", reply_to_member="amy", reply_to="m0"))
    talk.append(said(61, "lurer", text="日赚千元，加微信"))
    reaction = {"id": "r1", "source": "test", "tenant": "acme", "group": "读书会/一群"}
    talk.append(
        ReactionAdded(
            **reaction, member="chen", time=NOW - DAY + 70_000, message="m0", author="amy"
        )
    )
    return talk


async def test_events_become_scores_that_rest_explains(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    events = a_day()
    await publish(settings, [*events, spam(events[61])])
    group = await answer(client, f"/v1/groups/{GROUP}", messages=61, spam=1)
    assert group["members"] == 4
    assert group["active_28_days"] == 3
    assert group["flags"] == {"gambling": 1}
    assert {part["name"] for part in group["explain"]} >= {"activity", "silence", "cleanliness"}

    amy: dict[str, Any] = {}
    async with asyncio.timeout(90):
        while not amy or not amy["groups"][0]["counts"]["reactions_received"]:
            amy = await answer(client, "/v1/members/amy")  # the reaction came last
    (membership,) = amy["groups"]
    assert membership["counts"]["replies_received"] == 1
    assert membership["counts"]["reactions_received"] == 1
    parts = {part["source"]: part["points"] for part in membership["explain"]["score"]}
    assert sum(parts.values()) == pytest.approx(membership["score"], abs=0.2)

    (history,) = (await client.get("/v1/members/amy/history")).json()["groups"]
    today = history["days"][-1]
    assert (history["group"], today["layer"]) == (membership["group"], membership["layer"])
    assert today["score"] == pytest.approx(membership["score"], abs=0.1)
    parts = (await client.get(f"/v1/groups/{GROUP}/parts")).json()["items"]
    (now,) = [each for each in parts if each["member"] == "amy"]
    week = history["parts"][-1]
    assert (week["part"], week["confidence"]) == (now["part"], now["confidence"])
    assert week["last_day"] == today["day"]

    board = (await client.get("/v1/leaderboard", params={"group": "读书会/一群"})).json()
    values = [line["value"] for line in board["items"]]
    assert values == sorted(values, reverse=True)
    assert "lurer" not in {line["member"]["member"] for line in board["items"]}


async def test_risks_of_silence_are_told_with_their_parts(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    regular = [said(n, "amy", time=NOW - n * 2 * DAY) for n in reversed(range(70))]
    visitor = said(100, "bo", time=NOW - 20 * DAY)
    gone = said(101, "cy", time=NOW - 50 * DAY)
    await publish(settings, [gone, *regular, visitor])
    group = await answer(client, f"/v1/groups/{GROUP}", messages=15)
    assert group["quiet_risk"]["within_days"] == 28
    assert group["quiet_risk"]["low"] <= group["quiet_risk"]["probability"] < 0.3
    assert len(group["quiet_risk"]["explain"]["parts"]) == 4

    risks = {}
    for member in ("amy", "bo", "cy"):
        risks[member] = (await client.get(f"/v1/members/{member}")).json()["churn_risk"]
    assert risks["amy"]["within_days"] == 90
    assert risks["amy"]["probability"] < 0.3 < risks["bo"]["probability"]
    parts = {part["feature"]: part["value"] for part in risks["amy"]["explain"]["parts"]}
    assert parts["active_days_2_years"] == 70
    assert risks["cy"] is None, "silent already"


async def test_lists_are_paged_without_gaps_or_repeats(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    events = [
        said(n, f"member-{n % 7}", group=f"g{n % 5}", text="一些有内容的话" * (n % 4))
        for n in range(70)
    ]
    await publish(settings, events)
    for n in range(5):
        await answer(client, f"/v1/groups/g{n}", messages=14)
    for path, size in (
        ("/v1/groups?sort=group", 5),
        ("/v1/groups?sort=health", 5),
        ("/v1/groups?sort=-health", 5),
        ("/v1/groups?sort=-last_seen", 5),
        ("/v1/groups?sort=-quiet_risk", 5),
        ("/v1/groups/g3/members?", 7),
        ("/v1/groups/g3/members?sort=-last_seen&circle=members", 7),
        ("/v1/members?", 35),
        ("/v1/members?sort=-last_seen", 35),
        ("/v1/members?sort=-messages&group=g3", 7),
        ("/v1/leaderboard?group=g3", 7),
        ("/v1/leaderboard?", 35),
        ("/v1/leaderboard?group=g2&by=messages", 7),
    ):
        whole = [repr(item) async for item in pages(client, path + "&explain=true", 200)]
        cut = [repr(item) async for item in pages(client, path + "&explain=true", 3)]
        assert len(whole) == size, path
        assert cut == whole, path


async def pages(client: httpx.AsyncClient, path: str, limit: int) -> AsyncIterator[Any]:
    params = f"limit={limit}&at=2100-01-01T00:00:00Z"
    following = ""
    while True:
        response = await client.get(f"{path}&{params}{following}")
        body = response.raise_for_status().json()
        for item in body["items"]:
            yield item
        if body["next"] is None:
            return
        following = f"&cursor={body['next']}"


async def test_another_tenants_groups_and_members_are_not_there(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    await publish(settings, [said(1, "amy")])
    await answer(client, f"/v1/groups/{GROUP}", messages=1)
    other = {"authorization": f"Bearer {await key_of(settings, 'other')}"}
    groups = (f"/v1/groups/{GROUP}", f"/v1/groups/{GROUP}/members")
    for path in (*groups, "/v1/members/amy", "/v1/members/amy/history"):
        response = await client.get(path, headers=other)
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "application/problem+json"
    for path in ("/v1/groups", "/v1/leaderboard", f"/v1/leaderboard?group={GROUP}"):
        assert (await client.get(path, headers=other)).json()["items"] == []


async def test_wrong_requests_name_the_field(client: httpx.AsyncClient) -> None:
    for query, field in (
        ("leaderboard?by=messages", "group"),
        ("leaderboard?cursor=nonsense", "cursor"),
        ("groups?cursor=WyJhIl0", "cursor"),
        ("groups?sort=shoe_size", "sort"),
        ("groups/nowhere/members?sort=score,member", "sort"),
        ("members?sort=-points", "sort"),
    ):
        response = await client.get(f"/v1/{query}")
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == field


async def test_a_restart_in_the_middle_leaves_the_documents_of_an_undisturbed_fold(
    settings: Settings,
) -> None:
    joins: list[BaseEvent] = [
        MemberJoined(
            id=f"j{n}",
            source="test",
            tenant="acme",
            group=f"g{n % 3}",
            member=f"member-{n}",
            time=NOW - 2 * DAY + n,
        )
        for n in range(9)
    ]
    talk = [said(n, f"member-{n % 9}", group=f"g{n % 3}") for n in range(900)]
    flags = [spam(event) for event in talk[::11]]
    values: list[BaseEvent | Flag] = [*joins, *talk, *talk[:50], *flags]
    async with running(settings):
        await publish(settings, values[:500])
    async with running(settings) as client:
        await publish(settings, values[500:])
        await answer(client, "/v1/groups/g0", messages=272, spam=28)
        await answer(client, "/v1/groups/g1", messages=273, spam=27)
        await answer(client, "/v1/groups/g2", messages=273, spam=27)
    assert await stored(settings) == undisturbed([*joins, *talk, *flags])


FOLDED: dict[Kind[Any], dict[str, Any]] = {
    MEMBERS: {"due_at": None, "told": Told()},
    GROUPS: {},
    SEEN: {},
}
"""What depends on events and flags alone; of members all but what depends on when was looked."""


async def stored(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with connect(settings) as mongo:
        for kind, told in FOLDED.items():
            async for raw in mongo[settings.database][kind.name].find():
                document: Any = read(kind, raw)
                found[f"{kind.name} {raw['_id']}"] = replace(document, **told)
    return found


def undisturbed(values: Sequence[BaseEvent | Flag]) -> dict[str, Any]:
    documents = MemoryDocuments()
    records = [
        Record(Topic.FLAGS if isinstance(value, Flag) else Topic.EVENTS, 0, n, value)
        for n, value in enumerate(values)
    ]
    fold(ScoringPartition(), records, documents)
    return {
        f"{kind.name} {id}": replace(document, **FOLDED[kind])
        for (kind, id), document in documents.by_key.items()
        if kind in FOLDED
    }
