"""A member's data is handed out, erased everywhere in the service, and stays away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from shared.events import (
    BaseEvent,
    CheckinMade,
    InviteAccepted,
    MemberJoined,
    ReactionAdded,
)
from shared.members import MemberErased, MemberRequest
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.documents import PACKED
from shared.topics import Topic
from tests.integration.scoring.test_profiles import bought, read, until
from tests.integration.scoring.test_scores import NOW, answer, key_of, publish, running, said

MEMBER = "erika.m"
TEXT = "周末徒步的装备清单和路线"


async def traces(settings: Settings) -> dict[str, Any]:
    """Return all documents that name the member or hold their words, by collection."""
    found: dict[str, Any] = {}
    async with connect(settings) as mongo:
        database = mongo[settings.database]
        for name in await database.list_collection_names():
            async for raw in database[name].find():
                told = repr(raw) + bytes(raw.get(PACKED, b"")).decode(errors="replace")
                if MEMBER in told or "徒步" in told:
                    found.setdefault(name, []).append(told)
    return found


async def until_traces(settings: Settings, are_as_wanted: Callable[[set[str]], bool]) -> None:
    """Wait until the collections that know the member are as wanted."""
    found: dict[str, Any] = {}
    for _ in range(360):
        found = await traces(settings)
        if are_as_wanted(set(found)):
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"traces are left: {found}")


def happened() -> list[BaseEvent]:
    """Everything that a member can do, and what others do with it."""
    talk = [said(n, MEMBER, group=group, text=TEXT) for n, group in enumerate("ab")]
    about: dict[str, Any] = {"source": "test", "tenant": "acme", "group": "a"}
    time = talk[0].time + 1_000
    return [
        MemberJoined(id="j", member=MEMBER, time=talk[0].time - 1, name="Erika", **about),
        *talk,
        bought(9, MEMBER, "a"),
        CheckinMade(id="c", member=MEMBER, time=time, **about),
        InviteAccepted(id="i", member=MEMBER, time=time, invitee="cy", **about),
        MemberJoined(id="k", member="cy", time=time, invited_by=MEMBER, **about),
        said(10, "bo", group="a", reply_to="m0", reply_to_member=MEMBER, mentions=[MEMBER]),
        said(11, MEMBER, group="a", reply_to="m10", reply_to_member="bo", text="谢谢你的分享"),
        ReactionAdded(id="like", member="bo", time=time, message="m0", author=MEMBER, **about),
    ]


async def test_all_that_is_known_of_a_member_can_be_had_and_then_erased(
    settings: Settings,
) -> None:
    async with running(settings) as client:
        await client.put("/v1/attributes/city", json={"type": "string"})
        await client.put("/v1/segments/buyers", json={"condition": "orders > 0"})
        await publish(settings, happened())
        path = f"/v1/members/{MEMBER}"
        await until(client, f"{path}/profile", 1, "business", "orders")
        await until_in_groups(client, f"{path}/export", ["a", "b"])
        assert (await client.patch(f"{path}/attributes", json={"city": "杭州"})).status_code == 202
        wish = {"group": "a", "entry": "mug", "amount": 3, "reason": MEMBER}
        await given(client, f"{path}/points/entries", wish)
        stores = {"profiles", "member_interests", "members", "accounts", "ledger", "invitations"}
        await until_traces(settings, lambda names: names >= stores | {"talk_graphs", "highlights"})
        export = await whole_export(client, f"{path}/export")
        assert [each["group"] for each in export["profiles"]] == ["a", "b"]
        assert all(each["acts"] for each in export["scores"]), "what tells the parts played"
        assert "徒步" in export["interests"][0]["interests"]["words"]
        assert [each["text"] for each in export["messages"]] == [TEXT]

        taken = await client.delete(path)
        assert (taken.status_code, taken.json()["groups"]) == (202, ["a", "b"])
        names_nobody = {"group_interests"}
        await until_traces(settings, lambda names: names <= names_nobody)
        assert MEMBER not in repr(await traces(settings))
        for gone in (path, f"{path}/profile", f"{path}/export"):
            assert (await client.get(gone)).status_code == 404
        late = said(12, MEMBER, group="a", text=TEXT)
        await publish(settings, [late, said(13, "bo", group="a"), said(14, "bo", group="b")])
        await until(client, "/v1/members/bo/profile", 4, "behaviour", "totals", "active")
        await answer(client, "/v1/groups/a", messages=4)
        assert MEMBER not in repr(await traces(settings)), "what was in flight stays out"

        lines = (await client.get("/v1/erasures", params={"member": MEMBER})).json()["items"]
        assert [each["digest"] for each in lines] == [taken.json()["digest"]]
        assert MEMBER not in (await client.get("/v1/erasures")).text
        assert (await client.get("/v1/erasures?member=bo")).json()["items"] == []
        erased = await read(settings, Topic.MEMBERS, MemberRequest, 2, is_erasure)
        assert {(each.group, each.member) for each in erased} == {("a", MEMBER), ("b", MEMBER)}


def is_erasure(request: MemberRequest) -> bool:
    return isinstance(request, MemberErased)


async def until_in_groups(client: httpx.AsyncClient, path: str, groups: list[str]) -> None:
    """Wait until the member is known in the groups: an attribute is set where they are."""
    for _ in range(900):
        export = (await client.get(path)).json()
        if [each["group"] for each in export["profiles"]] == groups:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not known in {groups}: {export['profiles']}")


async def given(client: httpx.AsyncClient, path: str, wish: dict[str, Any]) -> None:
    """Give points, as soon as one of two further stages knows the member."""
    for _ in range(900):
        answer = await client.post(path, json=wish)
        if answer.is_success:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never given: {answer.text}")


async def whole_export(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Return the export once each of the stages has told both groups."""
    export: dict[str, Any] = {}
    for _ in range(900):
        export = (await client.get(path)).json()
        told = [each.get("attributes") for each in export.get("profiles", ())]
        if told == [{"city": "杭州"}] * 2 and export["messages"] and len(export["scores"]) == 2:
            return export
        await asyncio.sleep(0.1)
    raise AssertionError(f"the export never was whole: {export}")


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
