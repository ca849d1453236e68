"""The platforms' doors on a real Kafka and a real MongoDB."""

from __future__ import annotations

import time
from typing import Any

import httpx
import msgspec
import pytest

from services.ingest.app import create_app
from services.ingest.metrics import HOOKS
from services.ingest.platforms.contract import Request
from shared.mongo import connect
from shared.settings import Settings
from tests.integration.ingest.conftest import Door, MakeKey, key_of, posted
from tests.unit.ingest.platforms.sending import MAPPING, SECRETS, SEND, recorded


async def open_door(door: Door, platform: str, source: str = "chat", **more: Any) -> str:
    """Give a source a door and return its path."""
    hook: dict[str, Any] = {"platform": platform, "secrets": SECRETS[platform]}
    if platform == "generic":
        hook["mapping"] = msgspec.to_builtins(MAPPING)
    body = {"signed": False, "hook": hook}
    answer = await door.client.put(f"/v1/sources/{source}", json=body, **more)
    assert answer.status_code == 200, answer.text
    for secret in SECRETS[platform].values():
        assert f'"{secret}"' not in answer.text
    path: str = answer.json()["hook"]["path"]
    return path


async def send(door: Door, path: str, request: Request) -> httpx.Response:
    """Send a platform's request without an API key."""
    rest = f"/{request.rest}" if request.rest else ""
    asked = door.client.build_request(
        request.method,
        path + rest,
        content=request.body,
        headers=dict(request.headers),
        params=dict(request.query),
    )
    if "authorization" not in request.headers:
        asked.headers.pop("authorization", None)
    return await door.client.send(asked)


@pytest.mark.parametrize("platform", SEND)
async def test_what_a_platform_sends_is_in_kafka_and_its_retry_has_the_same_id(
    door: Door, platform: str
) -> None:
    path = await open_door(door, platform)
    items = recorded(platform)
    for item in items:
        for _ in range(2):
            answer = await send(door, path, SEND[platform](item, int(time.time())))
            assert answer.status_code in (200, 204), answer.text
    wanted = [event["id"] for item in items for event in item["events"]]
    records = [record.value for record in await door.records()]
    assert sorted(record["id"] for record in records) == sorted(wanted * 2)
    assert {(record["tenant"], record["source"]) for record in records} == {("acme", "chat")}


async def test_a_forged_request_is_refused_counted_and_leaves_nothing(door: Door) -> None:
    path = await open_door(door, "slack")
    before = HOOKS.labels("slack", "forged")._value.get()
    request = SEND["slack"](recorded("slack")[0], int(time.time()))
    forged = msgspec.structs.replace(request, body=request.body + b" ")
    answer = await send(door, path, forged)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    stale = SEND["slack"](recorded("slack")[0], int(time.time()) - 301)
    assert (await send(door, path, stale)).status_code == 401
    assert HOOKS.labels("slack", "forged")._value.get() == before + 2
    assert await door.records() == []


async def test_an_event_of_no_meaning_and_one_that_lacks_something_are_accepted(
    door: Door,
) -> None:
    path = await open_door(door, "telegram")
    ignored = HOOKS.labels("telegram", "ignored")._value.get()
    misfit = HOOKS.labels("telegram", "misfit")._value.get()
    for body in (
        {"update_id": 1, "poll": {"id": "5"}},
        {"update_id": 2, "message": {"chat": {"id": -1, "type": "group"}, "text": "no sender id"}},
    ):
        request = SEND["telegram"]({"body": body}, int(time.time()))
        assert (await send(door, path, request)).status_code == 200
    assert HOOKS.labels("telegram", "ignored")._value.get() == ignored + 1
    assert HOOKS.labels("telegram", "misfit")._value.get() == misfit + 1
    assert await door.records() == []


async def test_two_tenants_with_a_source_of_one_name_have_doors_of_their_own(
    door: Door, make_key: MakeKey
) -> None:
    other = {"authorization": f"Bearer {await make_key('other')}"}
    mine = await open_door(door, "telegram")
    theirs = await open_door(door, "zulip", headers=other)
    assert mine != theirs
    request = SEND["zulip"](recorded("zulip")[0], int(time.time()))
    assert (await send(door, theirs, request)).status_code == 200
    (record,) = await door.records()
    assert record.value["tenant"] == "other"
    # A key opens the door of its own platform only.
    crossed = theirs.replace("zulip", "telegram")
    assert (await send(door, crossed, request)).status_code == 404


async def test_a_door_that_is_not_there_does_not_open(door: Door) -> None:
    request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
    for path in (
        "/v1/hooks/telegram/hk_" + "0" * 48,
        "/v1/hooks/telegram/chat",
        "/v1/hooks/myspace/hk_" + "0" * 48,
    ):
        assert (await send(door, path, request)).status_code == 404


async def test_a_method_that_the_platform_does_not_use_is_refused(door: Door) -> None:
    path = await open_door(door, "telegram")
    answer = await send(door, path, Request(method="GET"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_wecom_verifies_the_address_by_get(door: Door) -> None:
    path = await open_door(door, "wecom")
    request = SEND["wecom"]({"body": "echo"}, int(time.time()))
    sealed = request.body.partition(b"CDATA[")[2].partition(b"]")[0].decode()
    query = {**request.query, "echostr": sealed}
    answer = await send(door, path, Request(method="GET", query=query))
    assert (answer.status_code, answer.text) == (200, "echo")


async def test_an_address_stays_while_secrets_change_and_dies_with_its_door(door: Door) -> None:
    path = await open_door(door, "telegram")
    changed = {"platform": "telegram", "secrets": {"secret_token": "new"}}
    answer = await door.client.put("/v1/sources/chat", json={"hook": changed})
    assert answer.json()["hook"]["path"] == path
    request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
    assert (await send(door, path, request)).status_code == 401
    kept = await door.client.put("/v1/sources/chat", json={"signed": False})
    assert kept.json()["hook"]["path"] == path
    closed = await door.client.put("/v1/sources/chat", json={"hook": None})
    assert closed.json()["hook"] is None
    assert (await send(door, path, request)).status_code == 404
    assert await open_door(door, "telegram") != path


async def test_a_deleted_source_has_no_door(door: Door) -> None:
    path = await open_door(door, "telegram")
    assert (await door.client.delete("/v1/sources/chat")).status_code == 204
    request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
    assert (await send(door, path, request)).status_code == 404


@pytest.mark.parametrize(
    ("hook", "place"),
    [
        ({"platform": "myspace", "secrets": {}}, "/hook/platform"),
        ({"platform": "telegram", "secrets": {}}, "/hook/secrets"),
        ({"platform": "generic", "secrets": {"token": "t"}}, "/hook/mapping"),
        (
            {
                "platform": "generic",
                "secrets": {"token": "t"},
                "mapping": {"rules": [{"type": "x", "id": "item.id", "data": {}}]},
            },
            "/hook/mapping/rules/0/type",
        ),
    ],
)
async def test_a_door_that_cannot_work_is_not_made(
    door: Door, hook: dict[str, Any], place: str
) -> None:
    answer = await door.client.put("/v1/sources/chat", json={"hook": hook})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == place
    assert (await door.client.get("/v1/sources/chat")).status_code == 404


async def test_a_door_takes_only_what_comes_from_its_sources_networks(door: Door) -> None:
    path = await open_door(door, "telegram")
    hook = {"platform": "telegram", "secrets": SECRETS["telegram"]}
    body = {"hook": hook, "networks": ["192.0.2.0/24"]}
    assert (await door.client.put("/v1/sources/chat", json=body)).status_code == 200
    request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
    assert (await send(door, path, request)).status_code == 403


async def test_a_door_does_not_weaken_a_source_that_signs(door: Door) -> None:
    """The platform vouches for what comes through the door; an API key alone still does not."""
    path = await open_door(door, "telegram")
    await door.client.put("/v1/sources/chat", json={"signed": True})
    request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
    assert (await send(door, path, request)).status_code == 200
    event = posted("a", source="chat")
    assert (await door.client.post("/v1/events", json=event)).status_code == 401


async def test_secrets_are_in_mongodb_and_in_no_answer(door: Door) -> None:
    await open_door(door, "slack")
    async with connect(door.settings) as mongo:
        found = await mongo[door.settings.database]["sources"].find_one({"source": "chat"})
    assert found is not None
    assert found["hook"]["secrets"] == SECRETS["slack"]
    for path in ("/v1/sources", "/v1/sources/chat"):
        answer = await door.client.get(path)
        assert SECRETS["slack"]["signing_secret"] not in answer.text
        assert "signing_secret" in answer.text


async def test_while_kafka_is_away_a_platform_is_told_to_send_again(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"kafka": "127.0.0.1:9"}))
    transport = httpx.ASGITransport(app)
    headers = {"authorization": f"Bearer {await key_of(settings, 'acme')}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://ingest", headers=headers) as client,
    ):
        door = Door(settings, client)
        path = await open_door(door, "telegram")
        request = SEND["telegram"](recorded("telegram")[0], int(time.time()))
        answer = await send(door, path, request)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_a_body_that_is_not_the_platforms_format_is_the_senders_fault(door: Door) -> None:
    path = await open_door(door, "telegram")
    headers = {"x-telegram-bot-api-secret-token": "t0ken"}
    assert (await send(door, path, Request(headers=headers, body=b"{"))).status_code == 400
    large = Request(headers=headers, body=b" " * (1024 * 1024 + 1))
    assert (await send(door, path, large)).status_code == 413


async def test_a_door_has_limits_and_its_platform_is_told_when_to_come_back(door: Door) -> None:
    hook = {"platform": "slack", "secrets": SECRETS["slack"], "limits": {"requests_per_second": 2}}
    answer = await door.client.put("/v1/sources/chat", json={"signed": False, "hook": hook})
    assert answer.json()["hook"]["limits"]["requests_per_second"] == 2
    path = answer.json()["hook"]["path"]
    other = await open_door(door, "slack", "another-chat")
    request = SEND["slack"](recorded("slack")[0], int(time.time()))
    answers = [await send(door, path, request) for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert (await send(door, other, request)).status_code == 200, "each door has its own"
