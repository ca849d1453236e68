"""Streaks of days with a check-in (打卡), with one day of grace a week."""

from __future__ import annotations

from typing import Final, NamedTuple

GRACE_EVERY: Final = 7
"""A missed day is forgiven if none was in so many days before."""


class Run(NamedTuple):
    """Check-in days in a row: how many, the last one, and the missed day forgiven last."""

    length: int = 0
    end: int = 0
    forgiven: int = 0

    def extended(self, day: int) -> Run:
        """Return the run after a check-in on a later `day`."""
        if self.length and day == self.end + 1:
            return Run(self.length + 1, day, self.forgiven)
        if self.length and day == self.end + 2 and self._forgives(day - 1):
            return Run(self.length + 1, day, day - 1)
        return Run(1, day, self.forgiven if self.length else 0)

    def length_on(self, day: int) -> int:
        """Return how long the run is on `day`, whose own check-in may still come; 0: broken."""
        missed = day - 1 - self.end
        alive = missed <= 0 or (missed == 1 and self._forgives(day - 1))
        return self.length if alive else 0

    def _forgives(self, missed: int) -> bool:
        return missed - self.forgiven >= GRACE_EVERY
