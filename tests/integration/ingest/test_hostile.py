from __future__ import annotations

import json

import pytest

from tests.integration.ingest.conftest import Door, posted

BODIES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b"[[]]",
    b"[null, 1, {}]",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'[{"id": "\\ud800"}]',
    b'{"specversion": "1.0", "type": ["message.posted"]}',
    b'{"specversion": 1e999}',
    b"9" * 10_000,
    json.dumps([posted("\x00")]).encode(),
    json.dumps(posted("a", time="0001-01-01T00:00:00+23:59")).encode(),
    json.dumps(posted("a", time="9999-12-31T23:59:59-23:59")).encode(),
    b"\n" * 5000,
]
TYPES = [
    "",
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/x-ndjson",
    "application/json; charset=latin-1",
    "multipart/form-data",
    ";;;",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/events:batch"])
async def test_hostile_bodies_are_refused_with_a_problem(
    door: Door, path: str, content_type: str
) -> None:
    for body in BODIES:
        for more in ({}, {"ce-specversion": "1.0", "ce-id": "%zz%FF", "ce-type": "%00"}):
            headers = {"content-type": content_type, **more}
            answer = await door.client.post(path, content=body, headers=headers)
            assert answer.status_code in (400, 413, 415, 422), (body[:40], answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    assert await door.records() == []


async def test_what_is_too_large_is_refused(door: Door) -> None:
    lines = {"content-type": "application/x-ndjson"}
    too_large = await door.client.post("/v1/events", json=posted("a", more="x" * 1024 * 1024))
    assert too_large.status_code == 413
    one = await door.client.post("/v1/events", json=posted("a", more="x" * 64 * 1024))
    assert (one.status_code, one.json()["title"]) == (413, "Event too large")
    long = await door.client.post("/v1/events:batch", content=b"{}\n" * 1001, headers=lines)
    assert (long.status_code, long.json()["title"]) == (413, "Batch too long")
    batch = [posted("a"), posted("b", more="x" * 64 * 1024)]
    mixed = await door.client.post("/v1/events:batch", json=batch)
    assert mixed.status_code == 202
    assert mixed.json()["results"][1]["error"]["status"] == 413
