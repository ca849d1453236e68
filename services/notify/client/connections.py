"""One connection to a receiver, which takes one request at a time."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import cast

from services.notify.client.answers import Answer, AnswerReader, ProtocolError


class StaleError(ConnectionError):
    """A connection that was kept open had ended when it was used again; nothing was answered."""


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1 over a transport."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._reader = AnswerReader()
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._answered = 0

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return the answer; cancelled, the connection is closed.

        Raises `StaleError` where a used connection ends before it answers,
        `ConnectionError` and `ProtocolError`.
        """
        if not self.is_open:
            raise StaleError("the connection has ended")
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            answer = await self._waiting
        except BaseException:
            self.close()
            raise
        finally:
            self._waiting = None
        self._answered += 1
        self.idle_since = monotonic()
        if not answer.reusable:
            self.close()
        return answer

    @property
    def is_open(self) -> bool:
        """Whether it may take a request."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """End the connection at once: there is nothing more to be said."""
        if self._transport is not None:
            self._transport.abort()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one by name

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()  # nobody asked
            return
        try:
            answer = self._reader.feed(data)
        except ProtocolError as error:
            self._waiting.set_exception(error)
            return
        if answer is not None:
            self._waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiting is None or self._waiting.done():
            return
        answer = self._reader.end() if error is None else None
        if answer is not None:
            self._waiting.set_result(answer)
        elif self._answered and not self._reader.has_begun:
            self._waiting.set_exception(StaleError("the connection ended while it was kept open"))
        else:
            self._waiting.set_exception(error or ConnectionResetError("no whole answer"))
