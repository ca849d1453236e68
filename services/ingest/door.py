"""What every door for events does: let in, read, check who sends, hand over to Kafka."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

import msgspec
from starlette.types import Scope, Send

from services.ingest.body import Body, Budget
from services.ingest.cloudevents import Reading, Taken
from services.ingest.metrics import ACCEPTED_OF, CLAMPED
from services.ingest.producer import Outcome, Producer
from services.ingest.quotas import Limited, Quotas
from services.ingest.store import AllTerms, Hook, Sources
from services.ingest.terms import Terms
from shared.events import TenantId
from shared.signing import verify
from shared.web.auth import Authenticator, address_of
from shared.web.keys import ApiKey
from shared.web.problems import Problem
from shared.web.scopes import Scope as KeyScope
from shared.web.tracing import Trace


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose events a request brings, from which address, and what limits them."""

    tenant: TenantId
    address: str
    limited: Limited

    @property
    def reading(self) -> Reading:
        """How its events are read now."""
        return Reading(self.tenant, datetime.now(UTC))


class Door:
    """What all doors share."""

    def __init__(
        self, authenticator: Authenticator, sources: Sources, producer: Producer, quotas: Quotas
    ) -> None:
        self._authenticator = authenticator
        self._sources = sources
        self._producer = producer
        self._quotas = quotas
        self.budget = Budget()

    async def let_in(self, scope: Scope, headers: Mapping[str, str]) -> Sender:
        """Return whose request this is. Raises `Unauthorized`, `Forbidden` and `OverQuota`."""
        address = address_of(scope)
        authorization = headers.get("authorization") or _token_in(scope)
        key = await self._authenticator.key(authorization, KeyScope.EVENTS_WRITE, address)
        self._quotas.begin(key)
        return Sender(key.tenant, address, key)

    def remembered(self, authorization: str) -> ApiKey | None:
        """Return the key of a request if nothing more than the key need be asked.

        None unless key and terms are in memory, and its tenant's sources have no terms.
        """
        key = self._authenticator.remembered(authorization, KeyScope.EVENTS_WRITE)
        if key is None or self._sources.remembered_terms(key.tenant) != {}:
            return None
        return key

    def begin(self, key: ApiKey, now: datetime, address: str) -> None:
        """Count a request of a remembered key. Raises `OverQuota`."""
        self._authenticator.note_use(key, now, address)
        self._quotas.begin(key)

    def limits(self, limited: Limited) -> dict[str, str]:
        """Return the headers that tell the sender how much more it may send."""
        return self._quotas.headers(limited)

    def begin_hook(self, hook: Hook) -> None:
        """Count a request to a platform's door. Raises `OverQuota`."""
        self._quotas.begin(hook)

    def body(self, tenant: TenantId, limit: int) -> Body:
        return Body(self.budget, tenant, limit)

    async def terms(self, tenant: TenantId) -> AllTerms:
        """Return the terms of the tenant's sources that have any."""
        return await self._sources.terms(tenant)

    async def check(
        self, taken: Sequence[Taken], sender: Sender, headers: Mapping[str, str], body: bytes
    ) -> None:
        """See whether the sources' terms are kept.

        Raises `Problem`: 401 if a source's signature is missing or wrong, 403
        if a source's events may not come from this address.
        """
        terms = await self._sources.terms(sender.tenant)
        if terms:
            sources = {item.event.source for item in taken} & terms.keys()
            _check_addresses(sources, terms, sender.address)
            _check_signatures(sources, terms, headers, body)

    async def hand_over(self, taken: Sequence[Taken], sender: Sender, trace: Trace) -> None:
        """Return when the events are safe in Kafka.

        Raises `OverQuota`, and `Unavailable` when Kafka has not acknowledged them.
        """
        self._quotas.spend(sender.limited, len(taken))
        await self._producer.publish([item.event for item in taken], trace.header)
        count_accepted(taken)

    def send(self, taken: Taken, key: ApiKey, trace: Trace, outcome: Outcome) -> None:
        """Hand one event over; `outcome` is told once what became of it.

        Raises `OverQuota` and `Unavailable`, and then nothing was done.
        """
        self._quotas.spend(key, 1)
        self._producer.send(taken.event, trace.header, outcome)


def count_accepted(taken: Sequence[Taken]) -> None:
    """Count events that Kafka has."""
    for item in taken:
        ACCEPTED_OF[item.event.type].inc()
        if item.clamped:
            CLAMPED.inc()


def _check_addresses(sources: Iterable[str], terms: AllTerms, address: str) -> None:
    for source in sorted(sources):
        if not terms[source].lets_in(address):
            raise foreign_address(source, address)


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
            raise unsigned(source, verified.reason)


def foreign_address(source: str, address: str) -> Problem:
    """Say that a source's events may not come from there."""
    detail = f"Events of the source {source!r} may not come from the address {address}."
    return Problem(403, "Address not allowed", detail=detail)


def unsigned(source: str, reason: str) -> Problem:
    """Say that a source's events must be signed."""
    detail = f"Events of the source {source!r} must be signed: {reason}."
    authenticate = {"WWW-Authenticate": 'Webhook realm="steward"'}
    return Problem(401, "Invalid signature", detail=detail, headers=authenticate)


def headers_of(scope: Scope) -> dict[str, str]:
    """Return a request's headers by their names in lower case."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _token_in(scope: Scope) -> str | None:
    """Return the key in the address, as CloudEvents' rules for webhooks (§3.2) allow."""
    query: bytes = scope["query_string"]
    if b"access_token=" not in query:
        return None
    return f"Bearer {parse_qs(query.decode('latin-1')).get('access_token', [''])[-1]}"


def is_dry_run(scope: Scope) -> bool:
    """Whether the request asks only what would become of it. Raises `Problem` 422."""
    query: bytes = scope["query_string"]
    if not query:
        return False
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True).get("dry_run", ["false"])[-1]
    if given not in ("true", "false"):
        errors = [{"field": "dry_run", "in": "query", "detail": "It is `true` or `false`."}]
        raise Problem(422, "Invalid request", errors=errors)
    return given == "true"


async def answer(send: Send, status: int, body: object, headers: Mapping[str, str]) -> None:
    """Send `body` as JSON."""
    encoded = msgspec.json.encode(body)
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(encoded))]
    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": own + given})
    await send({"type": "http.response.body", "body": encoded})
