"""Reads a request's body within bounds: of size and time, and of all that are under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Self

from starlette.types import Receive

from services.ingest.decoding import DECODERS, Decoder, Identity
from services.ingest.metrics import BODY_BYTES
from services.ingest.rejection import MalformedBody
from services.ingest.shares import OverShareError, Shares
from shared.events import TenantId
from shared.web.problems import Problem, Unavailable

MAX_BYTES_UNDER_WAY: Final = 64 * 1024 * 1024
"""Of bodies; what is made of them takes about three times as much again."""
SILENCE_SECONDS: Final = 10.0
"""Longest pause of a client within a body."""
BODY_SECONDS: Final = 60.0
"""Longest time that a body may take in all."""
_CLOSE: Final = {"Connection": "close"}
"""For an answer before the rest of the body is read: the connection cannot be used again."""


class ClientGoneError(Exception):
    """The client went away before its request was complete."""


class Budget:
    """How many bytes of bodies are held in memory by all requests together, shared fairly."""

    def __init__(self, most: int = MAX_BYTES_UNDER_WAY) -> None:
        self._shares = Shares(most)
        BODY_BYTES.set_function(lambda: self._shares.used)

    def take(self, tenant: TenantId, size: int) -> None:
        """Raise `Unavailable` rather than let a tenant hold more than its share."""
        try:
            self._shares.take(tenant, size)
        except OverShareError:
            raise Unavailable("Too much is under way; try again.", retry_after=1) from None

    def give_back(self, tenant: TenantId, size: int) -> None:
        self._shares.give_back(tenant, size)


class Body:
    """A request's body, decoded, of at most `limit` bytes; it holds its tenant's budget.

    What it took of the budget is given back when it is closed.
    """

    def __init__(
        self,
        budget: Budget,
        tenant: TenantId,
        limit: int,
        silence: float = SILENCE_SECONDS,
        whole: float = BODY_SECONDS,
    ) -> None:
        self._budget = budget
        self._tenant = tenant
        self._limit = limit
        self._silence = silence
        self._whole = whole
        self._held = 0
        self._come = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._budget.give_back(self._tenant, self._held)

    async def read(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """Return the whole body.

        Raises `Problem`: 413 as soon as it is known to be too long, 408 when it
        comes too slowly, 415 for an encoding that is not read, 400 when it is
        not what its encoding says; `Unavailable` when too much is under way;
        `ClientGoneError` when the client goes away.
        """
        decoder = decoder_of(headers)
        declared = self._declared(headers)
        if isinstance(decoder, Identity):
            self._hold(declared)
        pieces = []
        try:
            async for chunk in chunks(receive, self._silence, self._whole):
                for piece in decoder.feed(chunk):
                    self._come += len(piece)
                    self._hold(self._come)
                    pieces.append(piece)
            decoder.finish()
        except MalformedBody as malformed:
            raise Problem(400, "Malformed encoding", detail=malformed.detail) from None
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _declared(self, headers: Mapping[str, str]) -> int:
        """Return how long the body says it is as sent; 0 where it does not say."""
        declared = headers.get("content-length", "")
        if not declared.isdecimal():
            return 0
        if len(declared) > 18 or int(declared) > self._limit:
            raise self._too_large()
        return int(declared)

    def _hold(self, size: int) -> None:
        """Have room for `size` bytes in all."""
        if size > self._limit:
            raise self._too_large()
        if size > self._held:
            self._budget.take(self._tenant, size - self._held)
            self._held = size

    def _too_large(self) -> Problem:
        detail = f"A body may have {self._limit} bytes here."
        return Problem(413, "Body too large", detail=detail, headers=_CLOSE)


async def chunks(receive: Receive, silence: float, whole: float) -> AsyncIterator[bytes]:
    """Yield a request's body as it comes.

    Raises `ClientGoneError`, and `Problem` 408 when nothing comes for
    `silence` seconds or the body is not complete after `whole`.
    """
    deadline = asyncio.get_running_loop().time() + whole
    more = True
    while more:
        wait = min(deadline, asyncio.get_running_loop().time() + silence)
        try:
            async with asyncio.timeout_at(wait):
                message = await receive()
        except TimeoutError:
            detail = "The body did not come in time."
            raise Problem(408, "Request timeout", detail=detail, headers=_CLOSE) from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        if chunk := message.get("body", b""):
            yield chunk
        more = message.get("more_body", False)


def decoder_of(headers: Mapping[str, str]) -> Decoder:
    """Return what undoes the request's content encoding. Raises `Problem` 415."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in DECODERS:
        return DECODERS[encoding]()
    raise Problem(
        415,
        "Unsupported media type",
        detail="The body may be encoded with gzip or zstd, or not at all.",
        headers={"Accept-Encoding": "gzip, zstd, identity"},
    )
