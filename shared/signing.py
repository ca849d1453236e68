"""Standard Webhooks signatures: who sent a body, and when.

The scheme is https://www.standardwebhooks.com: over `id.timestamp.body`, in
the header `webhook-signature`, with a shared secret HMAC-SHA256 as `v1,…`, or
with a private key ed25519 (RFC 8032) as `v1a,…`; both in base64.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.signing_keys import (
    PRIVATE,
    PUBLIC,
    InvalidSecretError,
    is_signed,
    new_secret,
    shared_key,
    signer,
)

__all__ = [
    "Failure",
    "InvalidSecretError",
    "Verification",
    "new_secret",
    "sign",
    "signed_headers",
    "verify",
]

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"

TOLERANCE_SECONDS: Final = 300
"""How far a timestamp may lie from now, either way, before a request counts as replayed."""

_MOST_SIGNATURES: Final = 16
_MOST_ID_LENGTH: Final = 256
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
# A full stop separates the signed parts: in an id it would let a sender move
# the borders between id, timestamp and body without breaking the signature.
_ID: Final = re.compile(r"[!-\-/-~]+")


class Failure(StrEnum):
    """Why a request does not count as signed."""

    HEADER_MISSING = "header_missing"
    MALFORMED_ID = "malformed_id"
    MALFORMED_TIMESTAMP = "malformed_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_USABLE_SECRET = "no_usable_secret"  # noqa: S105 - a reason, not a secret
    NO_SIGNATURE = "no_signature"
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


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body sent at `timestamp` (Unix seconds).

    It is `v1,…` for a shared secret and `v1a,…` for a private key. Raises
    `InvalidSecretError` for a secret that does not decode, `ValueError` for an
    id that is empty, over 256 characters, not printable ASCII, or has a full stop.
    """
    if not _is_id(id):
        raise ValueError(f"not a webhook id: {id!r}")
    content = _content(id, str(timestamp), body)
    if secret.startswith(PRIVATE):
        return f"v1a,{base64.b64encode(signer(secret).sign(content)).decode()}"
    return _shared_signature(shared_key(secret), content).decode()


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
    """Check a request against every secret or public key that may have signed it.

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
    shared = [key for key in map(_key_or_none, secrets) if key is not None]
    public = [key for key in secrets if key.startswith(PUBLIC)]
    if not shared and not public:
        return Failure.NO_USABLE_SECRET
    parts = signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
    symmetric = [part.encode("utf-8", "replace") for part in parts if part.startswith("v1,")]
    asymmetric = [part.removeprefix("v1a,") for part in parts if part.startswith("v1a,")]
    if not (shared and symmetric) and not (public and asymmetric):
        return Failure.NO_SIGNATURE
    content = _content(id, timestamp, body)
    matched = False
    for secret in shared:
        expected = _shared_signature(secret, content)
        for candidate in symmetric:
            matched |= hmac.compare_digest(expected, candidate)
    for key in public:
        for signature in filter(None, map(_bytes_of, asymmetric)):
            matched |= is_signed(key, signature, content)
    return None if matched else Failure.NO_MATCH


def _is_id(id: str) -> bool:
    return len(id) <= _MOST_ID_LENGTH and _ID.fullmatch(id) is not None


def _content(id: str, timestamp: str, body: bytes) -> bytes:
    return f"{id}.{timestamp}.".encode() + body


def _shared_signature(key: bytes, content: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, content, "sha256"))


def _key_or_none(secret: str) -> bytes | None:
    if secret.startswith((PRIVATE, PUBLIC)):
        return None
    try:
        return shared_key(secret)
    except InvalidSecretError:
        return None


def _bytes_of(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


class SeenWebhooks:
    """Remembers which requests were verified, so that none counts twice.

    It forgets an id once its timestamp is out of tolerance: from then on
    `verify` refuses the request itself. Ids beyond `most` push out the oldest,
    so give it room for what comes within twice the tolerance.
    """

    def __init__(self, tolerance: int = TOLERANCE_SECONDS, most: int = 100_000) -> None:
        self._tolerance = tolerance
        self._most = most
        self._seen: OrderedDict[str, int] = OrderedDict()

    def is_first(self, id: str, now: int) -> bool:
        """Note a verified id; return whether it came for the first time. `now` is in seconds."""
        while self._seen:
            oldest, at = next(iter(self._seen.items()))
            if now - at <= 2 * self._tolerance and len(self._seen) < self._most:
                break
            del self._seen[oldest]
        if id in self._seen:
            return False
        self._seen[id] = now
        return True
