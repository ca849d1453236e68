"""The two doors for events, as plain ASGI: they take most of what ingest has to do."""

from __future__ import annotations

from collections.abc import Mapping
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
from services.ingest.door import Door, answer, headers_of, is_dry_run
from services.ingest.formats import Format, UnsupportedFormat, format_of_batch, format_of_one
from services.ingest.metrics import REJECTED
from services.ingest.rejection import MalformedBody, RejectedEvent
from shared.web.problems import Problem

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_BATCH_BYTES: Final = 8 * 1024 * 1024
MAX_BATCH_EVENTS: Final = 1000


class OneEvent:
    """`POST /v1/events`: one CloudEvent, in structured or binary mode."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        sender = await self._door.let_in(scope, headers)
        dry_run = is_dry_run(scope)
        with self._door.body(sender.tenant, MAX_BODY_BYTES) as opened:
            try:
                body = await opened.read(headers, receive)
            except ClientGoneError:
                return
            taken = _read_one(headers, body, sender.reading)
            await self._door.check([taken], sender, headers, body)
            if not dry_run:
                await self._door.hand_over([taken], sender, scope["trace"])
        status, outcome = (200, "valid") if dry_run else (202, "accepted")
        result = {"id": taken.event.id, "status": outcome}
        await answer(send, status, result, self._door.limits(sender))


class ManyEvents:
    """`POST /v1/events:batch`: a JSON array or lines of JSON, with a result for each event."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        sender = await self._door.let_in(scope, headers)
        dry_run = is_dry_run(scope)
        with self._door.body(sender.tenant, MAX_BATCH_BYTES) as opened:
            try:
                body = await opened.read(headers, receive)
            except ClientGoneError:
                return
            batch = _read_many(headers, body, sender.reading, dry_run=dry_run)
            if batch.taken:
                await self._door.check(batch.taken, sender, headers, body)
                if not dry_run:
                    await self._door.hand_over(batch.taken, sender, scope["trace"])
        count_rejected(batch)
        if not batch.taken:
            raise _nothing_taken(batch)
        limits = self._door.limits(sender)
        await answer(send, 200 if dry_run else 202, batch.summary, limits)


def count_rejected(batch: Batch) -> None:
    for problem in batch.rejected:
        REJECTED.labels(str(problem.status)).inc()


def _read_one(headers: Mapping[str, str], body: bytes, reading: Reading) -> Taken:
    try:
        if format_of_one(headers) is Format.BINARY:
            return read_binary(headers, body, reading)
        return read_structured(body, reading)
    except UnsupportedFormat as unsupported:
        raise unsupported_type(unsupported) from None
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
