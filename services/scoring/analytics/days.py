"""A member's days with a step, in all groups together, and the periods that days fall into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.scoring.calendar import BLOCK, BLOCKS_KEPT, week_of
from services.scoring.profiles.profile import Profile

REACH: Final = (BLOCKS_KEPT - 1) * BLOCK
"""How many days back steps are told."""
_EPOCH: Final = date(1970, 1, 1)
_FIRST_MONDAY: Final = 4
"""The number of the day that week 1 begins with: Monday 1970-01-05."""


class Period(StrEnum):
    """What cohorts are cut by: weeks from Monday, or calendar months."""

    WEEK = "week"
    MONTH = "month"

    def of(self, day: int) -> int:
        """Return the number of the period that holds a day."""
        if self is Period.WEEK:
            return week_of(day)
        on = date_of(day)
        return on.year * 12 + on.month - 1

    def start(self, number: int) -> int:
        """Return the first day of a period."""
        if self is Period.WEEK:
            return _FIRST_MONDAY + (number - 1) * 7
        return day_number(date(number // 12, number % 12 + 1, 1))

    def label(self, number: int) -> str:
        """Return what people call a period: `2026-03`, or the Monday that a week begins with."""
        first = date_of(self.start(number))
        return first.isoformat() if self is Period.WEEK else f"{first:%Y-%m}"


def date_of(day: int) -> date:
    """Return the date of a day's number."""
    return _EPOCH + timedelta(days=day)


def day_number(on: date) -> int:
    """Return the number of a date's day."""
    return (on - _EPOCH).days


def days_with(profiles: Iterable[Profile], steps: Sequence[str], first: int, last: int) -> int:
    """Return a number with a bit for each day, the lowest for `first`, with one of the steps."""
    bits = 0
    for profile in profiles:
        for step in steps:
            bits |= profile.steps.days(step, first, last)
    return bits
