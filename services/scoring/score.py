"""A member's decayed score: points by day and source, capped, over three half-lives.

Recognition counts as far as it is credible (`ties`): favours that a few do each
other on one day count for little.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from services.scoring import decay
from services.scoring.calendar import DAYS_KEPT
from services.scoring.contribution import Source
from services.scoring.rings import Ring, added, figure, since

SCORE_HALF_LIFE: Final = 30
"""The half-life, in days, of what is called *the* score."""
SOURCES: Final = tuple(Source)
_PLACE: Final = {source: place for place, source in enumerate(SOURCES)}
_WIDTH: Final = len(SOURCES)
_RECOGNITION: Final = _PLACE[Source.RECOGNITION]
DAILY_CAPS: Final = {
    Source.TALK: 120,
    Source.RECOGNITION: 60,
    Source.PARTICIPATION: 60,
    Source.COMMITMENT: 300,
}
"""The most points of one day that count, by source."""
_CAPS: Final = tuple(DAILY_CAPS[source] for source in SOURCES)


class Score(Struct, frozen=True, omit_defaults=True, gc=False):
    """Points of the last 91 days, and the decayed sums (`decay`) of them and of what was before.

    `points` is a ring of width 2 of raw points, by day and source. `own` and
    `recognised` are decayed sums with the half-life of the score, of capped
    points: of everything but recognition, and of recognition. `older` is that of
    the days that left `points`, over 90 days. `rank` sorts members by score at
    any time (`decay.rank`).
    """

    points: Ring = []
    own: Ring = []
    recognised: Ring = []
    older: Ring = []
    rank: float = 0.0

    def add(
        self, source: Source, points: int, day: int, anchor_day: int, trust: float | None
    ) -> Score:
        """Return the score with points given, or taken back, on `day`.

        `anchor_day` is the latest day known; it bounds what is remembered. Without
        `trust`, the credibility of recognition, the score is not `ranked` yet.
        """
        if day <= anchor_day - DAYS_KEPT:
            return self
        place = _PLACE[source]
        slot = day * _WIDTH + place
        before = figure(self.points, 2, slot)
        after, cap = before + points, _CAPS[place]
        counted = (min(cap, after)) - (min(cap, before))
        own, recognised = self.own, self.recognised
        if counted and place == _RECOGNITION:
            recognised = decay.add(recognised, SCORE_HALF_LIFE, day, counted, anchor_day)
        elif counted:
            own = decay.add(own, SCORE_HALF_LIFE, day, counted, anchor_day)
        rank = self.rank if trust is None else decay.rank(own, recognised, trust)
        return Score(added(self.points, slot, points), own, recognised, self.older, rank)

    def ranked(self, trust: float) -> Score:
        """Return the score with recognition counting for so much."""
        rank = decay.rank(self.own, self.recognised, trust)
        if rank == self.rank:
            return self
        return Score(self.points, self.own, self.recognised, self.older, rank)

    def forget(self, anchor_day: int) -> Score:
        """Return the score without what is older than is remembered on `anchor_day`."""
        oldest = (anchor_day - DAYS_KEPT + 1) * _WIDTH
        points, own, recognised, older = self.points, self.own, self.recognised, self.older
        if points and points[0] < oldest:
            for day, _, counted in self.daily():
                if day * _WIDTH < oldest:
                    older = decay.add(older, 90, day, counted, anchor_day)
            points = since(points, 2, oldest)
        own = decay.forget(own, SCORE_HALF_LIFE, anchor_day)
        recognised = decay.forget(recognised, SCORE_HALF_LIFE, anchor_day)
        older = decay.forget(older, 90, anchor_day)
        rings = points, own, recognised, older
        if rings == (self.points, self.own, self.recognised, self.older):
            return self
        return Score(points, own, recognised, older, self.rank)

    def value(self, day: int, credibility: float) -> float:
        """Return the score on `day`, in points."""
        return decay.value(self.own, SCORE_HALF_LIFE, day) + credibility * decay.value(
            self.recognised, SCORE_HALF_LIFE, day
        )

    def parts(self, day: int, credibility: float) -> dict[str, float]:
        """Return what each source contributes to the score on `day`, in points.

        `earlier` is what was earned, other than by recognition, before the last 91 days.
        """
        parts = dict.fromkeys(sorted(SOURCES), 0.0)
        for earned, place, points in self.daily():
            if place != _RECOGNITION:
                parts[SOURCES[place]] += points * 2 ** ((earned - day) / SCORE_HALF_LIFE)
        parts[Source.RECOGNITION] = credibility * decay.value(self.recognised, SCORE_HALF_LIFE, day)
        rest = self.value(day, credibility) - sum(parts.values())
        found = {str(source): points for source, points in parts.items() if points}
        return {**found, "earlier": rest} if rest > 0.05 else found

    def over_week(self, day: int, credibility: float) -> float:
        """Return all points with a half-life of 7 days, on `day`."""
        return self._recent(day, 7, credibility)

    def over_quarter(self, day: int, credibility: float) -> float:
        """Return all points with a half-life of 90 days, on `day`."""
        return self._recent(day, 90, credibility) + decay.value(self.older, 90, day)

    def _recent(self, day: int, half_life: int, credibility: float) -> float:
        return max(
            0.0,
            sum(
                points * 2 ** ((earned - day) / half_life) * _trust(place, credibility)
                for earned, place, points in self.daily()
            ),
        )

    def daily(self) -> Iterator[tuple[int, int, int]]:
        """Yield the day, the source's place in `SOURCES` and the capped points, oldest first."""
        for day, place, points in _rows(self.points):
            yield day, place, min(points, _CAPS[place])

    def days_recognised(self, most: int) -> int:
        """Return on how many of the last 91 days there was recognition, counting up to `most`."""
        points, days = self.points, 0
        for at in range(len(points) - 2, -1, -2):
            if points[at] % _WIDTH == _RECOGNITION and points[at + 1] > 0:
                days += 1
                if days == most:
                    break
        return days


def _trust(place: int, credibility: float) -> float:
    return credibility if place == _RECOGNITION else 1.0


def _rows(points: Ring) -> Iterator[tuple[int, int, int]]:
    for at in range(0, len(points), 2):
        yield *divmod(points[at], _WIDTH), points[at + 1]
