"""Who an ID token says somebody is, if it may be believed, and which role that gives. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from services.console.roles import Role

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA"]
"""What an ID token may be signed with: a key that only the provider has."""
LEEWAY_SECONDS: Final = 60
"""How far the provider's clock may differ."""


class Refusal(StrEnum):
    """Why somebody was not signed in: the closed set."""

    STATE = "state"
    PROVIDER = "provider"
    UNBELIEVED = "unbelieved"
    ROLE = "role"
    AWAY = "away"


class RefusedError(Exception):
    """Nobody was signed in. `detail` is for the log: it holds no token and no secret."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(f"{refusal}: {detail}")
        self.refusal = refusal
        self.detail = detail


class Expected(Struct, frozen=True):
    """What an ID token has to say to be for us and for this sign-in."""

    issuer: str
    client: str
    nonce: str


class Identity(Struct, frozen=True):
    """Somebody whom the provider knows; `subject` is theirs for good, `name` what to call them."""

    subject: str
    name: str
    claims: dict[str, Any]


def identity_of(token: str, keys: KeySet, expected: Expected, now: float) -> Identity:
    """Return whom an ID token is of (OpenID Connect Core 1.0, 3.1.3.7).

    Args:
        token: the ID token, a JWT.
        keys: the provider's.
        expected: issuer, audience and nonce.
        now: seconds since 1970.

    Raises:
        RefusedError: it may not be believed.
    """
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise _unbelieved(f"no token of the provider's: {error}") from None
    _check_whose(claims, expected)
    _check_when(claims, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise _unbelieved("it names nobody")
    return Identity(subject, _name(claims) or subject, dict(claims))


def role_in(claims: Mapping[str, Any], claim: str, roles: Mapping[str, Role]) -> Role:
    """Return the highest role that the values of a claim give.

    Raises:
        RefusedError: none of them gives one.
    """
    told = claims.get(claim, [])
    values = told if isinstance(told, list) else [told]
    given = {roles[value] for value in values if isinstance(value, str) and value in roles}
    if not given:
        raise RefusedError(Refusal.ROLE, f"no value of {claim!r} gives a role")
    return max(given, key=list(Role).index)


def _check_whose(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise _unbelieved("it is of another issuer")
    told = claims.get("aud")
    audiences = told if isinstance(told, list) else [told]
    if expected.client not in audiences:
        raise _unbelieved("it is for somebody else")
    if claims.get("azp", expected.client if len(audiences) == 1 else None) != expected.client:
        raise _unbelieved("it was given to somebody else")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise _unbelieved("it is of another sign-in")


def _check_when(claims: Mapping[str, Any], now: float) -> None:
    ends, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not all(isinstance(each, int | float) for each in (ends, issued, begins)):
        raise _unbelieved("it does not say when it is good")
    if now >= claims["exp"] + LEEWAY_SECONDS:
        raise _unbelieved("it has expired")
    if max(claims["iat"], begins) > now + LEEWAY_SECONDS:
        raise _unbelieved("it is of the future")


def _name(claims: Mapping[str, Any]) -> str:
    told = (claims.get(name) for name in ("name", "preferred_username", "email"))
    return next((each for each in told if isinstance(each, str) and each), "")


def _unbelieved(why: str) -> RefusedError:
    return RefusedError(Refusal.UNBELIEVED, why)
