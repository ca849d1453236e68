"""Sliding windows in event time: how often, or how many different, within a span.

They are the recent state of a partition: in memory, bounded, and rebuilt from
the log. An event counts in its own windows.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Final

from msgspec import Struct

from shared.condition_types import Value
from shared.events import Millis

MOST_ENTRIES: Final = 256
"""Entries kept of one window of one key; counts go no higher."""
MOST_KEYS: Final = 100_000
"""Keys kept of a partition, over all windows and tenants; those longest untouched go first."""


LONGEST_IN_MEMORY: Final = 3_600_000
"""Span, ms, up to which windows are in memory and come back from the log."""
SWEEP: Final = 60_000
"""How often, in ms, series that are older than that are forgotten."""
MARKED: Final = "1"
"""The value of an entry that counts towards a share."""


class Facet(StrEnum):
    """What of an event a window is kept by, or counts different values of."""

    MEMBER = "member"
    GROUP = "group"
    TENANT = "tenant"
    TEXT = "text"
    CONTACT = "contact"
    DOMAIN = "domain"
    TARGET = "target"
    PAIR = "pair"
    MESSAGE = "message"


FACET_MEANINGS: Final = {
    Facet.MEMBER: "the member who acts",
    Facet.GROUP: "the whole group",
    Facet.TENANT: "all groups of the tenant together; with others, what they are in all groups",
    Facet.TEXT: "the text, whatever digits, punctuation and decoration it carries",
    Facet.CONTACT: "each contact in the text, up to four",
    Facet.DOMAIN: "each domain in the text that is not shared every day, up to four",
    Facet.TARGET: "whom it is aimed at: replied to, mentioned, contacted, reported",
    Facet.PAIR: "member and target, whoever of the two acts",
    Facet.MESSAGE: "the message that is reacted to or reported",
}


class Window(Struct, frozen=True, dict=True):
    """Events counted by some facets over a span, or the different values of another facet."""

    name: str
    by: tuple[Facet, ...]
    span: int
    unique: Facet | None = None
    series: str = ""
    """What its series are kept under, if not its name: another when its meaning changes."""
    per: int = 0
    """If not 0, the value is a rate: events in so many milliseconds."""
    share: bool = False
    """Whether the value is the share of marked events, in percent."""

    @property
    def long(self) -> bool:
        """Whether its span is longer than the log is folded again on assignment."""
        return self.span > LONGEST_IN_MEMORY

    @property
    def across_groups(self) -> bool:
        """Whether it counts in all groups of a tenant together."""
        return Facet.TENANT in self.by

    @cached_property
    def signal(self) -> str:
        """The name of the signal that its value is."""
        return f"window.{self.name}"

    @cached_property
    def counts(self) -> bool:
        """Whether its value is how many events there are."""
        return self.unique is None and not self.share and not self.per

    @property
    def durable(self) -> bool:
        """Whether its series are documents."""
        return self.span > LONGEST_IN_MEMORY or Facet.TENANT in self.by

    def value(self, count: int, marked: int, different: int) -> int:
        """Return the window's value, of what was counted within its span."""
        if self.unique is not None:
            return min(different, MOST_ENTRIES)
        if self.share:
            return 100 * marked // count
        return count * self.per // self.span if self.per else count


Facets = dict[Facet, str]


class Entry(Struct, frozen=True, gc=False):
    """An event's part in one window: which series it belongs to, and the value counted."""

    window: Window
    key: tuple[str, ...] | int
    """What its series is kept by: of one in memory a hash, so that no text stays there."""
    value: str


class Windows:
    """The windows of one partition."""

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self._most_keys = most_keys
        self._series: OrderedDict[tuple[str, ...] | int, list[tuple[Millis, str]]] = OrderedDict()
        self._swept = 0

    def __len__(self) -> int:
        return len(self._series)

    def look(self, new: Sequence[Entry], time: Millis) -> dict[str, Value]:
        """Return the signal of each window at `time` with the new entries in; changes nothing."""
        values: dict[str, Value] = {}
        for entry in new:
            window, series = entry.window, self._series.get(entry.key)
            if series is None:
                value = 1 if window.counts else window.value(1, entry.value == MARKED, 1)
            elif window.counts and series[0][0] > time - window.span and series[-1][0] <= time:
                value = min(len(series) + 1, MOST_ENTRIES)
            else:
                value = _value(series, entry, time)
            values[window.signal] = value
        return values

    def value(self, entry: Entry, others: Sequence[str], time: Millis) -> int:
        """Return the value of a window at `time` with the new entry in; changes nothing.

        `others` are further values that the same event has in this series.
        """
        return _value(self._series.get(entry.key, ()), entry, time, others)

    def fold(self, new: Sequence[Entry], time: Millis) -> None:
        """Take the entries in. They may come late, and in any order."""
        every = self._series
        for entry in new:
            key, counted = entry.key, (time, entry.value)
            series = every.get(key)
            if series is None:
                every[key] = [counted]
                continue
            every.move_to_end(key)
            if series[-1][0] < time:
                series.append(counted)
            else:
                insort(series, counted)
            latest = series[-1][0] - entry.window.span
            if series[0][0] <= latest or len(series) > MOST_ENTRIES:
                keep_from = bisect_right(series, (latest, _LAST))
                del series[: max(keep_from, len(series) - MOST_ENTRIES)]
        while len(every) > self._most_keys:
            every.popitem(last=False)
        if time - self._swept > SWEEP:
            self._sweep(time)

    def _sweep(self, time: Millis) -> None:
        """Forget what no window can look back to any more."""
        self._swept = time
        while self._series:
            key, series = next(iter(self._series.items()))
            if series[-1][0] > time - LONGEST_IN_MEMORY:
                return
            del self._series[key]


def _value(
    series: Sequence[tuple[Millis, str]], entry: Entry, time: Millis, others: Sequence[str] = ()
) -> int:
    """Return a window's value at `time`, of what it has and one more entry."""
    window = entry.window
    start, end = 0, len(series)
    if series and series[0][0] <= time - window.span:
        start = bisect_right(series, (time - window.span, _LAST))
    if series and series[-1][0] > time:
        end = bisect_right(series, (time, _LAST))
    if window.unique is None and not window.share:
        return window.value(min(end - start + 1, MOST_ENTRIES), 0, 0)
    values = [entry.value, *others, *(value for _, value in series[start:end])]
    return window.value(len(values), values.count(MARKED), len(set(values)))


_LAST: Final = "\U0010ffff"
