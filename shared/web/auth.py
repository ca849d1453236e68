"""Who is asking: an API key in the `Authorization` header names the tenant."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pymongo.errors import ConnectionFailure
from structlog import get_logger

from shared.events import TenantId
from shared.web.keys import ApiKey, ApiKeys, digest
from shared.web.problems import Problem

log = get_logger(__name__)

KNOWN_SECONDS: Final = 30.0
"""How long a key that was found is believed; a revocation takes at most this long."""
UNKNOWN_SECONDS: Final = 5.0
"""How long a key that was not found is refused unasked."""
PATIENCE_SECONDS: Final = 0.5
"""How long a request waits for MongoDB when an older answer could do."""
CAPACITY: Final = 10_000


class Unauthorized(Problem):
    """The request has no valid API key."""

    def __init__(self, detail: str) -> None:
        headers = {"WWW-Authenticate": 'Bearer realm="steward"'}
        super().__init__(401, "Unauthorized", detail=detail, headers=headers)


class Remembered:
    """A bounded memory of what was looked up, and until when it is fresh."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._answers: OrderedDict[str, tuple[ApiKey | None, float]] = OrderedDict()

    def get(self, hashed: str) -> tuple[ApiKey | None, float] | None:
        answer = self._answers.get(hashed)
        if answer is not None:
            self._answers.move_to_end(hashed)
        return answer

    def put(self, hashed: str, key: ApiKey | None, fresh_until: float) -> None:
        self._answers[hashed] = (key, fresh_until)
        self._answers.move_to_end(hashed)
        if len(self._answers) > self._capacity:
            self._answers.popitem(last=False)

    def drop(self, hashed: str) -> None:
        self._answers.pop(hashed, None)


class Authenticator:
    """Tells the tenant of an API key, with a short memory so that MongoDB is asked rarely.

    While MongoDB is away, a key that it confirmed before stays good. Keys that
    were found and keys that were not are remembered apart: guessing keys does
    not push out the good ones.
    """

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys
        self._known = Remembered()
        self._unknown = Remembered()
        self._lookups: dict[str, asyncio.Task[ApiKey | None]] = {}

    async def tenant(self, authorization: str | None) -> TenantId:
        """Return the tenant that the value of an `Authorization` header opens.

        Raises `Unauthorized`; raises PyMongo's connection errors when the key
        is not in memory and MongoDB cannot be asked.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorized("Send your API key as `Authorization: Bearer sk_…`.")
        key = await self._find(digest(secret.strip()))
        if key is None or not key.valid(datetime.now(UTC)):
            raise Unauthorized("The API key is unknown, expired or revoked.")
        return key.tenant

    async def _find(self, hashed: str) -> ApiKey | None:
        now = monotonic()
        known = self._known.get(hashed)
        if known is not None and now < known[1]:
            return known[0]
        unknown = self._unknown.get(hashed)
        if known is None and unknown is not None and now < unknown[1]:
            return None
        lookup = self._lookup(hashed)
        if known is None:
            return await asyncio.shield(lookup)
        return await self._confirm(lookup, hashed, known[0])

    async def _confirm(
        self, lookup: asyncio.Task[ApiKey | None], hashed: str, known: ApiKey | None
    ) -> ApiKey | None:
        """Return what MongoDB says now, or what it said before if it does not answer soon."""
        done, _ = await asyncio.wait({lookup}, timeout=PATIENCE_SECONDS)
        if done and lookup.exception() is None:
            return lookup.result()
        if done and not isinstance(lookup.exception(), ConnectionFailure):
            return lookup.result()
        log.warning("api_key_unconfirmed", reason="MongoDB does not answer")
        self._known.put(hashed, known, monotonic() + UNKNOWN_SECONDS)
        return known

    def _lookup(self, hashed: str) -> asyncio.Task[ApiKey | None]:
        """Ask MongoDB; requests with the same key share one question."""
        lookup = self._lookups.get(hashed)
        if lookup is None:
            lookup = asyncio.create_task(self._ask(hashed))
            self._lookups[hashed] = lookup
            lookup.add_done_callback(lambda _: self._lookups.pop(hashed, None))
            lookup.add_done_callback(_retrieve)
        return lookup

    async def _ask(self, hashed: str) -> ApiKey | None:
        key = await self._keys.find(hashed)
        if key is None:
            self._known.drop(hashed)
            self._unknown.put(hashed, None, monotonic() + UNKNOWN_SECONDS)
        else:
            self._known.put(hashed, key, monotonic() + KNOWN_SECONDS)
        return key


def _retrieve(lookup: asyncio.Task[ApiKey | None]) -> None:
    """Mark a failure as seen: the requests that waited for it may be gone."""
    if not lookup.cancelled():
        lookup.exception()


_bearer: Final = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="An API key, made by `steward keys create --tenant T`.",
)


async def _tenant(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> TenantId:
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.tenant(request.headers.get("authorization"))


Tenanted = Annotated[TenantId, Depends(_tenant)]
"""A parameter of a route: the tenant whose key came with the request; 401 without one."""
