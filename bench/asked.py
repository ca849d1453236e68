"""The figures that a whole run must have, and what is wanted of them."""

from __future__ import annotations

from typing import Final

ASKED: Final = {
    "ingest.single_vs_fastapi": "durable POSTs a second, of a FastAPI handler that does nothing",
    "ingest.batch_vs_producer": "events a second in batches of 500, of the bare producer",
    "rules.events_per_s_core": "events a second that one core judges",
    "rules.check_p99_ms": "ms of POST /v1/check in its own process, 99 in 100",
    "scoring.events_per_s_core": "events a second that one core scores",
    "scoring.cpu_5m_vs_10k_members": "CPU an event with 5 million members, of that with 10,000",
    "notify.deliveries_per_s": "webhooks a second that are accepted",
    "notify.cpu_ms_per_delivery": "CPU ms of each, Kafka and MongoDB included",
    "notify.p50_ms_at_300": "ms from action to receipt at 300 a second, half of them",
    "notify.p99_ms_at_300": "the same, 99 in 100",
    "notify.fairness_p99_ms": "p99 of a healthy endpoint beside one that takes 4 s",
    "end_to_end.p50_ms": "ms from POST to webhook at 500 events a second, half of them",
    "end_to_end.p99_ms": "the same, 99 in 100",
    "end_to_end.floor_p50_ms": "two bare Kafka hops and a POST, half of them",
    "end_to_end.sustained_events_per_s": "events a second through everything, on this machine",
}
"""What each figure means, by `part.figure` in build/bench.json."""

GOALS: Final = {
    "ingest.single_vs_fastapi": 1.5,
    "ingest.batch_vs_producer": 0.6,
    "rules.check_p99_ms": 5,
    "notify.p99_ms_at_300": 30,
    "notify.fairness_p99_ms": 100,
    "end_to_end.sustained_events_per_s": 3_000,
}


def lacking(result: dict[str, dict[str, float]]) -> list[str]:
    """Return which of the asked figures a result does not have."""
    return [name for name in ASKED if value(result, name) is None]


def value(result: dict[str, dict[str, float]], name: str) -> float | None:
    """Return a figure by its name, `part.figure`."""
    part, _, figure = name.partition(".")
    return result.get(part, {}).get(figure)
