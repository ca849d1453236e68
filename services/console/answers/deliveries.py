"""Endpoints and deliveries, as notify tells them, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    HELD = "held"
    SUCCEEDED = "succeeded"
    DEAD = "dead"


class Standing(StrEnum):
    """How an endpoint is doing, in one word: the closed set, worst first."""

    DISABLED = "disabled"
    PAUSED = "paused"
    UNVERIFIED = "unverified"
    RESTING = "resting"
    PROBING = "probing"
    FAILING = "failing"
    ACTIVE = "active"


class Endpoint(Struct, frozen=True):
    """An endpoint, without its secret."""

    id: str
    url: str
    description: str
    kinds: list[str]
    groups: list[str]
    labels: list[str]
    timeout_seconds: float
    enabled: bool
    type: str
    condition: str
    ordering: str
    thin: bool
    rate: float
    signature: str
    verification: str
    verified: bool
    created_at: datetime
    breaker: str
    disabled_by_steward: str = ""
    failing_since: datetime | None = None

    @property
    def title(self) -> str:
        """What people call it: its description, else where it is."""
        return self.description or urlsplit(self.url).netloc or self.id

    @property
    def standing(self) -> Standing:
        """How it is doing; what stops every delivery goes before what slows them."""
        if self.disabled_by_steward:
            return Standing.DISABLED
        if not self.enabled:
            return Standing.PAUSED
        if not self.verified:
            return Standing.UNVERIFIED
        resting = {"open": Standing.RESTING, "half_open": Standing.PROBING}
        healthy = Standing.ACTIVE if self.failing_since is None else Standing.FAILING
        return resting.get(self.breaker, healthy)


class EndpointPage(Struct, frozen=True):
    """Some endpoints, and the cursor of the next ones."""

    items: list[Endpoint]
    next: str | None = None


class Report(Struct, frozen=True):
    """How deliveries to an endpoint go; times in milliseconds from acceptance to success."""

    since: datetime
    deliveries: dict[State, int]
    attempts: int
    mean_ms: float | None
    p50_ms: int | None
    p99_ms: int | None
    backlog_age_ms: int | None
    failures_in_a_row: int
    requests_per_second: float | None


class Attempt(Struct, frozen=True):
    """One attempt: what was sent, what came back, and how long it took."""

    number: int
    at: datetime
    milliseconds: int
    answered_ms: int
    request: str
    status: int
    failure: str
    body: str

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return not self.failure and 200 <= self.status < 300


class Delivery(Struct, frozen=True):
    """A delivery and where it stands."""

    id: str
    webhook_id: str
    replay: bool
    endpoint: str
    kind: str
    group: str
    state: State
    reason: str
    attempts_made: int
    created_at: datetime
    due_at: datetime | None = None
    finished_at: datetime | None = None
    action: dict[str, Any] | None = None
    attempts: list[Attempt] = []

    @property
    def took_seconds(self) -> float | None:
        """From acceptance to its end; None while it is under way."""
        if self.finished_at is None:
            return None
        return (self.finished_at - self.created_at).total_seconds()


class DeliveryPage(Struct, frozen=True):
    """Some deliveries, latest first, and the cursor of the next ones."""

    items: list[Delivery]
    next: str | None = None


class StateCount(Struct, frozen=True):
    """How many deliveries to an endpoint are in a state."""

    endpoint: str
    state: State
    deliveries: int


class Stats(Struct, frozen=True):
    """Deliveries since a moment, by endpoint and state."""

    since: datetime
    items: list[StateCount]


class Ping(Struct, frozen=True):
    """What came of a test delivery."""

    succeeded: bool
    status: int
    failure: str
    milliseconds: int
    body: str


class Secret(Struct, frozen=True):
    """What verifies deliveries."""

    secret: str


class Replayed(Struct, frozen=True):
    """How many deliveries will be sent once more."""

    replayed: int


@dataclass(frozen=True)
class Traffic:
    """What became of deliveries, by state."""

    counts: Mapping[State, int]

    @classmethod
    def of(cls, counted: Iterable[StateCount]) -> Traffic:
        """Return the sums of counts."""
        counts: dict[State, int] = {}
        for each in counted:
            counts[each.state] = counts.get(each.state, 0) + each.deliveries
        return cls(counts)

    def __getitem__(self, state: str) -> int:
        return self.counts.get(State(state), 0)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def backlog(self) -> int:
        """Those still to be made: pending and held."""
        return self["pending"] + self["held"]

    @property
    def success_rate(self) -> float | None:
        """The share of those that ended which arrived; None where none has ended."""
        ended = self["succeeded"] + self["dead"]
        return self["succeeded"] / ended if ended else None


@dataclass(frozen=True)
class Line:
    """An endpoint in the list: its traffic, and the latest delivery to it that failed."""

    endpoint: Endpoint
    traffic: Traffic
    failure: Delivery | None


def lines_of(
    endpoints: Sequence[Endpoint], counted: Sequence[StateCount], failures: Iterable[Delivery]
) -> list[Line]:
    """Return a line an endpoint, those that need a person first."""
    latest: dict[str, Delivery] = {}
    for failure in sorted(failures, key=lambda each: each.created_at):
        if failure.reason:
            latest[failure.endpoint] = failure
    lines = [
        Line(
            endpoint,
            Traffic.of(each for each in counted if each.endpoint == endpoint.id),
            latest.get(endpoint.id),
        )
        for endpoint in endpoints
    ]
    order = list(Standing)
    return sorted(
        lines, key=lambda line: (order.index(line.endpoint.standing), line.endpoint.title)
    )
