"""Which hour, day and week a moment belongs to, and how far back each is remembered.

Hours, days and weeks are numbered, and 7 days, from Monday, make a week. Hours
are those of UTC: they are for lengths of time, which a change of the clock must
not bend. Days turn at midnight of the tenant's time zone (`clock`), so that an
evening's talk and an early check-in (打卡) fall on the days that members would
name; without one at midnight China Standard Time (UTC+8).
"""

from __future__ import annotations

from typing import Final, NamedTuple

HOUR: Final = 3_600_000
"""Milliseconds of an hour."""
DAY: Final = 24 * HOUR
"""Milliseconds of a day."""
OFFSET: Final = 8 * HOUR
"""How far local midnight lies before midnight UTC where a tenant names no time zone, in ms."""

HOURS_KEPT: Final = 14 * 24
"""How many hours, the current one included, the hourly figures reach back."""
DAYS_KEPT: Final = 91
"""How many days the daily figures reach back: a quarter of a year in whole weeks."""
WEEKS_KEPT: Final = 5
"""How many weeks the weekly figures reach back: four whole ones and the current one."""
BLOCK: Final = 28
"""Days of a block, in which it is kept on which days a member was active long ago."""
BLOCKS_KEPT: Final = 26
"""How many blocks, the current one included, reach back: two years."""


class Moment(NamedTuple):
    """A moment: its time in ms, its hour, and its local day and week by an offset (ms)."""

    time: int
    hour: int
    day: int
    week: int
    offset: int = OFFSET


def moment_of(time: int, offset: int = OFFSET) -> Moment:
    """Return the moment at `time`, in ms since the Unix epoch."""
    day = (time + offset) // DAY
    return Moment(time, time // HOUR, day, (day + 3) // 7, offset)


def hour_of(time: int) -> int:
    """Return the number of the hour that holds `time` (ms)."""
    return time // HOUR


def day_of(time: int, offset: int = OFFSET) -> int:
    """Return the number of the day that holds `time` (ms)."""
    return (time + offset) // DAY


def week_of(day: int) -> int:
    """Return the number of the week that holds a day."""
    return (day + 3) // 7


def first_day_of(week: int) -> int:
    """Return the number of a week's first day."""
    return week * 7 - 3


def hour_start(hour: int) -> int:
    """Return the first millisecond of an hour's number."""
    return hour * HOUR
