"""Which layer of a group a member belongs to, by presence and by contribution.

A member rises at once, and sinks only after having been below nine tenths of
what the layer asks for, for two weeks without a break. What a day was like can
be told from what is kept of the last 91 days, so the layer is lived through anew
from them: it depends on nothing but what the member did, and not on when
somebody looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from services.scoring.calendar import DAYS_KEPT
from services.scoring.contribution import Source
from services.scoring.member import Member
from services.scoring.score import SCORE_HALF_LIFE, SOURCES


class Layer(StrEnum):
    """How much a member carries a group, least first."""

    ORDINARY = "ordinary"
    ACTIVE = "active"
    CONTRIBUTOR = "contributor"
    PROFESSIONAL = "professional"


class Bar(NamedTuple):
    """What a layer asks for: active days of the last 28, and score."""

    layer: Layer
    active_days: int
    score: float

    def is_met(self, active_days: int, score: float, share: float = 1.0) -> bool:
        """Whether both are at least that share of what is asked for."""
        return active_days >= share * self.active_days and score >= share * self.score


LAYERS: Final = tuple(Layer)
WINDOW: Final = 28
BARS: Final = (
    Bar(Layer.PROFESSIONAL, 12, 600),
    Bar(Layer.CONTRIBUTOR, 6, 150),
    Bar(Layer.ACTIVE, 3, 20),
)
"""What each layer asks for, highest first."""
KEEPS: Final = 0.9
"""A layer is kept with this share of what it asks for."""
GRACE_DAYS: Final = 14
"""A layer is kept for so many days with less."""
_DAILY: Final = 2 ** (-1 / SCORE_HALF_LIFE)
_RECOGNITION: Final = SOURCES.index(Source.RECOGNITION)


class Standing(NamedTuple):
    """A member's layer, what it was judged by, and what the next layer asks for (if any).

    `sinks_in` is after how many days the layer is lost if nothing changes; None
    while its bar is held.
    """

    layer: Layer
    active_days: int
    score: float
    next: Bar | None
    sinks_in: int | None = None


def standing_of(member: Member, at: int) -> Standing:
    """Judge a member at `at` (ms); it depends on nobody else's score."""
    today = member.day(at)
    active_days = member.presence.active_days(today, WINDOW)
    score = member.score_on(today)
    place, below = 0, 0
    for days, points in _lived(member, today):
        reached = _reached(days, points)
        held = place == 0 or BARS[-place].is_met(days, points, KEEPS)
        below = 0 if held else below + 1
        if reached > place:
            place, below = reached, 0
        elif below >= GRACE_DAYS:
            place, below = _reached(days, points, KEEPS), 0
    higher = BARS[-place - 1] if place < len(BARS) else None
    sinks_in = GRACE_DAYS - below if below else None
    return Standing(LAYERS[place], active_days, score, higher, sinks_in)


def _reached(active_days: int, score: float, share: float = 1.0) -> int:
    """Return the place in `LAYERS` of the highest layer whose bar is met."""
    for place in range(len(BARS), 0, -1):
        if BARS[-place].is_met(active_days, score, share):
            return place
    return 0


def _lived(member: Member, today: int) -> Iterator[tuple[int, float]]:
    """Yield active days of the last 28, and score, on each of the last 91 days."""
    days = member.presence.days
    active = {days[at] for at in range(0, len(days), 2) if days[at + 1] > 0}
    first = today - DAYS_KEPT + 1
    gained: dict[int, float] = {}
    for day, place, points in member.score.daily():
        trust = member.trust if place == _RECOGNITION else 1.0
        gained[day] = gained.get(day, 0.0) + trust * points
    known = sum(points * 2 ** ((day - today) / SCORE_HALF_LIFE) for day, points in gained.items())
    score = max(0.0, member.score_on(today) - known) / _DAILY**DAYS_KEPT
    window = sum(day in active for day in range(first - WINDOW, first))
    for day in range(first, today + 1):
        score = score * _DAILY + gained.get(day, 0.0)
        window += (day in active) - (day - WINDOW in active)
        yield window, max(0.0, score)
