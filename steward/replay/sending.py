"""Sends an export's events through ingest's door, from where the last run ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from shared.events import BaseEvent
from steward.cloudevents import cloud_event
from steward.commands.send import BATCH_BYTES, BATCH_EVENTS, Line, Sender, Tally
from steward.replay.bookmark import Bookmark, Place

_encode: Final = msgspec.json.Encoder().encode


class Pace:
    """How fast history is told: `speed` times real time, or as fast as it is taken."""

    def __init__(
        self,
        speed: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._start: tuple[float, int] | None = None

    def is_due(self, moment: int) -> bool:
        """Whether an event of this time (ms) may be told now."""
        return self._missing(moment) <= 0

    def wait(self, moment: int) -> None:
        """Return when it may."""
        while (missing := self._missing(moment)) > 0:
            self._sleep(min(missing, 1.0))

    def _missing(self, moment: int) -> float:
        if self._speed is None:
            return 0.0
        if self._start is None:
            self._start = self._clock(), moment
        begun, first = self._start
        return begun + (moment - first) / 1000 / self._speed - self._clock()


def send(
    events: Iterable[BaseEvent],
    sender: Sender,
    pace: Pace,
    place: Place,
    bookmark: Bookmark,
    tally: Tally,
) -> Iterator[int]:
    """Send the events after the bookmark; yield how many each batch had.

    The bookmark moves on once ingest has answered. Raises `RefusedError`.
    """
    for batch in batches(_after(bookmark, events), pace):
        before = tally.accepted, tally.rejected
        sender.send(batch, tally)
        bookmark.count(len(batch), tally.accepted - before[0], tally.rejected - before[1])
        place.write(bookmark)
        yield len(batch)
    bookmark.done = True
    place.write(bookmark)


def batches(events: Iterable[tuple[int, BaseEvent]], pace: Pace) -> Iterator[list[Line]]:
    """Cut numbered events into batches: full ones, or of what is due."""
    batch: list[Line] = []
    size = 0
    for number, event in events:
        line = Line(number, _encode(cloud_event(event)))
        full = len(batch) == BATCH_EVENTS or size + len(line.event) > BATCH_BYTES
        if batch and (full or not pace.is_due(event.time)):
            yield batch
            batch, size = [], 0
        pace.wait(event.time)
        batch.append(line)
        size += len(line.event) + 1
    if batch:
        yield batch


def _after(bookmark: Bookmark, events: Iterable[BaseEvent]) -> Iterator[tuple[int, BaseEvent]]:
    sent = bookmark.sent
    for number, event in enumerate(events, 1):
        bookmark.saw(event.time)
        if number > sent:
            yield number, event
