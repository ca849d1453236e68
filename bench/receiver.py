"""A receiver of webhooks for benchmarks: as quick as can be, but for one path."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final, cast

import httptools
import msgspec
import uvloop

SLOW_PATH: Final = "slow"
SLOW_SECONDS: Final = 4.0
_NO_CONTENT: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


class _Requests(asyncio.Protocol):
    """A receiver: answers 204, at once but for the slow path, and notes how old actions were."""

    def __init__(self, ages: dict[str, float]) -> None:
        self._ages = ages
        self._parser = httptools.HttpRequestParser(self)
        self._body = bytearray()
        self._slow = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one by name

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._slow = url.endswith(SLOW_PATH.encode())

    def on_body(self, body: bytes) -> None:
        self._body += body

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_NO_CONTENT)

    def on_message_complete(self) -> None:
        said = msgspec.json.decode(bytes(self._body))
        self._body.clear()
        if self._slow:
            loop = asyncio.get_running_loop()
            loop.call_later(SLOW_SECONDS, self._answer)
            return
        self._answer()
        self._ages.setdefault(said["id"], time.time() - said["details"]["sent"])


def _receive(listening: socket.socket, pipe: Connection) -> None:
    """Serve in a process of its own; on any message, tell and forget the ages so far."""
    ages: dict[str, float] = {}

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: _Requests(ages), sock=listening)
        while await asyncio.to_thread(pipe.recv):
            pipe.send(list(ages.values()))
            ages.clear()

    uvloop.run(serve())


class Receiver:
    """The receiver's process, as the benchmark sees it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def taken(self) -> list[float]:
        """Return the ages of what came since the last call."""
        self._pipe.send(True)
        ages: list[float] = self._pipe.recv()
        return ages

    async def wait(self, count: int) -> list[float]:
        """Return the ages of so many actions once they have come."""
        ages: list[float] = []
        async with asyncio.timeout(120):
            while len(ages) < count:
                await asyncio.sleep(0.02)
                ages += self.taken()
        return ages


@contextmanager
def receiver() -> Iterator[tuple[str, Receiver]]:
    """Run a receiver in a process of its own; yield its URL and the process."""
    ours, theirs = multiprocessing.Pipe()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("fork").Process(
            target=_receive, args=(listening, theirs), daemon=True
        )
        process.start()
        port = listening.getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", Receiver(ours)
    finally:
        process.kill()
        process.join()
