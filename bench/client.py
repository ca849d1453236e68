"""An HTTP client that costs next to nothing, so that a bench measures the server.

A full client takes as much of the machine as a fast server does: two servers
of unlike speed then seem alike, as both wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httptools

CONNECT_SECONDS: Final = 10


class UnexpectedAnswerError(Exception):
    """The server answered otherwise than it should."""


async def post_all(
    url: str, bodies: Iterable[bytes], headers: Mapping[str, str], connections: int, status: int
) -> None:
    """POST every body, over so many connections with one request each under way.

    Raises `UnexpectedAnswerError` for an answer with another status, or for none.
    """
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode()
    waiting = iter([b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(b), b) for b in bodies])
    loop = asyncio.get_running_loop()
    clients: list[_Connection] = []
    for _ in range(connections):
        async with asyncio.timeout(CONNECT_SECONDS):
            _, client = await loop.create_connection(
                lambda: _Connection(waiting, status), parts.hostname, parts.port
            )
        clients.append(client)
    try:
        await asyncio.gather(*(client.start() for client in clients))
    finally:
        for client in clients:
            client.close()


class _Connection(asyncio.Protocol):
    """Sends the next request when the last was answered, until none is left."""

    def __init__(self, waiting: Any, status: int) -> None:  # noqa: ANN401
        self._waiting = waiting
        self._status = status
        self._parser = httptools.HttpResponseParser(self)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def start(self) -> asyncio.Future[None]:
        """Send the first request; what is returned ends with the last answer."""
        self._next()
        return self._ended

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if (status := self._parser.get_status_code()) != self._status:
            self._fail(f"status {status}")
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was closed: {exc}")

    def _next(self) -> None:
        request = next(self._waiting, None)
        if request is not None:
            assert self._transport is not None
            self._transport.write(request)
        elif not self._ended.done():
            self._ended.set_result(None)

    def _fail(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_exception(UnexpectedAnswerError(reason))
