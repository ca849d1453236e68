"""When a campaign is said, as notify tells it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from msgspec import Struct

MOST_TIMES: Final = 400
"""Times of one campaign that a month shows: every two hours all month."""
_WEEKLY: Final = re.compile(r"(\d\d?) (\d\d?) \* \* ([0-7](?:,[0-7])*)")


class Weekly(NamedTuple):
    """A time of day on some days of the week, 1 (Monday) to 7."""

    days: list[int]
    time: str


class Reminder(Struct, frozen=True):
    """What is said so long before each time."""

    minutes_before: int
    text: str


class Schedule(Struct, frozen=True):
    """When: once `at` a time, or by `cron` in `zone`; neither: once approved."""

    cron: str = ""
    zone: str = "UTC"
    at: datetime | None = None
    until: datetime | None = None
    reminders: list[Reminder] = []

    @property
    def weekly(self) -> Weekly | None:
        """The days of the week and the time of day, where that is all that `cron` says."""
        found = _WEEKLY.fullmatch(self.cron)
        if found is None:
            return None
        minute, hour, days = int(found[1]), int(found[2]), found[3].split(",")
        numbers = sorted({int(day) or 7 for day in days})
        return Weekly(numbers, f"{hour:02}:{minute:02}") if hour < 24 and minute < 60 else None

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield its times from `start` until before `end`."""
        if self.at is not None:
            if start <= self.at < end:
                yield self.at
            return
        if not self.cron:
            return
        last = end if self.until is None else min(end, self.until + timedelta(seconds=1))
        # cronsim's first time is later than where it begins
        begin = (start - timedelta(minutes=1)).astimezone(ZoneInfo(self.zone))
        try:
            for number, moment in enumerate(CronSim(self.cron, begin)):
                if moment >= last or number > MOST_TIMES:
                    return
                if moment >= start:
                    yield moment
        except CronSimError:
            return


def cron_of(days: Sequence[str], time: str) -> str:
    """Return days of the week and a time of day (`08:30`) as cron writes them.

    What is no time of day goes as it is: notify says what is wrong with it.
    """
    hour, _, minute = time.partition(":")
    if hour.isdecimal() and minute.isdecimal():
        return f"{int(minute)} {int(hour)} * * {','.join(days)}"
    return f"{time} * * {','.join(days)}"
