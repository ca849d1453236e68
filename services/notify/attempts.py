"""One attempt at a delivery: what came of it, and what that means. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Failure(StrEnum):
    """Why an attempt got no answer."""

    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECTION = "connection"
    TLS = "tls"
    PROTOCOL = "protocol"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"
    PROXY = "proxy"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    ADDRESS_REFUSED = "address_refused"
    ENDPOINT_REMOVED = "endpoint_removed"
    ENDPOINT_DISABLED = "endpoint_disabled"
    ENDPOINT_UNVERIFIED = "endpoint_unverified"


class Verdict(StrEnum):
    """What an attempt's result means for the delivery."""

    SUCCEEDED = "succeeded"
    RETRY = "retry"
    DEAD = "dead"
    GONE = "gone"
    HELD = "held"

    @property
    def final(self) -> bool:
        """Whether the delivery ends here, whatever the schedule says."""
        return self not in (Verdict.RETRY, Verdict.HELD)


BY_FAILURE: Final[dict[Failure, Verdict]] = {
    Failure.TIMEOUT: Verdict.RETRY,
    Failure.DNS: Verdict.RETRY,
    Failure.CONNECTION: Verdict.RETRY,
    Failure.TLS: Verdict.RETRY,
    Failure.PROTOCOL: Verdict.RETRY,
    Failure.INTERRUPTED: Verdict.RETRY,
    Failure.INTERNAL: Verdict.RETRY,
    Failure.PROXY: Verdict.RETRY,
    Failure.UNSUPPORTED: Verdict.DEAD,
    Failure.REFUSED: Verdict.DEAD,
    Failure.ADDRESS_REFUSED: Verdict.DEAD,
    Failure.ENDPOINT_REMOVED: Verdict.DEAD,
    Failure.ENDPOINT_DISABLED: Verdict.HELD,
    Failure.ENDPOINT_UNVERIFIED: Verdict.HELD,
}
"""What no answer means, by its reason."""

BY_STATUS: Final[tuple[tuple[range, Verdict], ...]] = (
    (range(200, 300), Verdict.SUCCEEDED),
    (range(410, 411), Verdict.GONE),
    (range(100, 1000), Verdict.RETRY),
)
"""What an answer means, by its status; the first range that holds it counts.

A redirect is an answer like any other failure: it is never followed.
"""

THROTTLES: Final = frozenset({429, 502, 503, 504})
"""Statuses that say the receiver has too much to do: fewer attempts run at once."""

NOT_THE_ENDPOINTS_FAULT: Final = frozenset(
    {
        Failure.INTERRUPTED,
        Failure.INTERNAL,
        Failure.PROXY,
        Failure.UNSUPPORTED,
        Failure.REFUSED,
        Failure.ENDPOINT_REMOVED,
        Failure.ENDPOINT_DISABLED,
        Failure.ENDPOINT_UNVERIFIED,
    }
)
"""Failures that say nothing about how the endpoint is doing."""

HEEDS_RETRY_AFTER: Final = frozenset({429, 503})
"""Statuses whose `Retry-After` replaces the schedule."""


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of an attempt: an answer with a status, or a failure without one.

    `milliseconds` is what it took, `answered_ms` until the answer's head was
    there, `body` the start of the answer, `retry_after` the header as it came,
    `request` what was sent, in short.
    """

    milliseconds: int
    status: int = 0
    failure: Failure | None = None
    body: str = ""
    retry_after: str = ""
    answered_ms: int = 0
    request: str = ""

    @property
    def verdict(self) -> Verdict:
        """What this means for the delivery."""
        if self.failure is not None:
            return BY_FAILURE[self.failure]
        return next((verdict for span, verdict in BY_STATUS if self.status in span), Verdict.RETRY)

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.verdict is Verdict.SUCCEEDED

    @property
    def reason(self) -> str:
        """The result in one word: a failure, or `status_503`."""
        return self.failure.value if self.failure is not None else f"status_{self.status}"
