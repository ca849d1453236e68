"""The two doors for events, as plain ASGI: they take most of what ingest has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from services.ingest.batch import Batch, as_problem, read_batch
from services.ingest.body import ClientGoneError
from services.ingest.cloudevents import (
    Reading,
    Taken,
    read_binary,
    read_structured,
    split_array,
    split_lines,
)
from services.ingest.door import Door, Sender, answer, headers_of, is_dry_run
from services.ingest.formats import Format, UnsupportedFormat, format_of_batch, format_of_one
from services.ingest.metrics import REJECTED
from services.ingest.rejection import MalformedBody, RejectedEvent
from shared.web.problems import Problem
from shared.web.tracing import Trace

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_BATCH_BYTES: Final = 8 * 1024 * 1024
MAX_BATCH_EVENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Posted:
    """A request that was let in, with its whole body."""

    headers: Mapping[str, str]
    body: bytes
    sender: Sender
    trace: Trace
    dry_run: bool


class Posting(ABC):
    """A route that takes a whole body and then answers."""

    most_bytes: int

    def __init__(self, door: Door) -> None:
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        sender = await self.door.let_in(scope, headers)
        dry_run = is_dry_run(scope)
        with self.door.body(sender.tenant, self.most_bytes) as opened:
            try:
                body = await opened.read(headers, receive)
            except ClientGoneError:
                return
            posted = Posted(headers, body, sender, scope["trace"], dry_run)
            result = await self.take(posted)
        await answer(send, 200 if dry_run else 202, result, self.door.limits(sender.limited))

    async def hand_over(self, posted: Posted, taken: Sequence[Taken]) -> None:
        """Check and hand over what is taken, as far as the request wants it."""
        await self.door.check(taken, posted.sender, posted.headers, posted.body)
        if not posted.dry_run:
            await self.door.hand_over(taken, posted.sender, posted.trace)

    @abstractmethod
    async def take(self, posted: Posted) -> object:
        """Take what was posted; return the answer's body. Raises `Problem`."""


class OneEvent(Posting):
    """`POST /v1/events`: one CloudEvent, in structured or binary mode."""

    most_bytes = MAX_BODY_BYTES

    async def take(self, posted: Posted) -> object:
        taken = _read_one(posted.headers, posted.body, posted.sender.reading)
        await self.hand_over(posted, [taken])
        return {"id": taken.event.id, "status": "valid" if posted.dry_run else "accepted"}


class ManyEvents(Posting):
    """`POST /v1/events:batch`: a JSON array or lines of JSON, with a result for each event."""

    most_bytes = MAX_BATCH_BYTES

    async def take(self, posted: Posted) -> object:
        reading, dry_run = posted.sender.reading, posted.dry_run
        batch = _read_many(posted.headers, posted.body, reading, dry_run=dry_run)
        if batch.taken:
            await self.hand_over(posted, batch.taken)
        count_rejected(batch)
        if not batch.taken:
            raise _nothing_taken(batch)
        return batch.summary


def count_rejected(batch: Batch) -> None:
    for problem in batch.rejected:
        REJECTED.labels(str(problem.status)).inc()


def _read_one(headers: Mapping[str, str], body: bytes, reading: Reading) -> Taken:
    try:
        binary = format_of_one(headers) is Format.BINARY
    except UnsupportedFormat as unsupported:
        raise unsupported_type(unsupported) from None
    read = partial(read_binary, headers) if binary else read_structured
    return read_or_refuse(read, body, reading)


def read_or_refuse(read: Callable[[bytes, Reading], Taken], body: bytes, reading: Reading) -> Taken:
    """Return the event that is a request's body. Raises `Problem` for one that does not fit."""
    try:
        return read(body, reading)
    except RejectedEvent as rejected:
        REJECTED.labels(str(rejected.status)).inc()
        raise as_problem(rejected) from None


def _read_many(
    headers: Mapping[str, str], body: bytes, reading: Reading, *, dry_run: bool
) -> Batch:
    try:
        lines = format_of_batch(headers) is Format.LINES
        items = split_lines(body) if lines else split_array(body)
    except UnsupportedFormat as unsupported:
        raise unsupported_type(unsupported) from None
    except MalformedBody as malformed:
        raise Problem(400, "Malformed JSON", detail=malformed.detail) from None
    if len(items) > MAX_BATCH_EVENTS:
        detail = f"A batch may have {MAX_BATCH_EVENTS} events; this one has {len(items)}."
        raise Problem(413, "Batch too long", detail=detail)
    if not items:
        raise Problem(422, "Empty batch", detail="There is no event in it.")
    read = partial(read_structured, reading=reading)
    return read_batch(items, read, outcome="valid" if dry_run else "accepted")


def _nothing_taken(batch: Batch) -> Problem:
    members = msgspec.to_builtins(batch.summary)
    return Problem(422, "No event accepted", detail="See `results`.", members=members)


def unsupported_type(error: UnsupportedFormat) -> Problem:
    """Say which content types are read."""
    return Problem(415, "Unsupported media type", detail=error.detail)
