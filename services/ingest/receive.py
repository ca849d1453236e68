"""The two doors for events, as plain ASGI: they take most of what ingest has to do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.ingest.batch import Batch, as_problem, read_batch
from services.ingest.body import Body, Budget, ClientGoneError
from services.ingest.cloudevents import (
    Reading,
    Taken,
    read_binary,
    read_structured,
    split_array,
    split_lines,
)
from services.ingest.formats import Format, UnsupportedFormat, format_of_batch, format_of_one
from services.ingest.metrics import ACCEPTED_OF, CLAMPED, REJECTED
from services.ingest.producer import Producer
from services.ingest.quotas import Quotas
from services.ingest.rejection import MalformedBody, RejectedEvent
from services.ingest.store import Sources
from services.ingest.terms import Terms
from shared.events import TenantId
from shared.signing import verify
from shared.web.auth import Authenticator, address_of
from shared.web.keys import ApiKey
from shared.web.problems import Problem
from shared.web.scopes import Scope as KeyScope
from shared.web.tracing import Trace

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_BATCH_BYTES: Final = 8 * 1024 * 1024
MAX_BATCH_EVENTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose events a request brings, from which address, and with which key if with one."""

    tenant: TenantId
    address: str
    key: ApiKey | None = None

    @property
    def reading(self) -> Reading:
        """How its events are read now."""
        return Reading(self.tenant, datetime.now(UTC))


class Door:
    """What both doors do: let in, read, check who signed, hand over to Kafka."""

    def __init__(
        self, authenticator: Authenticator, sources: Sources, producer: Producer, quotas: Quotas
    ) -> None:
        self._authenticator = authenticator
        self._sources = sources
        self._producer = producer
        self._quotas = quotas
        self._budget = Budget()

    async def let_in(self, scope: Scope, headers: Mapping[str, str]) -> Sender:
        """Return whose request this is. Raises `Unauthorized`, `Forbidden` and `OverQuota`."""
        address = address_of(scope)
        authorization = headers.get("authorization")
        key = await self._authenticator.key(authorization, KeyScope.EVENTS_WRITE, address)
        self._quotas.begin(key)
        return Sender(key.tenant, address, key)

    def limits(self, sender: Sender) -> dict[str, str]:
        """Return the headers that tell the sender how much more it may send."""
        return {} if sender.key is None else self._quotas.headers(sender.key)

    def body(self, tenant: TenantId, limit: int) -> Body:
        return Body(self._budget, tenant, limit)

    async def hand_over(
        self,
        taken: Sequence[Taken],
        sender: Sender,
        headers: Mapping[str, str],
        body: bytes,
        trace: Trace,
    ) -> None:
        """Return when the events are safe in Kafka.

        Raises `Problem`: 401 if a source's signature is missing or wrong, 403
        if a source's events may not come from this address; `OverQuota`; and
        `Unavailable` when Kafka has not acknowledged them.
        """
        terms = await self._sources.terms(sender.tenant)
        if terms:
            sources = {item.event.source for item in taken} & terms.keys()
            _check_addresses(sources, terms, sender.address)
            _check_signatures(sources, terms, headers, body)
        if sender.key is not None:
            self._quotas.spend(sender.key, len(taken))
        await self._producer.publish([item.event for item in taken], trace.header)
        for item in taken:
            ACCEPTED_OF[item.event.type].inc()
            if item.clamped:
                CLAMPED.inc()


class OneEvent:
    """`POST /v1/events`: one CloudEvent, in structured or binary mode."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        sender = await self._door.let_in(scope, headers)
        with self._door.body(sender.tenant, MAX_BODY_BYTES) as opened:
            try:
                body = await opened.read(headers, receive)
            except ClientGoneError:
                return
            taken = _read_one(headers, body, sender.reading)
            await self._door.hand_over([taken], sender, headers, body, scope["trace"])
        answer = {"id": taken.event.id, "status": "accepted"}
        await _answer(202, answer, self._door.limits(sender))(scope, receive, send)


class ManyEvents:
    """`POST /v1/events:batch`: a JSON array or lines of JSON, with a result for each event."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        sender = await self._door.let_in(scope, headers)
        with self._door.body(sender.tenant, MAX_BATCH_BYTES) as opened:
            try:
                body = await opened.read(headers, receive)
            except ClientGoneError:
                return
            batch = _read_many(headers, body, sender.reading)
            if batch.taken:
                trace = scope["trace"]
                await self._door.hand_over(batch.taken, sender, headers, body, trace)
        for problem in batch.rejected:
            REJECTED.labels(str(problem.status)).inc()
        if not batch.taken:
            raise _nothing_taken(batch)
        await _answer(202, batch.summary, self._door.limits(sender))(scope, receive, send)


def _read_one(headers: Mapping[str, str], body: bytes, reading: Reading) -> Taken:
    try:
        if format_of_one(headers) is Format.BINARY:
            return read_binary(headers, body, reading)
        return read_structured(body, reading)
    except UnsupportedFormat as unsupported:
        raise _unsupported(unsupported) from None
    except RejectedEvent as rejected:
        REJECTED.labels(str(rejected.status)).inc()
        raise as_problem(rejected) from None


def _read_many(headers: Mapping[str, str], body: bytes, reading: Reading) -> Batch:
    try:
        lines = format_of_batch(headers) is Format.LINES
        items = split_lines(body) if lines else split_array(body)
    except UnsupportedFormat as unsupported:
        raise _unsupported(unsupported) from None
    except MalformedBody as malformed:
        raise Problem(400, "Malformed JSON", detail=malformed.detail) from None
    if len(items) > MAX_BATCH_EVENTS:
        detail = f"A batch may have {MAX_BATCH_EVENTS} events; this one has {len(items)}."
        raise Problem(413, "Batch too long", detail=detail)
    if not items:
        raise Problem(422, "Empty batch", detail="There is no event in it.")
    return read_batch(items, partial(read_structured, reading=reading))


def _check_addresses(sources: Iterable[str], terms: Mapping[str, Terms], address: str) -> None:
    for source in sorted(sources):
        if not terms[source].lets_in(address):
            detail = f"Events of the source {source!r} may not come from the address {address}."
            raise Problem(403, "Address not allowed", detail=detail)


def _check_signatures(
    sources: Iterable[str],
    terms: Mapping[str, Terms],
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    now = int(time.time())
    for source in sorted(source for source in sources if terms[source].secrets):
        verified = verify(terms[source].secrets, headers, body, now)
        if not verified:
            detail = f"Events of the source {source!r} must be signed: {verified.reason}."
            authenticate = {"WWW-Authenticate": 'Webhook realm="steward"'}
            raise Problem(401, "Invalid signature", detail=detail, headers=authenticate)


def _nothing_taken(batch: Batch) -> Problem:
    members = msgspec.to_builtins(batch.summary)
    return Problem(422, "No event accepted", detail="See `results`.", members=members)


def _unsupported(error: UnsupportedFormat) -> Problem:
    return Problem(415, "Unsupported media type", detail=error.detail)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _answer(status: int, body: object, headers: Mapping[str, str]) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
