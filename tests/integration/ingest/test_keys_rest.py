"""Keys over REST: what they open, their limits, rotation, and who did what with them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.events import TenantId
from shared.mongo import connect
from shared.web.keys import ApiKeys
from tests.integration.ingest.conftest import Door, MakeKey, posted


async def made(door: Door, **wanted: Any) -> dict[str, Any]:
    answer = await door.client.post("/v1/keys", json={"scopes": ["events:write"], **wanted})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def test_a_key_opens_what_its_scopes_name(door: Door) -> None:
    created = await made(door)
    sent = await door.client.post("/v1/events", json=posted("1"), headers=bearer(created["key"]))
    assert sent.status_code == 202
    refused = await door.client.get("/v1/sources", headers=bearer(created["key"]))
    assert refused.status_code == 403
    assert refused.json()["scope"] == "read"
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


async def test_a_key_made_before_there_were_scopes_opens_everything(door: Door) -> None:
    async with connect(door.settings) as mongo:
        database = mongo[door.settings.database]
        secret, key = await ApiKeys(database).create(TenantId("acme"))
        fields = dict.fromkeys(("scopes", "limits", "created_by", "previous_hash"), "")
        await database["api_keys"].update_one({"_id": key.id}, {"$unset": fields})
    assert (await door.client.get("/v1/keys", headers=bearer(secret))).status_code == 200
    sent = await door.client.post("/v1/events", json=posted("1"), headers=bearer(secret))
    assert sent.status_code == 202


async def test_a_key_is_told_whose_it_is_and_what_it_opens(door: Door) -> None:
    created = await made(door, scopes=["read", "review"], name="Mei")
    told = (await door.client.get("/v1/key", headers=bearer(created["key"]))).json()
    own = (await door.client.get("/v1/keys")).json()["items"]
    assert created["id"] in {each["id"] for each in own}
    assert (told["id"], told["name"], told["scopes"]) == (created["id"], "Mei", ["read", "review"])
    assert told["tenant"]
    assert created["key"] not in str(told)


async def test_after_a_rotation_both_secrets_are_good_until_the_grace_has_ended(
    door: Door,
) -> None:
    created = await made(door)
    path = f"/v1/keys/{created['id']}:rotate"
    rotated = (await door.client.post(path, json={"grace_seconds": 600})).json()
    assert rotated["id"] == created["id"]
    for secret in (created["key"], rotated["key"]):
        sent = await door.client.post("/v1/events", json=posted("1"), headers=bearer(secret))
        assert sent.status_code == 202
    unused = await made(door)
    path = f"/v1/keys/{unused['id']}:rotate"
    rotated = (await door.client.post(path, json={"grace_seconds": 1})).json()
    await asyncio.sleep(1.1)
    old = await door.client.post("/v1/events", json=posted("2"), headers=bearer(unused["key"]))
    new = await door.client.post("/v1/events", json=posted("2"), headers=bearer(rotated["key"]))
    assert (old.status_code, new.status_code) == (401, 202)


async def test_a_revoked_or_expired_key_opens_nothing(door: Door) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=4)
    expiring, revoked = await made(door, expires_at=soon.isoformat()), await made(door)
    assert (await door.client.delete(f"/v1/keys/{revoked['id']}")).status_code == 204
    assert (await door.client.delete(f"/v1/keys/{revoked['id']}")).status_code == 404
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.1)
    for key in (expiring, revoked):
        sent = await door.client.post("/v1/events", json=posted("1"), headers=bearer(key["key"]))
        assert sent.status_code == 401


async def test_a_limit_counts_events_and_is_told(door: Door) -> None:
    key = await made(door, limits={"events_per_day": 3})
    headers = bearer(key["key"])
    first = await door.client.post("/v1/events", json=posted("1"), headers=headers)
    assert first.headers["ratelimit-policy"] == '"events-per-day";q=3;qu="events";w=86400'
    assert first.headers["ratelimit"] == '"events-per-day";r=2;t=28800'
    many = [posted(f"{number}") for number in range(2, 5)]
    refused = await door.client.post("/v1/events:batch", json=many, headers=headers)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 28_000
    assert refused.headers["content-type"] == "application/problem+json"
    taken = await door.client.post("/v1/events:batch", json=many[:2], headers=headers)
    assert taken.status_code == 202
    assert [record.value["id"] for record in await door.records()] == ["1", "2", "3"]


async def test_what_was_done_to_keys_is_written_down(door: Door) -> None:
    [own] = (await door.client.get("/v1/keys")).json()["items"]
    created = await made(door, name="robot", limits={"events_per_second": 5})
    await door.client.post(f"/v1/keys/{created['id']}:rotate", json={})
    await door.client.delete(f"/v1/keys/{created['id']}")
    lines = (await door.client.get("/v1/key-changes", params={"limit": 3})).json()
    assert [(line["change"], line["by"]) for line in lines["items"]] == [
        ("revoked", own["id"]),
        ("rotated", own["id"]),
        ("created", own["id"]),
    ]
    assert lines["items"][2]["detail"]["scopes"] == ["events:write"]
    assert created["key"] not in str(lines)
    rest = (await door.client.get("/v1/key-changes", params={"cursor": lines["next"]})).json()
    assert [(line["key"], line["by"]) for line in rest["items"]] == [(own["id"], "steward keys")]


async def test_the_last_use_of_a_key_is_seen(door: Door) -> None:
    created = await made(door)
    assert created["last_used_at"] is None
    before = datetime.now(UTC)
    await door.client.post("/v1/events", json=posted("1"), headers=bearer(created["key"]))
    after = datetime.now(UTC)
    async with asyncio.timeout(60):
        while True:
            told = (await door.client.get(f"/v1/keys/{created['id']}")).json()
            if told["last_used_at"] is not None:
                break
            await asyncio.sleep(0.3)
    seen = datetime.fromisoformat(told["last_used_at"])
    assert before - timedelta(milliseconds=1) <= seen <= after, "MongoDB keeps milliseconds"
    assert told["last_used_from"] == "127.0.0.1"


async def test_events_of_a_source_come_only_from_its_networks(door: Door) -> None:
    for networks, status in ((["192.0.2.0/24"], 403), (["192.0.2.0/24", "127.0.0.1"], 202)):
        put = await door.client.put("/v1/sources/demo", json={"networks": networks})
        assert put.status_code == 200
        sent = await door.client.post("/v1/events", json=posted("1"))
        assert sent.status_code == status, sent.text
    other = await door.client.post("/v1/events", json=posted("2", source="elsewhere"))
    assert other.status_code == 202
    bad = await door.client.put("/v1/sources/demo", json={"networks": ["192.0.2.1/24"]})
    assert bad.status_code == 422


async def test_keys_of_another_tenant_are_not_there(door: Door, make_key: MakeKey) -> None:
    created = await made(door)
    other = bearer(await make_key("other"))
    path = f"/v1/keys/{created['id']}"
    assert (await door.client.get(path, headers=other)).status_code == 404
    assert (await door.client.post(f"{path}:rotate", json={}, headers=other)).status_code == 404
    assert (await door.client.delete(path, headers=other)).status_code == 404
    assert (await door.client.get(path)).json()["revoked_at"] is None
