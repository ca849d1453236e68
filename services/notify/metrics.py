"""What notify tells Prometheus; every label is a closed set."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

ATTEMPTS = Counter(
    "steward_notify_attempts_total",
    "Attempts by what they meant, and the failure or class of status.",
    ["verdict", "result"],
)
ATTEMPT_SECONDS = Histogram(
    "steward_notify_attempt_seconds", "Time of one attempt.", buckets=_BUCKETS
)
IN_FLIGHT = Gauge("steward_notify_in_flight", "Attempts under way.")
DELIVERIES = Counter(
    "steward_notify_deliveries_total", "Deliveries that came to their end.", ["state"]
)
DELIVERY_SECONDS = Histogram(
    "steward_notify_delivery_seconds",
    "Time from the action to the receiver's acceptance.",
    buckets=(*_BUCKETS, 300, 1800, 7200, 36000),
)
DEFERRED = Counter(
    "steward_notify_deferred_total", "Attempts put off because their endpoint had no free slot."
)
ENDPOINTS_DISABLED = Counter(
    "steward_notify_endpoints_disabled_total", "Endpoints that Steward disabled.", ["reason"]
)
BREAKER_OPENED = Counter(
    "steward_notify_breaker_opened_total", "Times that an endpoint was left alone for a while."
)
BACKLOG = Gauge("steward_notify_backlog_due", "Pending deliveries whose moment has come.")
"""Of all partitions, counted about every ten seconds, at most 10,000."""
BACKLOG_AGE = Gauge(
    "steward_notify_backlog_oldest_seconds", "Age of the oldest delivery that is pending."
)
"""What waits for an endpoint to come back is held, and not counted."""
BACKLOG_ENDPOINTS = Gauge(
    "steward_notify_backlog_endpoints",
    "Endpoints with pending deliveries, by the age of the oldest.",
    ["age"],
)
"""Of at most 1,000 endpoints."""
ENDPOINTS = Gauge(
    "steward_notify_endpoints",
    "Endpoints by breaker: closed, open, half_open; or else disabled, paused.",
    ["state"],
)
