"""Digests through Kafka and MongoDB, asked for and searched by REST, and sent at their hour."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from services.scoring.app import create_app
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, ReactionAdded
from shared.settings import Settings
from shared.topics import Topic
from tests.integration.scoring.test_profiles import read, until
from tests.integration.scoring.test_scores import NOW, key_of, publish, running, said

DAY = 86_400_000
YESTERDAY = NOW - DAY
LOCAL = datetime.fromtimestamp((YESTERDAY + 8 * 3_600_000) / 1000, tz=UTC)


def liked(by: str, number: int, emoji: str = "👍") -> ReactionAdded:
    return ReactionAdded(
        id=f"like-{by}-{number}",
        source="test",
        tenant="acme",  # type: ignore[arg-type]
        group="g1",  # type: ignore[arg-type]
        member=by,  # type: ignore[arg-type]
        time=YESTERDAY + 60_000,  # type: ignore[arg-type]
        message=f"m{number}",  # type: ignore[arg-type]
        emoji=emoji,
    )


async def wished(settings: Settings, wish: Mapping[str, Any]) -> None:
    """Say what the tenant wants of digests, without running the stages."""
    headers = {"authorization": f"Bearer {await key_of(settings, 'acme')}"}
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=headers
    ) as client:
        assert (await client.put("/v1/digest-settings", json=wish)).status_code == 200


async def test_a_digest_is_told_searched_and_sent_at_the_tenants_hour(settings: Settings) -> None:
    hour = LOCAL.hour if LOCAL.minute < 58 else (LOCAL.hour + 1) % 24
    texts = ["周末徒步路线整理好了", "新手烘焙的十个问题", "明天下雨记得带伞", "晚安大家"]
    talk: list[BaseEvent] = [
        said(n, f"author-{n}", group="g1", text=text, time=YESTERDAY)
        for n, text in enumerate(texts)
    ]
    likes = [liked(by, n) for n, people in ((0, "abcd"), (1, "abc"), (2, "a")) for by in people]
    # Before the stages run: they know the wish, and no digest is sent between two likes.
    await wished(settings, {"send": True, "hour": hour, "most": 2})
    await publish(settings, [*talk, *likes, liked("z", 1, "⭐")])
    impatient = settings.model_copy(update={"idle_seconds": 1.0})
    async with running(impatient) as client:
        day = f"/v1/groups/g1/digest?day={LOCAL.date()}"
        await until(client, "/v1/groups/g1/digest", "g1", "group")
        found = (await client.get(day)).json()["items"]
        while len(found) < 3 or found[0]["value"] < 6:
            await asyncio.sleep(0.05)
            found = (await client.get(day)).json()["items"]
        assert [(each["message"], each["value"]) for each in found] == [
            ("m1", 6),
            ("m0", 4),
            ("m2", 1),
        ]
        assert (found[0]["reacted"], found[0]["saved"]) == (3, 1)
        search = (await client.get(f"/v1/highlights?q={quote('徒步')}")).json()["items"]
        assert [each["message"] for each in search] == ["m0"]
        pages: list[str] = []
        path = following = "/v1/highlights?limit=2"
        while following:
            page = (await client.get(following)).json()
            pages += [each["message"] for each in page["items"]]
            following = f"{path}&cursor={page['next']}" if page["next"] else ""
        assert sorted(pages) == ["m0", "m1", "m2"]
        other = {"authorization": f"Bearer {await key_of(settings, 'other')}"}
        assert (await client.get(day, headers=other)).status_code == 404
        assert (await client.get("/v1/highlights", headers=other)).json()["items"] == []
        (action,) = await read(settings, Topic.ACTIONS, Action, 1)
        assert action.kind is ActionKind.GROUP_DIGEST
        assert [action.details["1.message"], action.details["2.message"]] == ["m1", "m0"]


async def test_a_flash_group_has_an_end_date(settings: Settings) -> None:
    async with running(settings) as client:
        await publish(settings, [said(1, "amy", group="flash")])
        await until(client, "/v1/groups/flash", None, "ends_at")
        await until(client, "/v1/groups/flash", 1, "messages")
        past = datetime.fromtimestamp(NOW / 1000 - 60, tz=UTC)
        wish = {"ends_at": past.isoformat()}
        assert (await client.put("/v1/groups/flash/end", json=wish)).status_code == 200
        for answer in (
            (await client.get("/v1/groups/flash")).json(),
            (await client.get("/v1/groups")).json()["items"][0],
        ):
            assert answer["stage"] == "ended"
            assert datetime.fromisoformat(answer["ends_at"]) == past.replace(
                microsecond=past.microsecond // 1000 * 1000
            )
        assert (await client.put("/v1/groups/flash/end", json={"ends_at": None})).is_success
        assert (await client.get("/v1/groups/flash")).json()["stage"] == "quiet"
