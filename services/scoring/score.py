"""A member's decayed score: points by where they come from, over three half-lives."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from services.scoring import decay
from services.scoring.contribution import Source
from services.scoring.rings import Ring

SCORE_HALF_LIFE = 30
"""The half-life, in days, of what is called *the* score."""


class Score(Struct, frozen=True, omit_defaults=True, gc=False):
    """Decayed sums of points (`decay`): the score by source, and all points over 7 and 90 days.

    `rank` sorts members by score at any time (`decay.rank`).
    """

    by_source: dict[str, Ring] = {}
    week: Ring = []
    quarter: Ring = []
    rank: float = 0.0

    def add(self, source: Source, points: int, day: int, anchor_day: int) -> Score:
        """Return the score with points given, or taken back, on `day`.

        `anchor_day` is the latest day known; it bounds what is remembered.
        """
        by_source = self.by_source.copy()
        ring = decay.add(by_source.get(source, []), 30, day, points, anchor_day)
        if ring:
            by_source[source] = ring
        else:
            by_source.pop(source, None)
        return Score(
            by_source,
            decay.add(self.week, 7, day, points, anchor_day),
            decay.add(self.quarter, 90, day, points, anchor_day),
            decay.rank(by_source.values()),
        )

    def forget(self, anchor_day: int) -> Score:
        """Return the score without what is older than is remembered on `anchor_day`."""
        if not any(decay.is_past(ring, days, anchor_day) for ring, days in self._rings()):
            return self
        week = decay.forget(self.week, 7, anchor_day)
        quarter = decay.forget(self.quarter, 90, anchor_day)
        rings = {
            source: decay.forget(ring, 30, anchor_day) for source, ring in self.by_source.items()
        }
        by_source = {source: ring for source, ring in rings.items() if ring}
        return Score(by_source, week, quarter, decay.rank(by_source.values()))

    def _rings(self) -> Iterator[tuple[Ring, int]]:
        yield self.week, 7
        yield self.quarter, 90
        for ring in self.by_source.values():
            yield ring, SCORE_HALF_LIFE

    def value(self, day: int) -> float:
        """Return the score on `day`, in points."""
        return max(0.0, sum(self.parts(day).values()))

    def parts(self, day: int) -> dict[str, float]:
        """Return what each source contributes to the score on `day`, in points."""
        return {
            source: decay.value(ring, SCORE_HALF_LIFE, day)
            for source, ring in sorted(self.by_source.items())
        }

    def over_week(self, day: int) -> float:
        """Return all points with a half-life of 7 days, on `day`."""
        return decay.value(self.week, 7, day)

    def over_quarter(self, day: int) -> float:
        """Return all points with a half-life of 90 days, on `day`."""
        return decay.value(self.quarter, 90, day)
