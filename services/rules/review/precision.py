"""How often people agreed: with a rule's verdicts, with a member's reports."""

from __future__ import annotations

from math import sqrt
from typing import Final

from msgspec import Struct

_Z: Final = 1.96
"""Standard deviations of a 95 % interval."""


class Tally(Struct, frozen=True):
    """Decided cases in which a rule fired, or that a member reported."""

    name: str
    confirmed: int
    overturned: int

    @property
    def precision(self) -> float | None:
        """The share that was confirmed; None where nothing was decided."""
        decided = self.confirmed + self.overturned
        return round(self.confirmed / decided, 4) if decided else None

    @property
    def at_least(self) -> float | None:
        """The lower bound of the precision with 95 % confidence (Wilson, 1927)."""
        decided = self.confirmed + self.overturned
        if not decided:
            return None
        share, spread = self.confirmed / decided, _Z * _Z / decided
        centre = share + spread / 2
        width = _Z * sqrt((share * (1 - share) + spread / 4) / decided)
        return round(max(0.0, (centre - width) / (1 + spread)), 4)
