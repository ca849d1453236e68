"""Deliveries through an egress proxy: to vetted addresses only, and its faults are its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest

from services.notify.attempts import NOT_THE_ENDPOINTS_FAULT, Failure, Result
from services.notify.exchange import Exchange
from services.notify.guard import Guard
from services.notify.sender import Sender
from tests.integration.notify.test_sender import Known, Names, attempt

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
OPEN = Guard(allowed=(ip_network("192.0.2.0/24"),))


class Proxy:
    """Answers every request itself, and keeps its head."""

    def __init__(self, answer: bytes) -> None:
        self.heads: list[str] = []
        self.url = ""
        self._answer = answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(self._answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def proxying(answer: bytes = TAKEN) -> AsyncIterator[Proxy]:
    proxy = Proxy(answer)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()


async def send(proxy: str, url: str, guard: Guard = OPEN, address: str = "192.0.2.7") -> Result:
    exchange = Exchange(guard, Names(address), proxy)
    await exchange.start()
    try:
        return await Sender(exchange, Known(url)).perform(attempt())
    finally:
        await exchange.stop()


async def test_the_proxy_is_asked_for_the_vetted_address_under_the_receivers_name() -> None:
    async with proxying() as proxy:
        result = await send(proxy.url, "http://hooks.example.com:8080/in?a=1")
        assert result.status == 204
        [head] = proxy.heads
    assert head.startswith("post http://192.0.2.7:8080/in?a=1 http/1.1\r\n")
    assert "\r\nhost: hooks.example.com:8080\r\n" in head


async def test_a_tunnel_is_asked_for_the_vetted_address_too() -> None:
    async with proxying(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n") as proxy:
        result = await send(proxy.url, "https://hooks.example.com/")
        [head] = proxy.heads
    assert head.startswith("connect 192.0.2.7:443 ")
    assert result.failure is Failure.PROXY


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
async def test_a_name_that_leads_inward_does_not_reach_the_proxy(address: str) -> None:
    async with proxying() as proxy:
        for scheme in ("http", "https"):
            result = await send(proxy.url, f"{scheme}://hooks.example.com/", Guard(), address)
            assert result.failure is Failure.ADDRESS_REFUSED
        assert proxy.heads == []


async def test_an_inner_address_or_a_closed_port_in_a_url_does_not_reach_the_proxy() -> None:
    async with proxying() as proxy:
        for url in ("http://127.0.0.1/", "http://[::1]/", "http://hooks.example.com:22/"):
            result = await send(proxy.url, url, Guard(), "127.0.0.1")
            assert result.failure is Failure.ADDRESS_REFUSED, url
        assert proxy.heads == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        (
            b"HTTP/1.1 502 Bad Gateway\r\nproxy-status: p; error=dns_timeout\r\n"
            b"content-length: 0\r\n\r\n"
        ),
    ],
)
async def test_what_the_proxy_gets_wrong_is_not_counted_against_the_endpoint(
    answer: bytes,
) -> None:
    async with proxying(answer) as proxy:
        result = await send(proxy.url, "http://hooks.example.com/")
    assert result.failure is Failure.PROXY
    assert result.failure in NOT_THE_ENDPOINTS_FAULT


async def test_a_proxy_that_is_away_is_a_failure_of_its_own() -> None:
    async with proxying() as proxy:
        url = proxy.url
    result = await send(url, "http://hooks.example.com/")
    assert result.failure is Failure.PROXY


async def test_an_error_that_the_receiver_sent_through_the_proxy_is_the_receivers() -> None:
    async with proxying(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n") as proxy:
        result = await send(proxy.url, "http://hooks.example.com/")
    assert (result.status, result.failure) == (502, None)
