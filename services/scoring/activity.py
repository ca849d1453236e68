"""When a group is active: by day over a quarter, by hour and weekday over two weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.scoring.calendar import DAYS_KEPT, HOUR, HOURS_KEPT, day_of, hour_of, hour_start
from services.scoring.group import ACTIVE, BOT, DAY_WIDTH, MESSAGES, OPERATOR, SPAM, Group
from services.scoring.health import unpacked
from services.scoring.rings import rows
from services.scoring.watch import Watch

_MONDAY = 3
"""Added to a day's number it gives the weekday as a remainder: the Unix epoch was a Thursday."""


_NOTHING = (0,) * DAY_WIDTH


@dataclass(frozen=True)
class Day:
    """What happened on a day; `health` is that at its last look, None without one.

    `health_parts` are the values (0 to 1) of its parts, by name.
    """

    day: int
    messages: int = 0
    operator_messages: int = 0
    bot_messages: int = 0
    spam: int = 0
    active: int = 0
    health: int | None = None
    health_parts: dict[str, float] = field(default_factory=dict)


def days_of(group: Group, watch: Watch | None, at: int) -> Iterator[Day]:
    """Yield the days from the group's first one on, at most 91, up to the day of `at` (ms)."""
    today = max(day_of(at, group.offset), group.last_day)
    oldest = max(today - DAYS_KEPT + 1, day_of(group.first_at, group.offset))
    healths = {each.day: each for each in watch.healths} if watch is not None else {}
    found = {row[0]: row for row in rows(group.days, DAY_WIDTH, oldest, today)}
    for day in range(oldest, today + 1):
        row, seen = found.get(day, _NOTHING), healths.get(day)
        yield Day(
            day,
            messages=row[MESSAGES],
            operator_messages=row[OPERATOR],
            bot_messages=row[BOT],
            spam=row[SPAM],
            active=row[ACTIVE],
            health=None if seen is None else seen.score,
            health_parts={} if seen is None else unpacked(seen.parts),
        )


def week_of_hours(group: Group, at: int) -> list[list[int]]:
    """Return members' messages of the last two weeks by weekday (Monday first) and hour."""
    now = hour_of(at)
    counted = [[0] * 24 for _ in range(7)]
    for hour, messages in rows(group.hours, 2, now - HOURS_KEPT + 1, now):
        local = (hour_start(hour) + group.offset) // HOUR
        counted[(local // 24 + _MONDAY) % 7][local % 24] += messages
    return counted
