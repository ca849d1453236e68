"""The archive on the real runtime: only who asks, nothing twice, nothing lost over a restart."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.events import GroupId, MemberId, Millis, TenantId
from shared.members import MemberErased
from shared.mongo import connect
from shared.settings import Settings
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from tests.integration.ingest.conftest import Door, MakeKey, posted, running

PATIENCE_SECONDS = 60


async def asked(door: Door, days: int | None = 30) -> None:
    answer = await door.client.put("/v1/archive", json={"retention_days": days})
    assert answer.status_code == 200, answer.text
    await asyncio.sleep(1.2)


async def sent(door: Door, *ids: int, **changes: Any) -> None:
    events = [posted(f"{id}", **changes) for id in ids]
    answer = await door.client.post("/v1/events:batch", json=events)
    assert answer.json()["accepted"] == len(events)


async def items(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return what all pages have."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get("/v1/archive", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


async def archived(door: Door, count: int, **query: Any) -> list[dict[str, Any]]:
    """Return the archived events once there are so many."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await items(door.client, **query)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.2)


async def come_to(door: Door, count: int) -> None:
    """Wait until the archive's checkpoints have passed so many events, wanted or not."""
    async with connect(door.settings) as mongo, asyncio.timeout(PATIENCE_SECONDS):
        checkpoints = mongo[door.settings.database]["checkpoints"]
        while True:
            found = [each async for each in checkpoints.find({"_id": {"$regex": "^archive/"}})]
            if sum(each.get("offsets", {}).get("events", 0) for each in found) >= count:
                return
            await asyncio.sleep(0.1)


async def test_events_are_archived_only_after_the_tenant_asked(
    door: Door, make_key: MakeKey
) -> None:
    assert (await door.client.get("/v1/archive/settings")).json()["retention_days"] is None
    await sent(door, 1)
    await come_to(door, 1)
    await asked(door)
    await sent(door, 2)
    [kept] = await archived(door, 1)
    assert (kept["id"], kept["group"], kept["text"]) == ("2", "g1", "早上好")
    await asked(door, None)
    await sent(door, 3)
    await come_to(door, 3)
    await asked(door, 1)
    await sent(door, 4)
    assert {each["id"] for each in await archived(door, 2)} == {"2", "4"}
    other = {"authorization": f"Bearer {await make_key('other')}"}
    assert (await door.client.get("/v1/archive", headers=other)).json()["items"] == []


async def test_events_are_read_by_group_and_time_in_pages(door: Door) -> None:
    await asked(door)
    for hour in (3, 1, 2):
        await sent(door, hour, time=f"2026-03-01T0{hour}:00:00Z")
    elsewhere = {"group": "g2", "member": "m1", "message": "4", "text": "hi"}
    await sent(door, 4, time="2026-03-01T04:00:00Z", data=elsewhere)
    found = await archived(door, 4, limit=1)
    assert [each["id"] for each in found] == ["1", "2", "3", "4"]
    backwards = await items(door.client, limit=1, sort="-time")
    assert [each["id"] for each in backwards] == ["4", "3", "2", "1"]
    bounds = {"from": "2026-03-01T02:00:00Z", "to": "2026-03-01T04:00:00Z"}
    assert [each["id"] for each in await items(door.client, **bounds)] == ["2", "3"]
    assert [each["id"] for each in await items(door.client, group="g2")] == ["4"]
    assert await items(door.client, group="g") == []


async def test_a_restart_loses_nothing_and_archives_nothing_twice(settings: Settings) -> None:
    async with running(settings) as door:
        await asked(door)
        await sent(door, *range(100))
        await archived(door, 1)
    async with running(settings) as door:
        await sent(door, *range(50, 150))
        await archived(door, 150, limit=200)
    async with running(settings) as door:
        await sent(door, 150)
        found = await archived(door, 151, limit=200)
    assert sorted(int(each["id"]) for each in found) == list(range(151))


async def test_mongodb_removes_an_event_when_its_time_has_come(door: Door) -> None:
    await asked(door, 30)
    await sent(door, 1)
    await archived(door, 1)
    async with connect(door.settings) as mongo:
        archive = mongo[door.settings.database]["archive"]
        indexes = await archive.index_information()
        [document] = [each async for each in archive.find()]
    assert indexes["retention"]["key"] == [("expires_at", 1)]
    assert indexes["retention"]["expireAfterSeconds"] == 0
    left = document["expires_at"].replace(tzinfo=UTC) - datetime.now(UTC)
    assert abs(left - timedelta(days=30)) < timedelta(minutes=1)


async def test_a_forged_cursor_opens_no_other_tenant(door: Door, make_key: MakeKey) -> None:
    await asked(door)
    await sent(door, 1, 2)
    await archived(door, 2)
    forged = (await door.client.get("/v1/archive", params={"limit": 1})).json()["next"]
    other = {"authorization": f"Bearer {await make_key('zz')}"}
    for cursor in (forged, "WzAsIiJd"):  # [0,""]
        for sort in ("time", "-time"):
            query = {"cursor": cursor, "sort": sort}
            answer = await door.client.get("/v1/archive", params=query, headers=other)
            assert answer.json()["items"] == []


async def test_an_erased_member_leaves_the_archive(door: Door, settings: Settings) -> None:
    await asked(door)
    reply = {"group": "g1", "member": "bo", "message": "r", "text": "好", "reply_to_member": "m1"}
    await sent(door, 1, 2)
    await sent(door, 3, data=reply)
    assert len(await archived(door, 3)) == 3
    tenant = TenantId((await items(door.client))[0]["tenant"])
    erased = MemberErased(
        id="erase",
        tenant=tenant,
        group=GroupId("g1"),
        member=MemberId("m1"),
        time=Millis(int(datetime.now(UTC).timestamp() * 1000)),
    )
    writer = RecordWriter(settings)
    await writer.start()
    await writer.write(Topic.MEMBERS, erased)
    await writer.stop()
    found: list[dict[str, Any]] = []
    for _ in range(450):
        found = await items(door.client)
        if len(found) == 1 and "m1" not in repr(found):
            break
        await asyncio.sleep(0.2)
    assert [each["id"] for each in found] == ["3"]
    assert found[0]["reply_to_member"].startswith("erased:")
