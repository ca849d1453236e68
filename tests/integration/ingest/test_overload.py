from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from services.ingest.body import MAX_BYTES_UNDER_WAY, SILENCE_SECONDS
from services.ingest.receive import MAX_BATCH_BYTES
from shared.settings import Settings
from steward.stack.ports import LOOPBACK, free_ports
from tests.integration.ingest.conftest import key_of, posted

MEBI = 1024 * 1024
SHARE = MAX_BYTES_UNDER_WAY // 2 // MAX_BATCH_BYTES
"""Largest batches that one tenant may have under way while nobody else sends."""


@dataclass(frozen=True)
class Server:
    port: int
    process: psutil.Process
    key: str
    other_key: str


class Slow:
    """A client that sends as much of a batch as it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def begin(self, key: str, length: int) -> None:
        head = (
            f"POST /v1/events:batch HTTP/1.1\r\nhost: ingest\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
        self.writer.write(head.encode())
        await self.writer.drain()

    async def send(self, body: bytes) -> None:
        self.writer.write(body)
        await self.writer.drain()

    async def answer(self, seconds: float = 60) -> tuple[int, dict[str, str]]:
        async with asyncio.timeout(seconds):
            status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        return int(status.split()[1]), headers


@asynccontextmanager
async def client(server: Server) -> AsyncIterator[Slow]:
    reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
    try:
        yield Slow(reader, writer)
    finally:
        writer.close()


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    [port] = free_ports(1)
    environment = {
        "STEWARD_KAFKA": settings.kafka,
        "STEWARD_MONGO": settings.mongo.get_secret_value(),
        "STEWARD_DATABASE": settings.database,
        "STEWARD_NAMESPACE": settings.namespace,
        "STEWARD_PORT": str(port),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.ingest"),
        env=os.environ | environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    keys = [await key_of(settings, tenant) for tenant in ("acme", "other")]
    try:
        made = Server(port, psutil.Process(child.pid), *keys)
        await ready(made)
        yield made
    finally:
        child.kill()
        await child.wait()


async def ready(server: Server) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with client(server) as asking:
                    await asking.send(b"GET /readyz HTTP/1.1\r\nhost: ingest\r\n\r\n")
                    if (await asking.answer())[0] == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.1)


async def post(server: Server, key: str, body: Any) -> int:
    encoded = json.dumps(body).encode()
    async with client(server) as sending:
        await sending.begin(key, len(encoded))
        await sending.send(encoded)
        return (await sending.answer())[0]


@pytest.mark.timeout(180)
async def test_one_tenant_cannot_fill_the_memory_or_shut_out_another(server: Server) -> None:
    assert await post(server, server.key, [posted("warm")]) == 202
    before = server.process.memory_info().rss
    almost = b" " * (MAX_BATCH_BYTES - MEBI)
    async with AsyncExitStack() as open_clients:
        flood = [await open_clients.enter_async_context(client(server)) for _ in range(40)]
        for each in flood:
            await each.begin(server.key, MAX_BATCH_BYTES)
        await asyncio.sleep(1)
        for each in flood[:SHARE]:
            await each.send(almost)
        for refused in flood[SHARE:]:
            status, headers = await refused.answer()
            assert (status, headers["retry-after"]) == (503, "1")
        assert await post(server, server.other_key, [posted("b")]) == 202
        grown = server.process.memory_info().rss - before
        assert grown < MAX_BYTES_UNDER_WAY, f"{grown / MEBI:.0f} MiB"
        rest = json.dumps([posted("late")]).encode().rjust(MEBI)
        for each in flood[:SHARE]:
            await each.send(rest)
            assert (await each.answer())[0] == 202
    assert await post(server, server.key, [posted("again")]) == 202


@pytest.mark.timeout(120)
async def test_a_client_that_does_not_go_on_is_told_so_and_cut_off(server: Server) -> None:
    async with client(server) as slow:
        await slow.begin(server.key, 1000)
        await slow.send(b"[")
        status, headers = await slow.answer(SILENCE_SECONDS + 15)
        assert (status, headers["connection"]) == (408, "close")
        await slow.reader.read()
        assert slow.reader.at_eof()
