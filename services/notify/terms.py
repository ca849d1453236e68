"""What notify keeps, and the rules that its deliveries go by. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from services.notify.deliveries import TrackedDelivery
from services.notify.endpoints import Endpoint, Subscriptions
from services.notify.health import EndpointState, HealthPolicy
from services.notify.lanes import LaneState
from services.notify.pace import rate_of, slots_of
from services.notify.retry import RetryPolicy, fraction
from services.notify.slots import Limits
from shared.events import Millis
from shared.stream.contracts import Kind

TRACKED: Final = Kind("deliveries", TrackedDelivery, timed=True)
STATE: Final = Kind("endpoint_states", EndpointState)
LANE: Final = Kind("delivery_lanes", LaneState)

_LEASE_MARGIN_SECONDS: Final = 5.0
"""How much longer than the endpoint's timeout an attempt's lease is."""
_LONGEST_TIMEOUT_SECONDS: Final = 30.0
"""The timeout of an endpoint that is not known here yet."""
_CUT_OFF_SPREAD_MS: Final = 5_000
"""Over how long deliveries are spread that an open breaker put off, for each time it opened."""


class Knows(Protocol):
    """Who wants which actions, as of now."""

    subscriptions: Subscriptions


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules that deliveries go by."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Limits = field(default_factory=Limits)
    health: HealthPolicy = field(default_factory=HealthPolicy)
    retention: timedelta = timedelta(days=30)


def lease_seconds(endpoint: Endpoint | None, limits: Limits) -> float:
    """Return after how long another owner may take an attempt to be lost."""
    if endpoint is None:
        return _LONGEST_TIMEOUT_SECONDS + _LEASE_MARGIN_SECONDS
    rate = rate_of(endpoint)
    paced = 0.0 if rate is None else slots_of(endpoint, limits.per_endpoint) / rate
    return endpoint.timeout_seconds + paced + _LEASE_MARGIN_SECONDS


def after_the_pause(id: str, tracked: TrackedDelivery, state: EndpointState, now: Millis) -> Millis:
    """Return when a delivery that the breaker put off is due: spread, not all at once."""
    spread = fraction(id, tracked.made) * _CUT_OFF_SPREAD_MS * state.openings
    return Millis(max(state.open_until, now) + 1_000 + int(spread))
