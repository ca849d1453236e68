"""Reads a request's body within bounds: of one request, and of all that are under way."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from starlette.types import Receive

from services.ingest.metrics import BODY_BYTES
from shared.web.problems import Problem, Unavailable

MAX_BYTES_UNDER_WAY: Final = 256 * 1024 * 1024


class ClientGoneError(Exception):
    """The client went away before its request was complete."""


class Budget:
    """How many bytes of bodies are held in memory by all requests together."""

    def __init__(self, most: int = MAX_BYTES_UNDER_WAY) -> None:
        self._most = most
        self._used = 0

    def take(self, size: int) -> None:
        """Raise `Unavailable` rather than hold more than the most."""
        if self._used + size > self._most:
            raise Unavailable("Too much is under way; try again.", retry_after=1)
        self._used += size
        BODY_BYTES.set(self._used)

    def give_back(self, size: int) -> None:
        self._used -= size
        BODY_BYTES.set(self._used)


class Body:
    """A request's body of at most `limit` bytes; its share of the budget while it is open."""

    def __init__(self, budget: Budget, limit: int) -> None:
        self._budget = budget
        self._limit = limit
        self._held = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._budget.give_back(self._held)

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """Return the whole body.

        Raises `Problem` (413) as soon as it is known to be too long, `Unavailable`
        when too much is under way, `ClientGoneError` when it does not come.
        """
        declared = headers.get("content-length", "")
        if declared.isdecimal() and (len(declared) > 18 or int(declared) > self._limit):
            raise self._too_large()
        chunks: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            chunk = message.get("body", b"")
            if chunk:
                self._hold(len(chunk))
                chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _hold(self, size: int) -> None:
        if self._held + size > self._limit:
            raise self._too_large()
        self._budget.take(size)
        self._held += size

    def _too_large(self) -> Problem:
        detail = f"A body may have {self._limit} bytes here."
        # The rest of the body is not read, so the connection cannot be used again.
        headers = {"Connection": "close"}
        return Problem(413, "Body too large", detail=detail, headers=headers)
