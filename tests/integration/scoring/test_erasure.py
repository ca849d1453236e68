"""A member's data is handed out, erased everywhere in the service, and stays away."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from shared.events import ReactionAdded
from shared.members import AttributesSet, MemberErased
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.documents import PACKED
from shared.topics import Topic
from tests.integration.scoring.test_profiles import bought, read, until
from tests.integration.scoring.test_scores import NOW, key_of, publish, running, said

MEMBER = "erika.m"


async def gone(client: httpx.AsyncClient, path: str) -> None:
    for _ in range(300):
        if (await client.get(path)).status_code == 404:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} is still there")


async def traces(settings: Settings) -> dict[str, Any]:
    """Return all documents that name the member, by collection, but for ids and tombstones."""
    found: dict[str, Any] = {}
    async with connect(settings) as mongo:
        database = mongo[settings.database]
        for name in await database.list_collection_names():
            async for raw in database[name].find():
                tombstone = raw.get("erased_at") or raw.get("circle") == "erased"
                raw = {key: value for key, value in raw.items() if key not in ("_id", "member")}
                told = repr(raw) + bytes(raw.get(PACKED, b"")).decode(errors="replace")
                if not tombstone and (MEMBER in told or "徒步" in told):
                    found.setdefault(name, []).append(told)
    return found


async def test_all_that_is_known_of_a_member_can_be_had_and_then_erased(
    settings: Settings,
) -> None:
    async with running(settings) as client:
        await client.put("/v1/attributes/city", json={"type": "string"})
        await client.put("/v1/segments/buyers", json={"condition": "orders > 0"})
        text = "周末徒步的装备清单和路线"
        talk = [said(n, MEMBER, group=group, text=text) for n, group in enumerate("ab")]
        like = ReactionAdded(
            id="like",
            source="test",
            tenant="acme",  # type: ignore[arg-type]
            group="a",  # type: ignore[arg-type]
            member="bo",  # type: ignore[arg-type]
            time=talk[0].time,
            message=talk[0].message,
        )
        await publish(settings, [*talk, bought(9, MEMBER, "a"), said(10, "bo", group="a"), like])
        path = f"/v1/members/{MEMBER}"
        await until(client, f"{path}/profile", 1, "business", "orders")
        assert (await client.patch(f"{path}/attributes", json={"city": "杭州"})).status_code == 202
        await until(client, f"{path}/profile", {"city": "杭州"}, "attributes")
        for _ in range(100):
            export = (await client.get(f"{path}/export")).json()
            if export["messages"] and len(export["scores"]) == 2:
                break
            await asyncio.sleep(0.1)
        assert [each["group"] for each in export["profiles"]] == ["a", "b"]
        assert export["profiles"][0]["attributes"] == {"city": "杭州"}
        assert {each["group"] for each in export["scores"]} == {"a", "b"}
        assert "徒步" in export["interests"][0]["interests"]["words"]
        assert [each["text"] for each in export["messages"]] == [text]

        taken = await client.delete(path)
        assert (taken.status_code, taken.json()["groups"]) == (202, ["a", "b"])
        await gone(client, f"{path}/profile")
        await gone(client, path)
        await gone(client, f"{path}/export")
        await publish(settings, [said(11, "bo", group="a"), said(12, "bo", group="b")])
        await until(client, "/v1/members/bo/profile", 4, "behaviour", "totals", "active")
        await asyncio.sleep(1.0)
        left = await traces(settings)
        assert set(left) <= {"group_interests"}, "what a group talks about names nobody"
        assert MEMBER not in repr(left)

        lines = (await client.get("/v1/erasures", params={"member": MEMBER})).json()["items"]
        assert [each["digest"] for each in lines] == [taken.json()["digest"]]
        assert MEMBER not in (await client.get("/v1/erasures")).text
        assert (await client.get("/v1/erasures?member=bo")).json()["items"] == []
        records = await read(settings, Topic.MEMBERS, MemberErased | AttributesSet, 4)
        erased = [each for each in records if isinstance(each, MemberErased)]
        assert {(each.group, each.member) for each in erased} == {("a", MEMBER), ("b", MEMBER)}


async def test_another_tenant_erases_nobody_here(settings: Settings) -> None:
    async with running(settings) as client:
        await publish(settings, [said(1, "amy", group="a", time=NOW)])
        await until(client, "/v1/members/amy/profile", "amy", "member")
        other = {"authorization": f"Bearer {await key_of(settings, 'other')}"}
        assert (await client.delete("/v1/members/amy", headers=other)).status_code == 404
        assert (await client.get("/v1/members/amy/export", headers=other)).status_code == 404
        wish = {"silent_days": 30}
        assert (await client.put("/v1/retention", json=wish, headers=other)).status_code == 200
        assert (await client.get("/v1/retention")).json() == {"silent_days": None}
        assert (await client.get("/v1/members/amy/profile")).status_code == 200
