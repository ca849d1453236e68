"""Events of a partition that the owner of their series has not counted yet. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from services.rules.buckets import Bucket, start_of
from services.rules.windows import MARKED, MOST_ENTRIES
from shared.events import Millis
from shared.tallies import Counted

MOST_PENDING: Final = 50_000
"""Events kept of a partition, over all series; those of series longest untouched go first."""


class Pending:
    """What a partition has seen and the owners have not, by series."""

    def __init__(self, most: int = MOST_PENDING) -> None:
        self._most = most
        self._size = 0
        self._series: OrderedDict[str, _Series] = OrderedDict()

    def __len__(self) -> int:
        return self._size

    def add(self, series: str, span: int, event: Counted) -> None:
        """Keep an event until it is `counted`. Offsets do not go back."""
        found = self._series.get(series)
        if found is None:
            found = self._series[series] = _Series(span)
        self._series.move_to_end(series)
        found.add(event)
        self._size += 1
        while self._size > self._most:
            first = next(iter(self._series))
            if first == series:
                found.drop_first()
                self._size -= 1
            else:
                self._size -= len(self._series.pop(first).events)

    def counted(self, series: str, offset: int) -> None:
        """Let go of a series' events up to an offset: its owner has counted them."""
        found = self._series.get(series)
        if found is None:
            return
        while found.events and found.events[0].offset <= offset:
            found.drop_first()
            self._size -= 1
        if not found.events:
            del self._series[series]

    def buckets(self, series: str) -> Iterable[Bucket]:
        """Return what is kept of a series."""
        found = self._series.get(series)
        return () if found is None else found.buckets()


class _Open:
    """A bucket that is added to and taken from."""

    __slots__ = ("count", "marked", "values")

    def __init__(self) -> None:
        self.count = self.marked = 0
        self.values: dict[str, int] = {}

    def change(self, value: str, by: int) -> None:
        self.count += by
        if value == MARKED:
            self.marked += by
        elif value:
            times = self.values.pop(value, 0) + by
            if times:
                self.values[value] = times


class _Series:
    def __init__(self, span: int) -> None:
        self.events: deque[Counted] = deque()
        self._span = span
        self._open: dict[Millis, _Open] = {}

    def add(self, event: Counted) -> None:
        self.events.append(event)
        start = start_of(event.time, self._span)
        if start not in self._open:
            self._open[start] = _Open()
        self._open[start].change(event.value, 1)

    def drop_first(self) -> None:
        event = self.events.popleft()
        start = start_of(event.time, self._span)
        bucket = self._open[start]
        bucket.change(event.value, -1)
        if not bucket.count:
            del self._open[start]

    def buckets(self) -> Iterator[Bucket]:
        for start, each in self._open.items():
            values = tuple(islice(each.values, MOST_ENTRIES))
            yield Bucket(start, each.count, each.marked, values)
