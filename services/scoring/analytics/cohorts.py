"""Retention triangles: of those who arrived in one period, who is back in the periods after."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from services.scoring.analytics.days import Period, days_with
from services.scoring.clock import TenantClock
from services.scoring.profiles.profile import Profile


class Cohort(Struct, frozen=True):
    """Those who arrived in one period; `back[n]` of them took the step n periods later."""

    label: str
    members: int
    back: list[int]
    shares: list[float]


class Cohorts:
    """Counts members by the period of their arrival and the periods in which they came back.

    From the period that holds day `first` to the one that holds day `last`; a
    period that has not ended on `last` is counted as far as it has come.
    """

    def __init__(
        self, step: str, period: Period, first: int, last: int, clock: TenantClock
    ) -> None:
        self._step = step.split("|")
        self._period = period
        self._clock = clock
        self._first, self._last = period.of(first), period.of(last)
        self._day, self._until = period.start(self._first), last
        periods = range(self._first, self._last + 1)
        self._spans = [
            (period.start(number) - self._day, period.start(number + 1) - self._day)
            for number in periods
        ]
        self._sizes = [0 for _ in periods]
        self._back = [[0] * (self._last - number + 1) for number in periods]

    def add(self, profiles: Sequence[Profile]) -> None:
        """Count one member, by their profiles in all groups together."""
        arrived = min((each.first_seen for each in profiles if each.first_seen), default=0)
        cohort = self._period.of(self._clock.day(arrived)) - self._first
        if not arrived or not 0 <= cohort < len(self._sizes):
            return
        self._sizes[cohort] += 1
        bits = days_with(profiles, self._step, self._day, self._until)
        for number in range(cohort, len(self._spans)):
            start, end = self._spans[number]
            if bits >> start & ((1 << (end - start)) - 1):
                self._back[cohort][number - cohort] += 1

    def rows(self) -> list[Cohort]:
        """Return the cohorts, the first first."""
        return [
            Cohort(
                label=self._period.label(self._first + number),
                members=size,
                back=self._back[number],
                shares=[round(count / size, 4) if size else 0.0 for count in self._back[number]],
            )
            for number, size in enumerate(self._sizes)
        ]
