"""A tenant's clock: which local day a moment belongs to, through every zone it ever named.

A zone holds from the moment it was named. So the day of a moment that has
passed never changes, whatever is named later: what was counted by it can be
taken back by it, and is found again by it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from services.scoring.calendar import DAY, HOUR, Moment, moment_of

SHANGHAI: Final = "Asia/Shanghai"
MOST_NAME: Final = 64
_SPAN: Final = HOUR // 4
"""Clocks change on the quarter of an hour, so an offset holds for one (ms)."""
_MOST_REMEMBERED: Final = 8_192
_LATEST: Final = 253_370_764_800_000
"""The last moment (ms) of which calendars know the day: the year 9999."""


class ZoneFrom(Struct, frozen=True):
    """A zone (IANA) that holds from `since` (ms) on, a whole quarter of an hour."""

    since: int
    zone: str


class TenantClock:
    """Tells local days. `zones` are the earliest first; before the first holds `default`.

    Raises `ZoneInfoNotFoundError` or `ValueError` for a zone that there is not.
    """

    def __init__(self, zones: Sequence[ZoneFrom] = (), default: str = SHANGHAI) -> None:
        self._since = [each.since for each in zones]
        self._zones = [ZoneInfo(default), *(ZoneInfo(each.zone) for each in zones)]
        self._offsets: dict[int, int] = {}

    def zone(self, time: int) -> str:
        """Return the name of the zone that holds at `time` (ms)."""
        return self._zone(time).key

    def offset(self, time: int) -> int:
        """Return how far local time is ahead of UTC at `time`, both in ms."""
        span = time // _SPAN
        known = self._offsets.get(span)
        if known is None:
            if len(self._offsets) >= _MOST_REMEMBERED:
                self._offsets.clear()
            known = self._offsets[span] = self._looked_up(span * _SPAN)
        return known

    def day(self, time: int) -> int:
        """Return the number of the local day that holds `time` (ms)."""
        return (time + self.offset(time)) // DAY

    def moment(self, time: int) -> Moment:
        """Return the moment at `time` (ms)."""
        return moment_of(time, self.offset(time))

    def at(self, day: int, hour: int = 0) -> int:
        """Return when (ms) it is `hour` o'clock on a local day; where it never is, soon after."""
        local = day * DAY + hour * HOUR
        first = local - self.offset(local)
        return local - self.offset(first)

    def _looked_up(self, time: int) -> int:
        local = datetime.fromtimestamp(min(max(time, 0), _LATEST) / 1000, tz=UTC)
        ahead = self._zone(time).utcoffset(local.astimezone(self._zone(time)))
        return 0 if ahead is None else round(ahead.total_seconds() * 1000)

    def _zone(self, time: int) -> ZoneInfo:
        return self._zones[bisect_right(self._since, time)]


def with_zone(zones: Sequence[ZoneFrom], zone: str, now: int) -> list[ZoneFrom]:
    """Return the zones with one more that holds from the quarter of an hour after `now` (ms)."""
    since = (now // _SPAN + 1) * _SPAN
    return [*(each for each in zones if each.since < since), ZoneFrom(since, zone)]


DEFAULT_CLOCK: Final = TenantClock()
"""The clock of tenants that named no zone, where the installation names none either."""
