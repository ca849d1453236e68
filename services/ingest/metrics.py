"""What ingest counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from shared.events import EVENT_TYPES

ACCEPTED: Final = Counter(
    "steward_ingest_accepted_total", "Events that Kafka has acknowledged.", ["type"]
)
REJECTED: Final = Counter(
    "steward_ingest_rejected_total", "Events that were not taken, by HTTP status.", ["status"]
)
CLAMPED: Final = Counter(
    "steward_ingest_clamped_times_total", "Events whose time was too far ahead and was set back."
)
PRODUCE_SECONDS: Final = Histogram(
    "steward_ingest_produce_seconds",
    "Time until Kafka acknowledged a request's events.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
UNACKNOWLEDGED: Final = Gauge(
    "steward_ingest_unacknowledged_records", "Records that Kafka has not acknowledged yet."
)
BODY_BYTES: Final = Gauge(
    "steward_ingest_body_bytes", "Bytes of the requests that are being worked on."
)

HOOKS: Final = Counter(
    "steward_ingest_hook_events_total",
    "What platforms sent to their doors: event, ignored (of no meaning here), misfit (lacks what "
    "an event needs), unreadable, forged.",
    ["platform", "outcome"],
)

ACCEPTED_OF: Final = {name: ACCEPTED.labels(name) for name in EVENT_TYPES}
"""The counter of each event type."""
