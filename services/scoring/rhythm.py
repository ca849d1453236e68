"""How long a group is usually silent, and how long it is silent now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from services.scoring.calendar import DAY, DAYS_KEPT, HOURS_KEPT, day_of, hour_of, hour_start
from services.scoring.group import DAY_WIDTH, MESSAGES, Group
from services.scoring.rings import rows

LEAST_QUIET_HOURS: Final = 10
"""No group is called quiet sooner: a night is longer than a new group's known pauses."""
MOST_QUIET_HOURS: Final = 28 * 24
PATIENCE: Final = 3
"""A group is quiet when it is silent this many times longer than usual."""
ORDINARY: Final = 0.9
"""A pause between days of talk is usual when nine in ten are no longer."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A group's silences, in hours.

    `last_hour` is the last hour (`calendar.hour_of`) with a member's message, as
    far as it is remembered; `silent` is how long ago it ended, `usual` the longest
    ordinary pause of the group, `quiet_after` the silence after which it is quiet.
    """

    last_hour: int | None
    silent: int
    usual: int
    quiet_after: int

    @property
    def is_quiet(self) -> bool:
        """Whether the group has been silent for longer than suits it."""
        return self.last_hour is None or self.silent >= self.quiet_after

    @property
    def quiet_at(self) -> int | None:
        """When the group will be quiet if nobody writes (ms)."""
        if self.last_hour is None:
            return None
        return hour_start(self.last_hour + 1 + self.quiet_after)


def rhythm_of(group: Group, at: int) -> Rhythm:
    """Read a group's rhythm from its hours (two weeks) and its days (a quarter).

    What an older group did not say before its first talk of the quarter is a pause, too.
    """
    now, today = hour_of(at), max(day_of(at, group.offset), group.last_day)
    hours = [row[0] for row in rows(group.hours, 2, now - HOURS_KEPT + 1, now) if row[1] > 0]
    oldest = today - DAYS_KEPT + 1
    days = [row[0] for row in rows(group.days, DAY_WIDTH, oldest, today) if row[MESSAGES] > 0]
    is_older = day_of(group.first_at, group.offset) < oldest
    ordinary = _ordinary([oldest - 1, *days] if is_older else days)
    usual = min(max(_longest(hours), ordinary * 24), MOST_QUIET_HOURS // PATIENCE)
    quiet_after = max(LEAST_QUIET_HOURS, PATIENCE * usual)
    if hours:
        last_hour = hours[-1]
    elif days:
        last_hour = hour_of((days[-1] + 1) * DAY - group.offset - 1)
    else:
        return Rhythm(None, DAYS_KEPT * 24, usual, quiet_after)
    silent = max(0, now - last_hour - 1)
    return Rhythm(last_hour, silent, usual, quiet_after)


def _longest(hours: Sequence[int]) -> int:
    return max((after - before - 1 for before, after in pairwise(hours)), default=0)


def _ordinary(days: Sequence[int]) -> int:
    """The pause, in days, that nine in ten between two days do not exceed."""
    pauses = sorted(after - before - 1 for before, after in pairwise(days))
    return pauses[ceil(ORDINARY * len(pauses)) - 1] if pauses else 0
