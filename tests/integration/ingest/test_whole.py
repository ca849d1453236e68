"""Requests that come in one piece are answered past ASGI: nobody may see a difference."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import pytest

from services.ingest.app import create_app
from services.ingest.producer import ACKNOWLEDGE_SECONDS
from services.ingest.whole import WholeEvent
from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web import wire
from shared.web.keys import ApiKeys, Limits
from shared.web.serve import server
from shared.web.wire import Whole
from steward.migrate import migrate
from steward.stack import LocalStack
from tests.integration.conftest import settings_for
from tests.integration.ingest.conftest import key_of

GOOD = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "s",
    "type": "message.posted",
    "time": "2026-03-01T09:00:00Z",
    "data": {"group": "g", "member": "m", "message": "e-1", "text": "大家早上好"},
}
Headers = dict[str, str]


@dataclass
class Answer:
    status: int
    headers: Headers
    body: Any


class Connection:
    """A client that decides in how many pieces its requests come."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key

    async def __aenter__(self) -> Connection:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    def request(self, body: bytes, **headers: str) -> bytes:
        own = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = {"host": "ingest", "content-length": str(len(body)), **own, **named}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return b"POST /v1/events HTTP/1.1\r\n" + head.encode() + b"\r\n" + body

    async def send(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0.05)

    async def answer(self) -> Answer:
        async with asyncio.timeout(60):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self._reader.readexactly(int(headers["content-length"]))
        return Answer(int(head[0].split()[1]), headers, json.loads(body))


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[int]:
    """Run ingest on a socket; give its port."""
    serving = server(create_app(settings), settings, 0)
    task = asyncio.create_task(serving.serve())
    await _until(lambda: asyncio.sleep(0, serving.started))
    port = serving.servers[0].sockets[0].getsockname()[1]
    try:
        await _until(lambda: _is_ready(port))
        yield port
    finally:
        serving.should_exit = True
        await task


async def _until(reached: Callable[[], Awaitable[bool]]) -> None:
    deadline = monotonic() + 90
    while not await reached():
        assert monotonic() < deadline
        await asyncio.sleep(0.05)


async def _is_ready(port: int) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /readyz HTTP/1.1\r\nhost: ingest\r\nconnection: close\r\n\r\n")
    status = (await reader.readline()).split()[1]
    writer.close()
    return status == b"200"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each request that came whole, whether it was answered past ASGI."""
    seen: list[bool] = []
    take = WholeEvent.take

    def watched(endpoint: WholeEvent, request: Whole) -> bool:
        seen.append(True)
        seen[-1] = take(endpoint, request)
        return seen[-1]

    monkeypatch.setattr(WholeEvent, "take", watched)
    return seen


async def both_ways(line: Connection, body: bytes, **headers: str) -> tuple[Answer, Answer]:
    request = line.request(body, **headers)
    await line.send([request])
    whole = await line.answer()
    await line.send([request[:-1], request[-1:]])
    return whole, await line.answer()


def comparable(answer: Answer) -> Answer:
    own = ("traceparent", "x-request-id", "date", "content-length", "ratelimit", "retry-after")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    body = {name: value for name, value in answer.body.items() if name != "trace_id"}
    return Answer(answer.status, headers, body)


BODIES: dict[str, tuple[bytes, Headers]] = {
    "one that fits": (json.dumps(GOOD).encode(), {}),
    "a cloudevents type": (
        json.dumps(GOOD).encode(),
        {"content_type": "application/cloudevents+json; charset=utf-8"},
    ),
    "no json": (b"{", {}),
    "nothing": (b"", {}),
    "an unknown type": (json.dumps({**GOOD, "type": "x"}).encode(), {}),
    "a missing member": (json.dumps({**GOOD, "data": {"group": "g"}}).encode(), {}),
    "a control character": (json.dumps({**GOOD, "source": "a\x1fb"}).encode(), {}),
    "a time of long ago": (json.dumps({**GOOD, "time": "1999-01-01T00:00:00Z"}).encode(), {}),
    "too much text": (json.dumps({**GOOD, "data": {"text": "x" * 70_000}}).encode(), {}),
    "text": (b"hello", {"content_type": "text/plain"}),
    "binary mode": (
        json.dumps(GOOD["data"]).encode(),
        {"ce_specversion": "1.0", "ce_id": "b", "ce_source": "s", "ce_type": "message.posted"},
    ),
    "an unknown key": (json.dumps(GOOD).encode(), {"authorization": "Bearer sk_x"}),
    "no key": (json.dumps(GOOD).encode(), {"authorization": ""}),
    "another encoding": (json.dumps(GOOD).encode(), {"content_encoding": "br"}),
}


async def test_in_one_piece_or_in_two_a_request_gets_the_same_answer(
    settings: Settings, taken: list[bool]
) -> None:
    async with serving(settings) as port, Connection(port, await key_of(settings, "acme")) as line:
        for name, (body, headers) in BODIES.items():
            whole, pieces = await both_ways(line, body, **headers)
            assert comparable(whole) == comparable(pieces), name
    assert taken.count(True) >= 7, "the way past ASGI was hardly gone"


async def test_trace_and_request_id_of_the_sender_come_back(
    settings: Settings, taken: list[bool]
) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"traceparent": traceparent, "x_request_id": "mine.1"}
    async with serving(settings) as port, Connection(port, await key_of(settings, "acme")) as line:
        for _ in range(2):
            whole, _ = await both_ways(line, json.dumps(GOOD).encode(), **headers)
            assert whole.headers["x-request-id"] == "mine.1"
            assert whole.headers["traceparent"].split("-")[1] == traceparent.split("-")[1]
    assert True in taken


async def test_pipelined_requests_are_answered_in_their_order(
    settings: Settings, taken: list[bool]
) -> None:
    async with serving(settings) as port, Connection(port, await key_of(settings, "acme")) as line:
        await both_ways(line, json.dumps(GOOD).encode())
        bodies = [json.dumps({**GOOD, "id": f"p{number}"}).encode() for number in range(20)]
        bodies.insert(3, b"not json")
        await line.send([b"".join(map(line.request, bodies))])
        answers = [await line.answer() for _ in bodies]
    assert answers.pop(3).status == 400
    assert [answer.body["id"] for answer in answers] == [f"p{number}" for number in range(20)]
    assert True in taken


async def test_a_key_over_its_quota_is_refused_and_told_when_to_come_back(
    settings: Settings, taken: list[bool]
) -> None:
    async with connect(settings) as client:
        keys = ApiKeys(client[settings.database])
        key, _ = await keys.create(TenantId("acme"), limits=Limits(requests_per_second=3))
    async with serving(settings) as port, Connection(port, key) as line:
        request = line.request(json.dumps(GOOD).encode())
        answers = []
        for _ in range(12):
            await line.send([request])
            answers.append(await line.answer())
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert {answer.status for answer in answers} == {202, 429}
    assert all("ratelimit" in answer.headers for answer in answers)
    assert True in taken


async def test_a_trusted_proxy_tells_the_address_and_nobody_else(settings: Settings) -> None:
    for trusted, address in (("127.0.0.0/8", "192.0.2.7"), ("", "127.0.0.1")):
        own = settings.model_copy(update={"trusted_proxies": trusted})
        async with serving(own) as port, Connection(port, await key_of(own, "acme")) as line:
            body = json.dumps(GOOD).encode()
            for _ in range(2):
                await both_ways(line, body, x_forwarded_for="203.0.113.9, 192.0.2.7")
        async with connect(own) as client:
            last = await client[own.database]["api_keys"].find_one(sort=[("created_at", -1)])
        assert last is not None
        assert last["last_used_from"] == address


async def raw(port: int, *pieces: bytes) -> bytes:
    """Return all that a connection answers to pieces until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_head_that_does_not_end_is_cut_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = b"POST /v1/events HTTP/1.1\r\nhost: ingest\r\n"
    async with serving(settings) as port:
        more = [b"x-%d: %b\r\n" % (number, b"y" * 16_000) for number in range(5)]
        assert (await raw(port, begun, *more)).startswith(b"HTTP/1.1 431 ")
        monkeypatch.setattr(wire, "HEAD_SECONDS", 0.5)
        assert await raw(port) == b"", "nothing came, nothing is said"
        assert (await raw(port, begun)).startswith(b"HTTP/1.1 408 ")
        async with Connection(port, await key_of(settings, "acme")) as line:
            whole, _ = await both_ways(line, json.dumps(GOOD).encode())
            await asyncio.sleep(0.8)
            again, _ = await both_ways(line, json.dumps(GOOD).encode())
    assert (whole.status, again.status) == (202, 202), "a head that came starts no clock"


async def test_while_kafka_stands_still_requests_are_refused_in_time_and_taken_afterwards(
    own_stack: LocalStack, taken: list[bool]
) -> None:
    settings = settings_for(own_stack.addresses)
    await migrate(settings)
    async with serving(settings) as port, Connection(port, await key_of(settings, "acme")) as line:
        await both_ways(line, json.dumps(GOOD).encode())
        request = line.request(json.dumps({**GOOD, "id": "late"}).encode())
        assert own_stack.kafka is not None
        kafka = own_stack.kafka.child.pid
        assert kafka is not None
        os.killpg(kafka, signal.SIGSTOP)
        try:
            started = monotonic()
            await line.send([request])
            refused = await line.answer()
            waited = monotonic() - started
        finally:
            os.killpg(kafka, signal.SIGCONT)
        assert (refused.status, "retry-after" in refused.headers) == (503, True)
        assert waited < ACKNOWLEDGE_SECONDS + 2
        statuses = []
        while 202 not in statuses:
            await line.send([request])
            statuses.append((await line.answer()).status)
            assert len(statuses) < 200
            await asyncio.sleep(0.1)
    assert set(statuses) <= {202, 503}
    assert True in taken
