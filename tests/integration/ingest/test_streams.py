from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import zstandard

from services.ingest.body import MAX_BYTES_UNDER_WAY
from services.ingest.line_stream import GROUP_LINES, STREAM_BYTES
from tests.integration.ingest.conftest import Door, posted

LINES = {"content-type": "application/x-ndjson"}


def line(id: str, **changes: Any) -> bytes:
    return json.dumps(posted(id, **changes)).encode() + b"\n"


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(found) for found in answer.text.splitlines()]


@pytest.mark.parametrize("size", [7, 100, 65_536])
async def test_every_line_gets_its_result(door: Door, size: int) -> None:
    body = line("a") + b"\n" + b"nonsense\n" + line("b", type="unknown") + line("c")[:-1]
    answer = await door.client.post("/v1/events:stream", content=cut(body, size), headers=LINES)
    found = results(answer)
    assert [(each["index"], each["status"]) for each in found] == [
        (0, "accepted"),
        (1, "rejected"),
        (2, "rejected"),
        (3, "accepted"),
    ]
    assert [each["id"] for each in found] == ["a", None, "b", "c"]
    assert found[2]["error"]["errors"][0]["pointer"] == "/2/type"
    assert sorted(record.value["id"] for record in await door.records()) == ["a", "c"]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_long_stream_may_be_compressed(door: Door, encoding: str) -> None:
    count = 3 * GROUP_LINES + 1
    body = b"".join(line(f"e{number}") for number in range(count))
    encode = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}[encoding]
    headers = {**LINES, "content-encoding": encoding}
    encoded = cut(encode(body), 1000)
    answer = await door.client.post("/v1/events:stream", content=encoded, headers=headers)
    assert [each["index"] for each in results(answer)] == list(range(count))
    assert len(await door.records()) == count


async def test_a_stream_that_breaks_off_says_so(door: Door) -> None:
    encoded = gzip.compress(b"".join(line(f"e{number}") for number in range(2000)))
    answer = await door.client.post(
        "/v1/events:stream",
        content=cut(encoded[:-9], 500),
        headers={**LINES, "content-encoding": "gzip"},
    )
    *found, end = results(answer)
    assert (end["status"], end["error"]["status"]) == ("ended", 400)
    assert {each["status"] for each in found} == {"accepted"}


async def test_a_line_that_is_too_long_is_rejected_and_the_next_is_not(door: Door) -> None:
    body = line("a", more="x" * 200_000) + line("b")
    answer = await door.client.post("/v1/events:stream", content=cut(body, 9000), headers=LINES)
    first, second = results(answer)
    assert (first["status"], first["error"]["status"]) == ("rejected", 413)
    assert second == {"index": 1, "id": "b", "status": "accepted"}


async def test_events_of_sources_that_sign_are_not_streamed(door: Door) -> None:
    await door.client.put("/v1/sources/signing", json={"signed": True})
    body = line("a", source="signing") + line("b")
    answer = await door.client.post("/v1/events:stream", content=body, headers=LINES)
    first, second = results(answer)
    assert (first["status"], first["error"]["status"]) == ("rejected", 401)
    assert second["status"] == "accepted"


async def test_a_tenant_has_no_more_streams_than_its_share(door: Door) -> None:
    release = asyncio.Event()
    read = asyncio.Semaphore(0)

    async def waiting() -> AsyncIterator[bytes]:
        read.release()
        yield line("a")
        await release.wait()

    async def stream() -> int:
        answer = await door.client.post("/v1/events:stream", content=waiting(), headers=LINES)
        return answer.status_code

    most = MAX_BYTES_UNDER_WAY // 2 // STREAM_BYTES
    streams = [asyncio.create_task(stream()) for _ in range(most)]
    async with asyncio.timeout(60):
        for _ in range(most):  # each of them is read from once it has its share
            await read.acquire()
    refused = await door.client.post("/v1/events:stream", content=line("b"), headers=LINES)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    release.set()
    assert await asyncio.gather(*streams) == [200] * most


@pytest.mark.parametrize(
    ("path", "body", "headers", "expected"),
    [
        ("/v1/events", line("a"), {"content-type": "application/json"}, "valid"),
        ("/v1/events:batch", line("a"), LINES, "valid"),
        ("/v1/events:stream", line("a"), LINES, "valid"),
    ],
)
async def test_a_dry_run_publishes_nothing(
    door: Door, path: str, body: bytes, headers: dict[str, str], expected: str
) -> None:
    answer = await door.client.post(f"{path}?dry_run=true", content=body, headers=headers)
    assert answer.status_code == 200
    assert f'"status":"{expected}"' in answer.text
    assert await door.records() == []


async def test_a_dry_run_of_a_batch_counts_what_would_be_taken(door: Door) -> None:
    batch = [posted("a"), {}, posted("b")]
    answer = await door.client.post("/v1/events:batch?dry_run=true", json=batch)
    found = answer.json()
    assert (found["accepted"], found["valid"], found["rejected"]) == (0, 2, 1)


async def test_a_dry_run_refuses_what_would_be_refused(door: Door) -> None:
    bad = await door.client.post("/v1/events?dry_run=true", json=posted("a", type="no"))
    assert bad.status_code == 422
    await door.client.put("/v1/sources/signing", json={"signed": True})
    unsigned = await door.client.post("/v1/events?dry_run=true", json=posted("a", source="signing"))
    assert unsigned.status_code == 401
    unclear = await door.client.post("/v1/events?dry_run=perhaps", json=posted("a"))
    assert unclear.status_code == 422
    assert unclear.json()["errors"][0]["field"] == "dry_run"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("path", ["/v1/events", "/v1/events:batch"])
async def test_bodies_may_be_compressed(door: Door, path: str, encoding: str) -> None:
    event = posted("a") if path == "/v1/events" else [posted("a")]
    encode = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}[encoding]
    headers = {"content-type": "application/json", "content-encoding": encoding}
    body = encode(json.dumps(event).encode())
    answer = await door.client.post(path, content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    bomb = encode(b" " * 100_000_000)
    refused = await door.client.post(path, content=bomb, headers=headers)
    assert refused.status_code == 413
    other = await door.client.post(
        path, content=b"x", headers={**headers, "content-encoding": "br"}
    )
    assert (other.status_code, other.headers["accept-encoding"]) == (415, "gzip, zstd, identity")


async def test_json_may_be_nested_but_not_without_end(door: Door) -> None:
    headers = {"content-type": "application/json"}

    async def send(depth: int) -> int:
        event = json.dumps(posted("a"))[:-1] + ', "more": ' + "[" * depth + "]" * depth + "}"
        return (await door.client.post("/v1/events", content=event, headers=headers)).status_code

    assert await send(50) == 202
    assert await send(5_000) == 400
