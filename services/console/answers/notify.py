"""Endpoints and how deliveries to them go, as notify tells them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Endpoint(Struct, frozen=True):
    """Where deliveries go."""

    id: str
    url: str
    description: str
    enabled: bool
    breaker: str
    disabled_by_steward: str = ""
    failing_since: datetime | None = None


class EndpointPage(Struct, frozen=True):
    """Some endpoints."""

    items: list[Endpoint]
    next: str | None = None


class EndpointStats(Struct, frozen=True):
    """Deliveries to an endpoint that are in one state."""

    endpoint: str
    state: str
    deliveries: int


class Stats(Struct, frozen=True):
    """How deliveries went since a moment."""

    since: datetime
    items: list[EndpointStats]


class Replayed(Struct, frozen=True):
    """How many deliveries will be sent once more."""

    replayed: int
