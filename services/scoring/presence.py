"""On which days a member was active, how much they wrote each week, and their check-in streak."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.calendar import BLOCK, BLOCKS_KEPT, DAYS_KEPT, WEEKS_KEPT, Moment, week_of
from services.scoring.contribution import Gain
from services.scoring.rings import Ring, added, bump, expire, figure, rows, since
from services.scoring.streaks import Run

_NO_RUN: Final = Run()


class Presence(Struct, frozen=True, omit_defaults=True, gc=False):
    """Acts per day, messages per week and check-ins per day: rings of width 2.

    Days that leave the rings are settled: `past_days` counts those that were
    active, `past` (a ring of width 2) keeps which ones for two years, a bit a day
    in blocks of 28 days, and `run` is the streak of check-ins that they ended with.
    Exact as long as nothing comes later than the rings reach back (91 days).
    """

    days: Ring = []
    weeks: Ring = []
    checkins: Ring = []
    past_days: int = 0
    run: Run = _NO_RUN
    past: Ring = []

    def record(self, gain: Gain, sign: int, when: Moment, anchor_day: int) -> Presence:
        """Return the presence with an act counted (1) or taken back (-1).

        `anchor_day` is the latest day known; it bounds what is remembered.
        """
        if when.day <= anchor_day - DAYS_KEPT:
            return self
        weeks, checkins = self.weeks, self.checkins
        if gain.kind == "messages":
            if when.week > week_of(anchor_day) - WEEKS_KEPT:
                weeks = added(weeks, when.week, sign)
        elif gain.kind == "checkins":
            checkins = added(checkins, when.day, sign)
        days = added(self.days, when.day, sign)
        return Presence(days, weeks, checkins, self.past_days, self.run, self.past)

    def forget(self, anchor_day: int) -> Presence:
        """Return the presence with the days settled that are too old to remember."""
        oldest = anchor_day - DAYS_KEPT + 1
        weeks = since(self.weeks, 2, week_of(anchor_day) - WEEKS_KEPT + 1)
        past = since(self.past, 2, anchor_day // BLOCK - BLOCKS_KEPT + 1)
        if not self.days or self.days[0] >= oldest:
            if weeks is self.weeks and past is self.past:
                return self
            return replace(self, weeks=weeks, past=past)
        days, checkins = self.days.copy(), self.checkins.copy()
        settled = expire(days, 2, oldest)
        active = [day for day, acts in rows(settled, 2, 0, oldest) if acts > 0]
        past = since(_marked(past, active), 2, anchor_day // BLOCK - BLOCKS_KEPT + 1)
        run = self.run
        for day, made in rows(expire(checkins, 2, oldest), 2, 0, oldest):
            if made > 0:
                run = run.extended(day)
        return Presence(days, weeks, checkins, self.past_days + len(active), run, past)

    def is_active_on(self, day: int) -> bool:
        """Whether the member acted on `day` (one of the last 91)."""
        return figure(self.days, 2, day) > 0

    def messages_in(self, week: int) -> int:
        """Return how many messages the member wrote in `week` (one of the last five)."""
        return figure(self.weeks, 2, week)

    @property
    def latest_day(self) -> int | None:
        """The last day on which the member acted, if one of the last 91."""
        days = self.days
        for at in range(len(days) - 2, -1, -2):
            if days[at + 1] > 0:
                return days[at]
        return None

    def latest_until(self, day: int) -> int | None:
        """Return the last day up to `day` on which the member acted, of the last two years."""
        for at in range(len(self.days) - 2, -1, -2):
            if self.days[at] <= day and self.days[at + 1] > 0:
                return self.days[at]
        for at in range(len(self.past) - 2, -1, -2):
            first = self.past[at] * BLOCK
            known = self.past[at + 1] & ((1 << max(0, day - first + 1)) - 1)
            if known:
                return first + known.bit_length() - 1
        return None

    def active_days(self, day: int, window: int = DAYS_KEPT) -> int:
        """Return on how many of the `window` days up to `day` the member acted."""
        return sum(acts > 0 for _, acts in rows(self.days, 2, day - window + 1, day))

    @property
    def active_days_ever(self) -> int:
        """On how many days the member acted, ever."""
        return self.past_days + sum(acts > 0 for acts in self.days[1::2])

    def streak(self, day: int) -> int:
        """Return how many days in a row up to `day`, or to the day before, have a check-in."""
        run = self.run
        for made, count in rows(self.checkins, 2, 0, day):
            if count > 0:
                run = run.extended(made)
        return run.length_on(day)


def _marked(past: Ring, days: list[int]) -> Ring:
    """Return blocks of days with these days' bits set; each comes once and was not set."""
    past = past.copy()
    for day in days:
        block, bit = divmod(day, BLOCK)
        bump(past, 2, block, 1, 1 << bit)
    return past
