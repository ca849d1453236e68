"""Brings events into order of time, as far as a bounded memory allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Final

from shared.events import BaseEvent

WINDOW: Final = 5_000
"""Events that are held back: one that stands this much too late still finds its place."""


def in_order(events: Iterable[BaseEvent], window: int = WINDOW) -> Iterator[BaseEvent]:
    """Yield all events, sorted by time within a window; those of one moment stay as they are."""
    held: list[tuple[int, int, BaseEvent]] = []
    for number, event in enumerate(events):
        heappush(held, (event.time, number, event))
        if len(held) > window:
            yield heappop(held)[2]
    while held:
        yield heappop(held)[2]
