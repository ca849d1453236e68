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

from services.scoring.calendar import DAYS_KEPT, day_of
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


class LivedDay(NamedTuple):
    """A local day by its number: the layer then, and what it was judged by."""

    day: int
    layer: Layer
    active_days: int
    score: float


def standing_of(member: Member, at: int) -> Standing:
    """Judge a member at `at` (ms); it depends on nobody else's score."""
    today = member.day(at)
    active_days = member.presence.active_days(today, WINDOW)
    score = member.score_on(today)
    place, below = 0, 0
    for days, points in _lived(member, today):
        place, below = _next_place(place, below, days, points)
    higher = BARS[-place - 1] if place < len(BARS) else None
    sinks_in = GRACE_DAYS - below if below else None
    return Standing(LAYERS[place], active_days, score, higher, sinks_in)


def days_lived(member: Member, at: int) -> list[LivedDay]:
    """Return the last 91 days of a member up to `at` (ms), from the day of the first act on.

    Each is told by what is kept today: recognition counts by today's trust.
    """
    today = member.day(at)
    first = today - DAYS_KEPT + 1
    arrived = day_of(member.first_seen, member.offset)
    place, below, days = 0, 0, []
    for day, (active_days, score) in enumerate(_lived(member, today), first):
        place, below = _next_place(place, below, active_days, score)
        if day >= arrived:
            days.append(LivedDay(day, LAYERS[place], active_days, score))
    return days


def _next_place(place: int, below: int, days: int, points: float) -> tuple[int, int]:
    """Return the place in `LAYERS` after one more day, and for how many days it was not held."""
    reached = _reached(days, points)
    held = place == 0 or BARS[-place].is_met(days, points, KEEPS)
    below = 0 if held else below + 1
    if reached > place:
        return reached, 0
    if below >= GRACE_DAYS:
        return _reached(days, points, KEEPS), 0
    return place, below


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
