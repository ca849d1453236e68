"""Who is asking: an API key in the `Authorization` header names the tenant."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Final

from fastapi import Request, Security, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from starlette.types import Scope as ConnectionScope

from shared.events import TenantId
from shared.web.keys import ApiKey, ApiKeys, digest
from shared.web.lookups import Lookups
from shared.web.problems import Problem
from shared.web.scopes import Scope, allows

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


class Forbidden(Problem):
    """The request's key is good, but not for this."""

    def __init__(self, scope: Scope) -> None:
        detail = f"The API key lacks the scope `{scope}`."
        challenge = f'Bearer realm="steward", error="insufficient_scope", scope="{scope}"'
        super().__init__(
            403,
            "Missing scope",
            detail=detail,
            headers={"WWW-Authenticate": challenge},
            members={"scope": scope.value},
        )


class UnknownKeyError(LookupError):
    """There is no key with this hash."""


class Authenticator:
    """Tells whose an API key is and what it may do.

    It has a short memory, so that MongoDB is asked rarely.
    While MongoDB is away, a key that it confirmed before stays good. Keys that
    were found and keys that were not are remembered apart: guessing keys does
    not push out the good ones.
    """

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys
        self._known: Lookups[ApiKey] = Lookups(self._ask, KNOWN_SECONDS)
        self._refused: OrderedDict[str, float] = OrderedDict()
        self._uses: dict[str, tuple[datetime, str]] = {}

    async def key(self, authorization: str | None, scope: Scope, address: str = "") -> ApiKey:
        """Return the key that the value of an `Authorization` header is.

        Raises `Unauthorized`, and `Forbidden` for a key without `scope`; raises
        PyMongo's connection errors when the key is not in memory and MongoDB
        cannot be asked. Notes that the key was used from `address`.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorized("Send your API key as `Authorization: Bearer sk_…`.")
        hashed = digest(secret.strip())
        try:
            key = await self._find(hashed)
        except UnknownKeyError:
            raise Unauthorized("The API key is unknown.") from None
        now = datetime.now(UTC)
        if not key.opened_by(hashed, now):
            raise Unauthorized("The API key has expired or was revoked.")
        self.note_use(key, now, address)
        if not allows(key.scopes, scope):
            raise Forbidden(scope)
        return key

    def remembered(self, authorization: str, scope: Scope) -> ApiKey | None:
        """Return the key if it is in memory, fresh and good for `scope`; notes no use."""
        kind, _, secret = authorization.partition(" ")
        hashed = digest(secret.strip())
        key = self._known.fresh(hashed) if kind.lower() == "bearer" else None
        if key is None or not allows(key.scopes, scope):
            return None
        return key if key.opened_by(hashed, datetime.now(UTC)) else None

    def note_use(self, key: ApiKey, now: datetime, address: str) -> None:
        """Note that a key was used."""
        self._uses[key.id] = (now, address)

    def take_uses(self) -> dict[str, tuple[datetime, str]]:
        """Return when keys, by id, were last used and from where, since this was last asked."""
        uses, self._uses = self._uses, {}
        return uses

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


async def _key(
    request: Request,
    needed: SecurityScopes,
    _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> ApiKey:
    authenticator: Authenticator = request.app.state.authenticator
    authorization = request.headers.get("authorization")
    scope = Scope(needed.scopes[-1])
    return await authenticator.key(authorization, scope, address_of(request.scope))


async def _tenant(key: Annotated[ApiKey, Security(_key)]) -> TenantId:
    return key.tenant


def address_of(connection: ConnectionScope) -> str:
    """Return the address that a connection comes from."""
    client = connection.get("client")
    return "" if client is None else str(client[0])


def key_with(scope: Scope) -> params.Security:
    """Return the dependency of a route that needs `scope`: the request's `ApiKey`."""
    return params.Security(_key, scopes=[scope.value])


def tenant_with(scope: Scope) -> params.Security:
    """Return the dependency of a route that needs `scope`: the tenant whose key it is."""
    return params.Security(_tenant, scopes=[scope.value])


Tenanted = Annotated[TenantId, tenant_with(Scope.READ)]
"""A parameter of a route that only reads: the tenant whose key, with the scope `read`, came
with the request; 401 without a key, 403 without the scope."""
