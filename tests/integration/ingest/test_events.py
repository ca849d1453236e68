from __future__ import annotations

import json
import time

import msgspec

from shared.events import Event, MessagePosted
from shared.signing import new_secret, signed_headers
from tests.integration.ingest.conftest import Door, MakeKey, posted


async def test_an_accepted_event_is_in_kafka_with_key_schema_and_trace(door: Door) -> None:
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = await door.client.post("/v1/events", json=posted("a"), headers={"traceparent": sent})
    assert (answer.status_code, answer.json()) == (202, {"id": "a", "status": "accepted"})
    (record,) = await door.records()
    assert record.key == b"acme/g1"
    headers = dict(record.headers)
    assert headers["schema"] == b"1"
    assert headers["traceparent"] == answer.headers["traceparent"].encode()
    event = msgspec.convert(record.value, Event)
    assert isinstance(event, MessagePosted)
    assert (event.tenant, event.text, event.time) == ("acme", "早上好", 1772326800000)


async def test_binary_mode_says_the_same_as_structured_mode(door: Door) -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "%E6%97%A9 1",
        "ce-source": "demo",
        "ce-type": "message.posted",
        "ce-time": "2026-03-01T09:00:00+08:00",
    }
    data = posted("x")["data"]
    assert (await door.client.post("/v1/events", json=data, headers=headers)).status_code == 202
    await door.client.post("/v1/events", json=posted("早 1", data=data))
    first, second = await door.records()
    assert first.value == second.value


async def test_the_good_items_of_a_batch_are_taken_and_the_others_explained(door: Door) -> None:
    good, bad = posted("a"), posted("b", data={"group": "g1", "member": "m1", "message": 7})
    unknown = posted("c", type="message.sung")
    answer = await door.client.post("/v1/events:batch", json=[good, bad, unknown, "text"])
    assert answer.status_code == 202
    summary = answer.json()
    assert (summary["accepted"], summary["rejected"]) == (1, 3)
    assert [item["status"] for item in summary["results"]] == ["accepted"] + ["rejected"] * 3
    assert [item["id"] for item in summary["results"]] == ["a", "b", "c", None]
    errors = [item["error"]["errors"][0]["pointer"] for item in summary["results"][1:]]
    assert errors == ["/1/data/message", "/2/type", "/3"]
    assert [record.value["id"] for record in await door.records()] == ["a"]


async def test_lines_of_json_are_a_batch_even_when_one_is_broken(door: Door) -> None:
    lines = [json.dumps(posted("a")), "", "{broken", json.dumps(posted("b"))]
    answer = await door.client.post(
        "/v1/events:batch",
        content="\r\n".join(lines),
        headers={"content-type": "application/x-ndjson"},
    )
    assert answer.status_code == 202
    assert [item["status"] for item in answer.json()["results"]] == [
        "accepted",
        "rejected",
        "accepted",
    ]
    assert answer.json()["results"][1]["error"]["status"] == 400


async def test_a_batch_without_a_good_item_is_a_problem_with_results(door: Door) -> None:
    answer = await door.client.post("/v1/events:batch", json=[{}, posted("")])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [item["status"] for item in answer.json()["results"]] == ["rejected", "rejected"]
    assert await door.records() == []


async def test_events_of_a_group_keep_their_order(door: Door) -> None:
    for start in (0, 500):
        items = [posted(str(number)) for number in range(start, start + 500)]
        assert (await door.client.post("/v1/events:batch", json=items)).status_code == 202
    assert [int(record.value["id"]) for record in await door.records()] == list(range(1000))


async def test_a_wrong_key_opens_nothing(door: Door) -> None:
    for value in ("", "Bearer", "Bearer sk_wrong", "Basic c2s6", "Bearer \xff"):
        headers = {b"authorization": value.encode("latin-1")}
        answer = await door.client.post("/v1/events", json=posted("a"), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await door.records() == []


async def test_events_belong_to_the_tenant_of_the_key(door: Door, make_key: MakeKey) -> None:
    headers = {"authorization": f"Bearer {await make_key('other')}"}
    event = posted("a", tenant="acme")
    assert (await door.client.post("/v1/events", json=event, headers=headers)).status_code == 202
    (record,) = await door.records()
    assert record.key == b"other/g1"


async def test_a_source_that_signs_is_taken_only_with_its_signature(door: Door) -> None:
    declared = await door.client.put("/v1/sources/demo", json={"signed": True})
    secret = declared.json()["secret"]
    again = await door.client.put("/v1/sources/demo", json={"signed": True})
    assert again.json()["secret"] is None, "a secret is shown once"

    async def send(secret: str | None, items: list[str]) -> int:
        body = json.dumps([posted(item) for item in items]).encode()
        headers = {"content-type": "application/json"}
        if secret is not None:
            headers |= signed_headers([secret], "msg_1", int(time.time()), body)
        answer = await door.client.post("/v1/events:batch", content=body, headers=headers)
        return answer.status_code

    assert await send(None, ["a"]) == 401
    assert await send(new_secret(), ["b"]) == 401
    assert await send(secret, ["c"]) == 202
    assert [record.value["id"] for record in await door.records()] == ["c"]


async def test_every_source_of_a_batch_must_be_covered_by_the_signature(door: Door) -> None:
    secrets = []
    for name in ("one", "two"):
        answer = await door.client.put(f"/v1/sources/{name}", json={"signed": True})
        secrets.append(answer.json()["secret"])
    body = json.dumps([posted("a", source="one"), posted("b", source="two")]).encode()

    async def send(by: list[str]) -> int:
        headers = signed_headers(by, "msg_1", int(time.time()), body)
        headers["content-type"] = "application/json"
        answer = await door.client.post("/v1/events:batch", content=body, headers=headers)
        return answer.status_code

    assert await send(secrets[:1]) == 401
    assert await send(secrets[1:]) == 401
    assert await send(secrets) == 202


async def test_after_a_rotation_both_secrets_count(door: Door) -> None:
    first = (await door.client.put("/v1/sources/demo", json={"signed": True})).json()["secret"]
    second = (await door.client.post("/v1/sources/demo:rotate")).json()["secret"]
    assert first != second
    for number, secret in enumerate((first, second)):
        body = json.dumps(posted(str(number))).encode()
        headers = signed_headers([secret], "msg_1", int(time.time()), body)
        headers["content-type"] = "application/json"
        answer = await door.client.post("/v1/events", content=body, headers=headers)
        assert answer.status_code == 202


async def test_sources_of_another_tenant_are_not_there(door: Door, make_key: MakeKey) -> None:
    await door.client.put("/v1/sources/https%3A%2F%2Fdemo%2Fchat", json={"signed": True})
    mine = await door.client.get("/v1/sources/https%3A%2F%2Fdemo%2Fchat")
    assert mine.json()["source"] == "https://demo/chat"
    assert mine.json()["secret"] is None
    headers = {"authorization": f"Bearer {await make_key('other')}"}
    for method in ("GET", "DELETE"):
        answer = await door.client.request(
            method, "/v1/sources/https%3A%2F%2Fdemo%2Fchat", headers=headers
        )
        assert answer.status_code == 404
    assert (await door.client.get("/v1/sources", headers=headers)).json()["items"] == []
    # The name does not have to be signed for by those who did not declare it.
    event = posted("a", source="https://demo/chat")
    assert (await door.client.post("/v1/events", json=event, headers=headers)).status_code == 202
    assert (await door.client.post("/v1/events", json=event)).status_code == 401


async def test_sources_are_listed_page_by_page(door: Door) -> None:
    for name in ("a", "b", "c"):
        await door.client.put(f"/v1/sources/{name}", json={"signed": False})
    first = (await door.client.get("/v1/sources?limit=2")).json()
    assert [item["source"] for item in first["items"]] == ["a", "b"]
    second = (await door.client.get(f"/v1/sources?limit=2&cursor={first['next']}")).json()
    assert [item["source"] for item in second["items"]] == ["c"]
    assert second["next"] is None
    assert (await door.client.delete("/v1/sources/a")).status_code == 204
    assert (await door.client.get("/v1/sources/a")).status_code == 404
