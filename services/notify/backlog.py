"""Watches what waits to be delivered, and how many endpoints are left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from time import time
from typing import Final, Protocol

from pymongo.errors import PyMongoError

from services.notify import metrics
from services.notify.endpoints import Endpoint, Subscriptions
from services.notify.statistics.store import Opened, StatisticsStore
from shared.cancelling import cancel
from shared.events import EndpointId, Millis

PERIOD_SECONDS: Final = 10.0
MOST_COUNTED: Final = 10_000
MOST_ENDPOINTS: Final = 1_000
AGES: Final[tuple[tuple[str, float], ...]] = (
    ("under_1m", 60),
    ("1m_to_1h", 3_600),
    ("1h_to_1d", 86_400),
    ("over_1d", float("inf")),
)
"""Names of ages, and the seconds below which each is."""


class KnowsEndpoints(Protocol):
    """Which endpoints there are, as of now."""

    subscriptions: Subscriptions


class Backlog:
    """A component that keeps the gauges of what waits, of all partitions."""

    def __init__(self, store: StatisticsStore, known: KnowsEndpoints, partitions: int) -> None:
        self._store = store
        self._known = known
        self._partitions = partitions
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._task)

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def _watch(self) -> None:
        while True:
            with suppress(PyMongoError):  # the gauges stay as they are while MongoDB is away
                await self._look(Millis(int(time() * 1000)))
            await asyncio.sleep(PERIOD_SECONDS)

    async def _look(self, now: Millis) -> None:
        metrics.BACKLOG.set(await self._store.due(now, self._partitions, MOST_COUNTED))
        oldest = await self._store.oldest_pending(MOST_ENDPOINTS)
        ages = [max(0.0, (now - moment) / 1000) for moment in oldest]
        metrics.BACKLOG_AGE.set(max(ages, default=0.0))
        for name, count in by_age(ages).items():
            metrics.BACKLOG_ENDPOINTS.labels(name).set(count)
        disabled = await self._store.disabled(MOST_COUNTED)
        states = by_state(
            self._known.subscriptions.by_id.values(), await self._store.opened(now), disabled
        )
        for name, count in states.items():
            metrics.ENDPOINTS.labels(name).set(count)


def by_age(seconds: Iterable[float]) -> dict[str, int]:
    """Return how many of these ages fall under each name of `AGES`."""
    counts = {name: 0 for name, _ in AGES}
    for age in seconds:
        counts[next(name for name, below in AGES if age < below)] += 1
    return counts


def by_state(
    endpoints: Iterable[Endpoint], opened: Opened, disabled: Mapping[EndpointId, Millis]
) -> dict[str, int]:
    """Return how many endpoints are `closed`, `open`, `half_open`, `disabled` and `paused`.

    Each is counted once: what its tenant paused or Steward disabled has no breaker.
    """
    known = list(endpoints)
    paused = sum(not each.enabled for each in known)
    off = sum(each.enabled and each.enabled_at <= disabled.get(each.id, -1) for each in known)
    attempted = len(known) - paused - off
    return {
        "closed": max(0, attempted - opened.open - opened.half_open),
        "open": opened.open,
        "half_open": opened.half_open,
        "disabled": off,
        "paused": paused,
    }
