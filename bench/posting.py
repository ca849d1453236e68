"""A client that posts as cheaply as can be, so that the server is what is measured.

A client library takes as much of a core for a request as the server does: on
two cores, with Kafka beside it, both servers looked alike because both waited
for their client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, cast

import httptools

ACCEPTED: Final = 202


class UnexpectedAnswerError(Exception):
    """The server did not accept a request."""


class _Connection(asyncio.Protocol):
    """Posts one body after the other from a shared supply; `ended` tells when it is used up."""

    def __init__(self, head: bytes, supply: list[bytes]) -> None:
        self._head, self._supply = head, supply
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status != ACCEPTED:
            self._end(UnexpectedAnswerError(f"{status}: {self._body.decode()}"))
            return
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("the server closed the connection"))

    def _next(self) -> None:
        if not self._supply:
            self._end(None)
            return
        body = self._supply.pop()
        self._transport.write(b"%bcontent-length: %d\r\n\r\n%b" % (self._head, len(body), body))

    def _end(self, error: Exception | None) -> None:
        if self.ended.done():
            return
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)
        self._transport.close()


async def post_all(
    port: int, path: str, key: str, bodies: Sequence[bytes], connections: int
) -> None:
    """Post JSON bodies to this machine, one at a time on each connection.

    Raises `UnexpectedAnswerError` for any answer but 202, and `OSError`.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
        "content-type: application/json\r\n"
    ).encode()
    supply = list(bodies)
    loop = asyncio.get_running_loop()
    made = await asyncio.gather(
        *(
            loop.create_connection(lambda: _Connection(head, supply), "127.0.0.1", port)
            for _ in range(connections)
        )
    )
    await asyncio.gather(*(connection.ended for _, connection in made))
