"""The sender against real HTTP servers that behave badly."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from services.notify.attempts import Failure, Result
from services.notify.client.answers import MOST_KEPT
from services.notify.deliveries import Attempt, TrackedDelivery, delivery_to
from services.notify.endpoints import Endpoint
from services.notify.exchange import Exchange
from services.notify.guard import Guard
from services.notify.sender import Sender
from shared.events import EndpointId, Millis
from shared.signing import new_secret
from tests.integration.notify.harness import (
    TENANT,
    Received,
    Receiver,
    action_of,
    answers,
    receiving,
)

LOCAL = Guard(allowed=(ip_network("127.0.0.0/8"),))


class Known:
    """The one endpoint that there is."""

    def __init__(self, url: str, **fields: Any) -> None:
        given: dict[str, Any] = {"timeout_seconds": 30.0, "enabled": True, **fields}
        self._endpoint = Endpoint(
            id=EndpointId("ep_1"),
            tenant=TENANT,
            url=url,
            secrets=[new_secret()],
            kinds=["*"],
            groups=[],
            labels=[],
            description="",
            enabled_at=Millis(0),
            created_at=Millis(0),
            **given,
        )

    async def find(self, id: EndpointId) -> Endpoint | None:
        return self._endpoint if id == self._endpoint.id else None


def attempt(to: str = "ep_1", trace: str = "") -> Attempt:
    delivery = delivery_to(EndpointId(to), action_of(1), trace)
    return Attempt(delivery.id, TrackedDelivery.accept(delivery, delivery.time))


async def send(
    known: Known,
    task: Attempt | None = None,
    guard: Guard = LOCAL,
    resolver: AbstractResolver | None = None,
) -> Result:
    exchange = Exchange(guard, resolver)
    await exchange.start()
    try:
        return await Sender(exchange, known).perform(task or attempt())
    finally:
        await exchange.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def test_a_long_answer_is_cut_and_not_read_to_its_end(receiver: Receiver) -> None:
    async def endless(_: Received) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    receiver.answers["/"] = endless
    result = await send(Known(receiver.url))
    assert result.status == 200
    assert result.body == "x" * MOST_KEPT


async def test_a_packed_answer_is_not_unpacked(receiver: Receiver) -> None:
    async def bomb(_: Received) -> web.Response:
        packed = gzip.compress(b"\0" * 20_000_000)
        return web.Response(body=packed, headers={"content-encoding": "gzip"})

    receiver.answers["/"] = bomb
    result = await send(Known(receiver.url))
    assert result.status == 200
    assert len(result.body) <= MOST_KEPT


async def test_an_answer_that_drips_ends_with_the_timeout() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(50):
            writer.write(b"x")
            await asyncio.sleep(0.1)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await send(Known(f"http://127.0.0.1:{port}/", timeout_seconds=1.0))
    assert result.failure is Failure.TIMEOUT
    assert 900 <= result.milliseconds < 3_000
    server.close()


async def test_what_is_not_http_is_a_failure() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert (await send(Known(f"http://127.0.0.1:{port}/"))).failure is Failure.PROTOCOL
    assert (await send(Known(f"https://127.0.0.1:{port}/"))).failure is Failure.TLS
    server.close()


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answers["/"] = answers(307, location="/inside")
    result = await send(Known(receiver.url))
    assert result.status == 307
    assert [each.path for each in receiver.received] == ["/"]


async def test_a_cancelled_attempt_has_a_result(receiver: Receiver) -> None:
    async def hang(_: Received) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    receiver.answers["/"] = hang
    task = asyncio.create_task(send(Known(receiver.url)))
    await receiver.wait(1)
    task.cancel()
    assert (await task).failure is Failure.INTERRUPTED


async def test_an_endpoint_that_is_off_or_gone_is_not_called(receiver: Receiver) -> None:
    off = await send(Known(receiver.url, enabled=False))
    gone = await send(Known(receiver.url), attempt(to="ep_2"))
    assert (off.failure, gone.failure) == (Failure.ENDPOINT_DISABLED, Failure.ENDPOINT_REMOVED)
    assert receiver.received == []


async def test_a_broken_trace_injects_no_header(receiver: Receiver) -> None:
    result = await send(Known(receiver.url), attempt(trace="00-a\r\nx-evil: 1"))
    assert result.failure is not None
    assert receiver.received == []


class Names(AbstractResolver):
    """Resolves every name to these addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in self._addresses
        ]

    async def close(self) -> None:
        self._addresses = ()


@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("::1",), ("::ffff:127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("10.0.0.1",)],
)
async def test_a_name_that_leads_inward_is_not_connected_to(
    receiver: Receiver, addresses: tuple[str, ...]
) -> None:
    port = receiver.url.rpartition(":")[2]
    known = Known(f"http://hooks.example.com:{port}/")
    result = await send(known, guard=Guard(), resolver=Names(*addresses))
    assert result.failure is Failure.ADDRESS_REFUSED
    assert receiver.received == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"]
)
async def test_an_inner_address_in_a_url_is_not_connected_to(receiver: Receiver, host: str) -> None:
    port = receiver.url.rpartition(":")[2]
    result = await send(Known(f"http://{host}:{port}/"), guard=Guard())
    assert result.failure is Failure.ADDRESS_REFUSED
    assert receiver.received == []


async def test_a_permitted_name_is_connected_to(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    known = Known(f"http://hooks.example.com:{port}/")
    assert (await send(known, resolver=Names("127.0.0.1"))).status == 204
    assert receiver.received[0].headers["host"] == f"hooks.example.com:{port}"
