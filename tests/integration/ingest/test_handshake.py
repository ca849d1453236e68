from __future__ import annotations

import json

import httpx
import pytest
from jsonschema import Draft202012Validator

from shared.events import EVENT_TYPES, TenantId
from shared.mongo import connect
from shared.web.keys import ApiKeys, Limits
from tests.integration.ingest.conftest import Door, MakeKey, posted

PATHS = ["/v1/events", "/v1/events:batch", "/v1/events:stream"]


async def ask(door: Door, origin: str, path: str = PATHS[0], **headers: str) -> httpx.Response:
    asked = {"webhook-request-origin": origin, **headers}
    return await door.client.options(path, headers=asked)


@pytest.mark.parametrize("path", PATHS)
async def test_an_origin_that_a_source_lists_may_deliver(door: Door, path: str) -> None:
    source = {"origins": ["Events.example.com"]}
    assert (await door.client.put("/v1/sources/demo", json=source)).json()["origins"] == [
        "events.example.com"
    ]
    answer = await ask(door, "events.Example.com", path, **{"webhook-request-rate": "120"})
    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "events.Example.com"
    assert answer.headers["webhook-allowed-rate"] == "*"
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "origin", ["example.com", "sub.events.example.com", "events.example.com.evil.org", "*", "."]
)
async def test_no_other_origin_may(door: Door, origin: str) -> None:
    await door.client.put("/v1/sources/demo", json={"origins": ["events.example.com"]})
    answer = await ask(door, origin)
    assert answer.status_code == 403
    assert "webhook-allowed-origin" not in answer.headers
    assert "webhook-allowed-rate" not in answer.headers


async def test_what_one_tenant_lists_counts_for_no_other(door: Door, make_key: MakeKey) -> None:
    await door.client.put("/v1/sources/demo", json={"origins": ["events.example.com"]})
    other = {"authorization": f"Bearer {await make_key('other')}"}
    assert (await ask(door, "events.example.com", **other)).status_code == 403
    nobody = await ask(door, "events.example.com", authorization="Bearer sk_wrong")
    assert nobody.status_code == 401


async def test_the_allowed_rate_is_the_keys(door: Door) -> None:
    await door.client.put("/v1/sources/demo", json={"origins": ["events.example.com"]})
    async with connect(door.settings) as mongo:
        keys = ApiKeys(mongo[door.settings.database])
        secret, _ = await keys.create(TenantId("acme"), limits=Limits(requests_per_second=2))
    limited = {"authorization": f"Bearer {secret}"}
    answer = await ask(door, "events.example.com", **limited)
    assert answer.headers["webhook-allowed-rate"] == "120"
    sent = [
        await door.client.post("/v1/events", json=posted("a"), headers=limited) for _ in range(4)
    ]
    statuses = [each.status_code for each in sent]
    assert statuses[:2] == [202, 202]
    assert 429 in statuses
    assert int(sent[statuses.index(429)].headers["retry-after"]) > 0


async def test_a_handshake_without_an_origin_is_refused(door: Door) -> None:
    assert (await door.client.options("/v1/events")).status_code == 422
    too_slow = await ask(door, "a.example.com", **{"webhook-request-rate": "0"})
    assert too_slow.status_code == 422


async def test_every_event_type_shows_its_schema(door: Door) -> None:
    listed = (await door.client.get("/v1/schemas")).json()["items"]
    assert [each["type"] for each in listed] == list(EVENT_TYPES)
    for each in listed:
        answer = await door.client.get(each["path"])
        assert answer.headers["content-type"] == "application/schema+json"
        Draft202012Validator.check_schema(answer.json())
        assert answer.json()["title"] == each["type"]
    assert (await door.client.get("/v1/schemas/no.such")).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_the_key_may_stand_in_the_address(door: Door, path: str) -> None:
    key = door.client.headers.pop("authorization").removeprefix("Bearer ")
    types = {"content-type": "application/json" if path == PATHS[0] else "application/x-ndjson"}
    event = json.dumps(posted("a"))
    statuses = []
    for query in ({"access_token": key}, {"access_token": key + "x"}, {"access_token": ""}, {}):
        answer = await door.client.post(path, params=query, content=event, headers=types)
        statuses.append(answer.status_code)
    assert statuses == [200 if path == PATHS[2] else 202, 401, 401, 401]
