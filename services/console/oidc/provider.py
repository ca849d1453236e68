"""Asks the identity provider: what it offers, who a code is of, which keys it signs with."""

from __future__ import annotations

import time
from typing import Any, Final, TypeVar

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from services.console.oidc.configuration import Oidc, is_safe
from services.console.oidc.identity import Expected, Identity, Refusal, RefusedError, identity_of
from services.console.oidc.request import SignInRequest

T = TypeVar("T")
REMEMBERED_SECONDS: Final = 3_600.0
"""How long what the provider offers, and its keys, are believed without asking again."""
_MOST_BYTES: Final = 1_000_000


class Offer(Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Tokens(Struct, frozen=True):
    """What a code is exchanged for."""

    id_token: str

    def __repr__(self) -> str:
        return "Tokens()"


class Provider:
    """The identity provider that people sign in with. All raise `RefusedError`."""

    def __init__(self, oidc: Oidc, timeout_seconds: float) -> None:
        self._oidc = oidc
        self._http = httpx.AsyncClient(timeout=timeout_seconds)
        self._offer: tuple[Offer, float] | None = None
        self._keys: tuple[KeySet, float] | None = None

    async def address(self, request: SignInRequest) -> str:
        """Return where a browser signs in."""
        offer = await self._offered()
        oidc = self._oidc
        return request.address(
            offer.authorization_endpoint, oidc.client_id, oidc.callback, oidc.scope
        )

    async def identity(self, code: str, request: SignInRequest) -> Identity:
        """Return whom a code is of."""
        offer = await self._offered()
        token = await self._redeemed(offer, code, request)
        expected = Expected(self._oidc.issuer, self._oidc.client_id, request.nonce)
        kept = self._keys
        now = time.time()
        try:
            return identity_of(token, await self._signing_keys(offer), expected, now)
        except RefusedError:
            if kept is None or self._keys is not kept:
                raise
        # The provider may sign with a new key by now.
        self._keys = None
        return identity_of(token, await self._signing_keys(offer), expected, now)

    async def close(self) -> None:
        await self._http.aclose()

    async def _offered(self) -> Offer:
        now = time.monotonic()
        if self._offer is not None and now < self._offer[1]:
            return self._offer[0]
        path = f"{self._oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
        offer = self._read(await self._ask("GET", path), Offer)
        if offer.issuer != self._oidc.issuer:
            raise RefusedError(Refusal.PROVIDER, "it says that it is another issuer")
        places = (offer.authorization_endpoint, offer.token_endpoint, offer.jwks_uri)
        if not all(is_safe(each) for each in places):
            raise RefusedError(Refusal.PROVIDER, "it is not reached over HTTPS")
        self._offer = offer, now + REMEMBERED_SECONDS
        return offer

    async def _signing_keys(self, offer: Offer) -> KeySet:
        now = time.monotonic()
        if self._keys is not None and now < self._keys[1]:
            return self._keys[0]
        told = self._read(await self._ask("GET", offer.jwks_uri), dict[str, Any])
        try:
            keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise RefusedError(Refusal.PROVIDER, f"no keys: {error}") from None
        self._keys = keys, now + REMEMBERED_SECONDS
        return keys

    async def _redeemed(self, offer: Offer, code: str, request: SignInRequest) -> str:
        """Return the ID token of a code (RFC 6749, 4.1.3)."""
        oidc = self._oidc
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": oidc.callback,
            "client_id": oidc.client_id,
            "code_verifier": request.verifier,
        }
        secret = oidc.client_secret.get_secret_value()
        auth = None
        if secret and "client_secret_basic" in offer.token_endpoint_auth_methods_supported:
            auth = oidc.basic_auth()
        elif secret:
            form["client_secret"] = secret
        answer = await self._ask("POST", offer.token_endpoint, data=form, auth=auth)
        return self._read(answer, Tokens).id_token

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        try:
            answer = await self._http.request(method, url, **more)
        except httpx.HTTPError as error:
            raise RefusedError(Refusal.AWAY, type(error).__name__) from None
        if answer.status_code >= 500:
            raise RefusedError(Refusal.AWAY, f"{method} is answered {answer.status_code}")
        if not answer.is_success or len(answer.content) > _MOST_BYTES:
            raise RefusedError(Refusal.PROVIDER, f"{method} is answered {answer.status_code}")
        return answer

    @staticmethod
    def _read(answer: httpx.Response, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise RefusedError(Refusal.PROVIDER, f"not understood: {error}") from None
