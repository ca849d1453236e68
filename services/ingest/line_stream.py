"""The door for streams of any length: lines in, and a result for each as soon as it is known."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.types import Receive, Scope, Send

from services.ingest.batch import Batch, Outcome, Result, read_batch
from services.ingest.body import SILENCE_SECONDS, ClientGoneError, chunks, decoder_of
from services.ingest.cloudevents import Taken, read_structured
from services.ingest.door import (
    Door,
    Sender,
    foreign_address,
    headers_of,
    is_dry_run,
    unsigned,
)
from services.ingest.formats import UnsupportedFormat, format_of_stream
from services.ingest.lines import Lines
from services.ingest.receive import count_rejected, unsupported_type
from services.ingest.rejection import MalformedBody
from services.ingest.store import AllTerms
from shared.web.problems import Problem, known

STREAM_BYTES: Final = 4 * 1024 * 1024
"""What one stream may hold in memory, and so takes of its tenant's share."""
GROUP_LINES: Final = 500
"""Most lines that are written to Kafka at once."""


class End(Struct, frozen=True):
    """The last line of a stream that could not go on: why."""

    status: str
    error: dict[str, Any]


class EventStream:
    """`POST /v1/events:stream`: NDJSON without an end that must be known.

    Lines are taken in groups as they come; each group's results are sent once
    Kafka has it. The client sets the pace: while it does not read its results,
    nothing more is read from it.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        sender = await self._door.let_in(scope, headers)
        outcome: Outcome = "valid" if is_dry_run(scope) else "accepted"
        _check_format(headers)
        results = _Results(send, self._door.limits(sender.limited))
        with self._room(sender):
            taking = _Taking(self._door, sender, scope, outcome)
            try:
                async for lines in _groups(headers, receive):
                    await results.send(await taking.take(lines))
            except ClientGoneError:
                return
            except Exception as error:
                problem = _as_problem(error)
                if problem is None:
                    raise
                await results.fail(problem, taking.failed)
            else:
                await results.end()

    @contextmanager
    def _room(self, sender: Sender) -> Iterator[None]:
        self._door.budget.take(sender.tenant, STREAM_BYTES)
        try:
            yield
        finally:
            self._door.budget.give_back(sender.tenant, STREAM_BYTES)


class _Taking:
    """Takes groups of lines, counting them."""

    def __init__(self, door: Door, sender: Sender, scope: Scope, outcome: Outcome) -> None:
        self._door = door
        self._sender = sender
        self._trace = scope["trace"]
        self._outcome = outcome
        self._next = 0
        self.failed: list[Result] = []
        """The results of the group that could not be handed over."""

    async def take(self, lines: list[bytes]) -> list[Result]:
        """Return the lines' results. Raises what `Door.hand_over` raises."""
        terms = await self._door.terms(self._sender.tenant)
        read = partial(self._read, terms=terms)
        batch = read_batch(lines, read, first=self._next, outcome=self._outcome)
        self._next += len(lines)
        count_rejected(batch)
        if batch.taken and self._outcome == "accepted":
            try:
                await self._door.hand_over(batch.taken, self._sender, self._trace)
            except Problem as problem:
                self.failed = _failed(batch, problem)
                raise
        return batch.results

    def _read(self, line: bytes, terms: AllTerms) -> Taken:
        """Read one line. Raises `RejectedEvent`, and `Problem` if its source's terms forbid it."""
        taken = read_structured(line, self._sender.reading)
        own = terms.get(taken.event.source)
        if own is not None and own.secrets:
            raise unsigned(taken.event.source, "a stream has no signature")
        if own is not None and not own.lets_in(self._sender.address):
            raise foreign_address(taken.event.source, self._sender.address)
        return taken


class _Results:
    """The answer, which begins with the first results."""

    def __init__(self, send: Send, limits: Mapping[str, str]) -> None:
        self._send = send
        self._limits = limits
        self._begun = False

    async def send(self, results: Iterable[Result | End]) -> None:
        await self._begin()
        body = b"".join(msgspec.json.encode(result) + b"\n" for result in results)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        await self._begin()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fail(self, problem: Problem, failed: list[Result]) -> None:
        """Say why the stream ends here; raise the problem if nothing was answered yet."""
        if not self._begun:
            raise problem
        await self.send([*failed, End("ended", problem.body)])
        await self.end()

    async def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        headers = [(name.lower().encode(), value.encode()) for name, value in self._limits.items()]
        headers.append((b"content-type", b"application/x-ndjson"))
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})


async def _groups(headers: Mapping[str, str], receive: Receive) -> AsyncIterator[list[bytes]]:
    """Yield the body's lines, in groups of what is there at a time.

    Raises `Problem` 408 and 415, `MalformedBody`, `ClientGoneError`.
    """
    decoder, lines = decoder_of(headers), Lines()
    async for chunk in chunks(receive, SILENCE_SECONDS, math.inf):
        for piece in decoder.feed(chunk):
            ended = lines.feed(piece)
            while group := list(islice(ended, GROUP_LINES)):
                yield group
    decoder.finish()
    if rest := list(lines.finish()):
        yield rest


def _failed(batch: Batch, problem: Problem) -> list[Result]:
    return [
        result
        if result.status == "rejected"
        else Result(result.index, result.id, "failed", problem.body)
        for result in batch.results
    ]


def _check_format(headers: Mapping[str, str]) -> None:
    try:
        format_of_stream(headers)
    except UnsupportedFormat as unsupported:
        raise unsupported_type(unsupported) from None


def _as_problem(error: Exception) -> Problem | None:
    if isinstance(error, MalformedBody):
        return Problem(400, "Malformed encoding", detail=error.detail)
    return known(error)
