"""Who is asking: an API key in the `Authorization` header names the tenant."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.events import TenantId
from shared.web.keys import ApiKey, ApiKeys, digest
from shared.web.lookups import Lookups
from shared.web.problems import Problem

KNOWN_SECONDS: Final = 30.0
"""How long a key that was found is believed; a revocation takes at most this long."""
UNKNOWN_SECONDS: Final = 5.0
"""How long a key that was not found is refused unasked."""
MOST_REFUSED: Final = 10_000


class Unauthorized(Problem):
    """The request has no valid API key."""

    def __init__(self, detail: str) -> None:
        headers = {"WWW-Authenticate": 'Bearer realm="steward"'}
        super().__init__(401, "Unauthorized", detail=detail, headers=headers)


class UnknownKeyError(LookupError):
    """There is no key with this hash."""


class Authenticator:
    """Tells the tenant of an API key, with a short memory so that MongoDB is asked rarely.

    While MongoDB is away, a key that it confirmed before stays good. Keys that
    were found and keys that were not are remembered apart: guessing keys does
    not push out the good ones.
    """

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys
        self._known: Lookups[ApiKey] = Lookups(self._ask, KNOWN_SECONDS)
        self._refused: OrderedDict[str, float] = OrderedDict()

    async def tenant(self, authorization: str | None) -> TenantId:
        """Return the tenant that the value of an `Authorization` header opens.

        Raises `Unauthorized`; raises PyMongo's connection errors when the key
        is not in memory and MongoDB cannot be asked.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorized("Send your API key as `Authorization: Bearer sk_…`.")
        try:
            key = await self._find(digest(secret.strip()))
        except UnknownKeyError:
            raise Unauthorized("The API key is unknown.") from None
        if not key.valid(datetime.now(UTC)):
            raise Unauthorized("The API key has expired or was revoked.")
        return key.tenant

    async def _find(self, hashed: str) -> ApiKey:
        if monotonic() < self._refused.get(hashed, 0.0):
            raise UnknownKeyError(hashed)
        try:
            return await self._known.get(hashed)
        except UnknownKeyError:
            self._refused[hashed] = monotonic() + UNKNOWN_SECONDS
            if len(self._refused) > MOST_REFUSED:
                self._refused.popitem(last=False)
            raise

    async def _ask(self, hashed: str) -> ApiKey:
        key = await self._keys.find(hashed)
        if key is None:
            raise UnknownKeyError(hashed)
        return key


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
