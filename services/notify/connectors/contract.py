"""What a connector is: it turns a delivery into one HTTP request, and reads the answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from services.notify.attempts import Result
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint
from shared.actions import ActionKind


class UnsupportedError(Exception):
    """The receiver's platform has no call for this action; the delivery is dead at once."""


class HttpRequest(Struct, frozen=True):
    """What is sent: one request, whose redirects are never followed.

    `shown_url` is what logs say instead of `url`, which may have a credential.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    shown_url: str = ""


class Connector(Protocol):
    """One type of endpoint. It keeps nothing: all it knows is in the endpoint."""

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """The actions that it can express; no others are delivered to its endpoints."""

    @property
    def rate(self) -> float | None:
        """How many requests a second the platform takes for one endpoint; None: no limit."""

    def check(self, endpoint: Endpoint) -> Mapping[str, str]:
        """Return what is wrong with a new endpoint, by field; the guard has its own say.

        Fields are named as in REST: `url`, `credential`, `options/chat`.
        """

    def request(self, attempt: Attempt, endpoint: Endpoint, now: int) -> HttpRequest:
        """Return the request of an attempt that is sent at `now` (Unix seconds).

        The same attempt at the same second gives the same request. Raises
        `UnsupportedError` where this action lacks what the platform asks for.
        """

    def result(self, answer: Result) -> Result:
        """Return what an answer means: platforms tell failures in the body of a 200, too.

        A connector says so by another `status`: 429 with `retry_after` where it
        was too fast, 410 where the endpoint is no more, 400 for other refusals.
        """
