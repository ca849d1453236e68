"""Standard Webhooks `v1` signatures: who sent a body, and when, proved by a shared secret.

The scheme is https://www.standardwebhooks.com: HMAC-SHA256 over
`id.timestamp.body`, base64, as `v1,…` in the header `webhook-signature`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets as random_source
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

TOLERANCE_SECONDS: Final = 300
"""How far a timestamp may lie from now, either way, before a request counts as replayed."""

_PREFIX: Final = "whsec_"
_NEW_KEY_BYTES: Final = 32
_MOST_SIGNATURES: Final = 16
_MOST_ID_LENGTH: Final = 256
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
# A full stop separates the signed parts: in an id it would let a sender move
# the borders between id, timestamp and body without breaking the signature.
_ID: Final = re.compile(r"[!-\-/-~]+")


class InvalidSecretError(ValueError):
    """A secret is not `whsec_` and the base64 of at least one byte."""


class Failure(StrEnum):
    """Why a request does not count as signed."""

    HEADER_MISSING = "header_missing"
    MALFORMED_ID = "malformed_id"
    MALFORMED_TIMESTAMP = "malformed_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_USABLE_SECRET = "no_usable_secret"  # noqa: S105 - a reason, not a secret
    NO_V1_SIGNATURE = "no_v1_signature"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `verify`; true where the signature holds.

    `id` is the verified `webhook-id`, by which a receiver drops repeats; it is
    empty where the verification failed, and `failure` then says why.
    """

    id: str = ""
    failure: Failure | None = None

    def __bool__(self) -> bool:
        return self.failure is None

    @property
    def reason(self) -> str:
        """Why it failed, in one word; empty where it did not."""
        return "" if self.failure is None else self.failure.value


def new_secret() -> str:
    """Return a fresh secret of 256 random bits."""
    return _PREFIX + base64.b64encode(random_source.token_bytes(_NEW_KEY_BYTES)).decode()


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return the `v1,…` signature of a body sent at `timestamp` (Unix seconds).

    Raises `InvalidSecretError` for a secret that does not decode, `ValueError` for an
    id that is empty, over 256 characters, not printable ASCII, or has a full stop.
    """
    if not _is_id(id):
        raise ValueError(f"not a webhook id: {id!r}")
    return _signature(_key(secret), id, str(timestamp), body).decode()


def signed_headers(secrets: Iterable[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a signed request, with one signature a secret.

    While a secret is rotated, the old and the new one both sign, so that the
    receiver may change over at any moment. Raises as `sign`.
    """
    return {
        ID_HEADER: id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(sign(secret, id, timestamp, body) for secret in secrets),
    }


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: int,
    tolerance: int = TOLERANCE_SECONDS,
) -> Verification:
    """Check a request against every secret that may have signed it.

    `now` and `tolerance` are seconds. Whatever the headers contain, it answers
    and does not raise; names of headers are compared without regard to case.
    A secret that does not decode verifies nothing.
    """
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp = given.get(ID_HEADER), given.get(TIMESTAMP_HEADER)
    signatures = given.get(SIGNATURE_HEADER)
    if webhook_id is None or timestamp is None or signatures is None:
        return Verification(failure=Failure.HEADER_MISSING)
    failure = (
        _id_failure(webhook_id)
        or _time_failure(timestamp, now, tolerance)
        or _signature_failure(secrets, webhook_id, timestamp, body, signatures)
    )
    return Verification(failure=failure) if failure else Verification(id=webhook_id)


def _id_failure(id: str) -> Failure | None:
    return None if _is_id(id) else Failure.MALFORMED_ID


def _time_failure(timestamp: str, now: int, tolerance: int) -> Failure | None:
    if not _TIMESTAMP.fullmatch(timestamp):
        return Failure.MALFORMED_TIMESTAMP
    age = now - int(timestamp)
    if age > tolerance:
        return Failure.TOO_OLD
    return Failure.TOO_NEW if age < -tolerance else None


def _signature_failure(
    secrets: Sequence[str], id: str, timestamp: str, body: bytes, signatures: str
) -> Failure | None:
    keys = [key for key in map(_key_or_none, secrets) if key is not None]
    if not keys:
        return Failure.NO_USABLE_SECRET
    given = [
        part.encode("utf-8", "replace")
        for part in signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
        if part.startswith("v1,")
    ]
    if not given:
        return Failure.NO_V1_SIGNATURE
    matched = False
    for key in keys:
        expected = _signature(key, id, timestamp, body)
        for candidate in given:
            matched |= hmac.compare_digest(expected, candidate)
    return None if matched else Failure.NO_MATCH


def _is_id(id: str) -> bool:
    return len(id) <= _MOST_ID_LENGTH and _ID.fullmatch(id) is not None


def _signature(key: bytes, id: str, timestamp: str, body: bytes) -> bytes:
    content = f"{id}.{timestamp}.".encode() + body
    return b"v1," + base64.b64encode(hmac.digest(key, content, "sha256"))


def _key(secret: str) -> bytes:
    key = _key_or_none(secret)
    if key is None:
        raise InvalidSecretError("not a webhook secret: expected whsec_ and base64")
    return key


def _key_or_none(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None
