"""How an endpoint shows that it wants deliveries: by a challenge, or CloudEvents' handshake. Pure.

The handshake is that of CloudEvents' "HTTP 1.1 Web Hooks for Event Delivery" §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from services.notify.attempts import Result, Verdict
from services.notify.connectors.contract import HttpRequest
from services.notify.endpoints import Endpoint
from shared.signing import signed_headers

CHALLENGE_TYPE: Final = "endpoint.challenge"
_PER_MINUTE: Final = 60.0


class RefusedError(Exception):
    """The endpoint did not show that it wants deliveries; the reason is its text."""


def challenge(endpoint: Endpoint, nonce: str, now: int) -> HttpRequest:
    """Return the signed request that asks an endpoint to answer with the nonce."""
    body = msgspec.json.encode(
        {"type": CHALLENGE_TYPE, "tenant": endpoint.tenant, "challenge": nonce}
    )
    signed = signed_headers(endpoint.signing_secrets(now), nonce, now, body)
    headers = {**endpoint.headers, **signed, "content-type": "application/json"}
    return HttpRequest(endpoint.url, headers, body)


def check_challenge(result: Result, nonce: str) -> None:
    """Raise `RefusedError` unless the answer is 2xx and has the nonce, plain or as JSON."""
    if result.verdict is not Verdict.SUCCEEDED:
        raise RefusedError(result.reason)
    body = result.body.strip()
    try:
        said = msgspec.json.decode(body).get("challenge")
    except (msgspec.DecodeError, AttributeError):
        said = body
    if said != nonce:
        raise RefusedError("the answer does not have the challenge")


def handshake(endpoint: Endpoint, origin: str) -> HttpRequest:
    """Return the `OPTIONS` request that asks whether `origin` may deliver, and how fast."""
    asked = f"{max(1, round(endpoint.rate * _PER_MINUTE))}" if endpoint.rate else "*"
    headers = {"webhook-request-origin": origin, "webhook-request-rate": asked}
    return HttpRequest(endpoint.url, {**endpoint.headers, **headers}, b"", method="OPTIONS")


def granted(result: Result, headers: Mapping[str, str], origin: str) -> float:
    """Return the requests a second that the answer grants; 0: any number.

    Raises `RefusedError` unless it allows this origin.
    """
    if result.verdict is not Verdict.SUCCEEDED:
        raise RefusedError(result.reason)
    if headers.get("webhook-allowed-origin", "") not in ("*", origin):
        raise RefusedError("webhook-allowed-origin does not name us")
    rate = headers.get("webhook-allowed-rate", "*").strip()
    if rate == "*":
        return 0.0
    if not (rate.isascii() and rate.isdigit() and 0 < len(rate) <= 9) or int(rate) == 0:
        raise RefusedError("webhook-allowed-rate is neither a number nor *")
    return int(rate) / _PER_MINUTE
