"""Which layer of a group a member belongs to, by presence and by contribution."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from services.scoring.member import Member


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


WINDOW: Final = 28
BARS: Final = (
    Bar(Layer.PROFESSIONAL, 12, 600),
    Bar(Layer.CONTRIBUTOR, 6, 150),
    Bar(Layer.ACTIVE, 3, 20),
)
"""What each layer asks for, highest first."""


class Standing(NamedTuple):
    """A member's layer, what it was judged by, and what the next layer asks for (if any)."""

    layer: Layer
    active_days: int
    score: float
    next: Bar | None


def standing_of(member: Member, at: int) -> Standing:
    """Judge a member at `at` (ms); it depends on nobody else's score."""
    day = member.day(at)
    active_days = member.presence.active_days(day, WINDOW)
    score = member.score_on(day)
    higher: Bar | None = None
    for bar in BARS:
        if active_days >= bar.active_days and score >= bar.score:
            return Standing(bar.layer, active_days, score, higher)
        higher = bar
    return Standing(Layer.ORDINARY, active_days, score, higher)
