"""On which days of the last two years a member was active, in whichever of the groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.scoring.calendar import BLOCK
from services.scoring.presence import Presence

REACH: Final = 25 * BLOCK
"""How many days back attendance is told: the whole blocks that a presence keeps."""


class Attendance:
    """A member's active days up to `day`, several groups put together.

    Held as one number with a bit a day, the highest for `day` itself, so that
    a day with acts in three groups is one day.
    """

    def __init__(self, presences: Iterable[Presence], day: int) -> None:
        first = day - REACH + 1
        bits = 0
        for presence in presences:
            for at in range(0, len(presence.days), 2):
                slot = presence.days[at]
                if first <= slot <= day and presence.days[at + 1] > 0:
                    bits |= 1 << (slot - first)
            for at in range(0, len(presence.past), 2):
                lead = presence.past[at] * BLOCK - first
                mask = presence.past[at + 1]
                bits |= mask << lead if lead >= 0 else mask >> -lead
        self._bits = bits & ((1 << REACH) - 1)

    @property
    def latest_age(self) -> int:
        """How many days ago the latest active day was; `REACH` if there is none."""
        return REACH - self._bits.bit_length()

    def days(self, window: int = REACH) -> int:
        """Return on how many of the last `window` days the member was active."""
        return (self._bits >> (REACH - window)).bit_count()

    def spans(self, length: int, window: int) -> int:
        """Return in how many of the spans of `length` days in the window they were active."""
        mask = (1 << length) - 1
        starts = range(REACH - length, REACH - window - 1, -length)
        return sum(1 for start in starts if self._bits >> start & mask)

    def decayed_days(self, half_life: int) -> float:
        """Return the active days, each worth 2^(-age / half-life)."""
        worth, bits = 0.0, self._bits
        while bits:
            top = bits.bit_length()
            worth += 2 ** ((top - REACH) / half_life)
            bits ^= 1 << (top - 1)
        return worth
