"""A group's health, 0 to 100: the weighted mean of parts that each say why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2
from typing import Final

from services.scoring.pulse import MONTH, Pulse

ENOUGH_MESSAGES: Final = 30
"""Below this many messages a month, how talk is shared out says nothing."""
ENOUGH_NEWCOMERS: Final = 1
QUIET_MOST: Final = 50
"""The most health that a group has while it is quiet."""


WEIGHTS: Final = {
    "activity": 30,
    "trend": 10,
    "silence": 15,
    "participation": 15,
    "balance": 15,
    "welcome": 8,
    "cleanliness": 7,
    "members_voice": 5,
}
"""By part of a group's health: how much it weighs."""
_UNKNOWN: Final = 255


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a group's health: how well it does (0 to 1), and why."""

    name: str
    value: float
    because: str

    @property
    def weight(self) -> int:
        """How much it weighs among the parts that are known."""
        return WEIGHTS[self.name]


@dataclass(frozen=True, slots=True)
class Health:
    """A group's health and the parts that make it up; unknown parts are left out."""

    score: int
    parts: tuple[Part, ...]


def health_of(pulse: Pulse) -> Health:
    """Judge a group by its vital signs.

    A group that nobody writes in has no health, however clean it is, and a
    quiet one has at most `QUIET_MOST`.
    """
    if not pulse.messages:
        return Health(0, (Part("activity", 0.0, "no member wrote in 28 days"),))
    parts = tuple(
        part
        for part in (
            _activity(pulse),
            _trend(pulse),
            _silence(pulse),
            _participation(pulse),
            _balance(pulse),
            _welcome(pulse),
            _cleanliness(pulse),
            _members_voice(pulse),
        )
        if part is not None
    )
    weight = sum(part.weight for part in parts)
    mean = sum(part.value * part.weight for part in parts) / weight
    most = QUIET_MOST if pulse.rhythm.is_quiet else 100
    return Health(min(most, round(100 * mean)), parts)


def packed(parts: Iterable[Part]) -> bytes:
    """Return the parts' values as percent, a byte each in the order of `WEIGHTS`."""
    values = {part.name: round(100 * part.value) for part in parts}
    return bytes(values.get(name, _UNKNOWN) for name in WEIGHTS)


def unpacked(values: bytes) -> dict[str, float]:
    """Return the values of the parts that were known, by name."""
    pairs = zip(WEIGHTS, values, strict=False)
    return {name: value / 100 for name, value in pairs if value != _UNKNOWN}


def _clamp(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)


def _activity(pulse: Pulse) -> Part:
    days = min(MONTH, pulse.age_days)
    because = f"members wrote on {pulse.talking_days} of the last {days} days"
    return Part("activity", _clamp(pulse.talking_days / days), because)


def _trend(pulse: Pulse) -> Part | None:
    """Compare the last 28 days' person-days with the 28 before; a doubling is full marks."""
    if pulse.age_days < 2 * MONTH or not pulse.prior_person_days:
        return None
    ratio = pulse.person_days / pulse.prior_person_days
    because = (
        f"{pulse.person_days} member-days of activity in 28 days, "
        f"{pulse.prior_person_days} in the 28 before"
    )
    return Part("trend", _clamp(0.75 + log2(max(ratio, 1 / 16)) / 4), because)


def _silence(pulse: Pulse) -> Part:
    """Full marks up to the usual pause, none when the group is quiet."""
    rhythm = pulse.rhythm
    spare = rhythm.quiet_after - rhythm.usual
    value = (rhythm.quiet_after - rhythm.silent) / spare
    because = f"silent for {rhythm.silent} h; pauses up to {rhythm.usual + 1} h are usual here"
    return Part("silence", _clamp(value), because)


def _participation(pulse: Pulse) -> Part:
    """How many take part, in number and as a share: 16 people, or half of the members."""
    people, ratio = pulse.active_month, pulse.speaking_ratio
    value = 0.7 * log2(1 + people) / log2(17) + 0.3 * ratio / 0.5
    because = f"{people} of {pulse.members} members were active in 28 days"
    return Part("participation", _clamp(value), because)


def _balance(pulse: Pulse) -> Part | None:
    """The share of the four busiest: fine up to half, bad when nobody else talks."""
    talkers = pulse.talkers
    if talkers.messages < ENOUGH_MESSAGES:
        return None
    because = f"the four busiest wrote {talkers.top_share:.0%}; half comes from {talkers.half:.1f}"
    return Part("balance", _clamp((1 - talkers.top_share) / 0.5), because)


def _welcome(pulse: Pulse) -> Part | None:
    newcomers = pulse.newcomers
    if not pulse.tells_answers or newcomers.spoke < ENOUGH_NEWCOMERS:
        return None
    because = f"{newcomers.answered} of {newcomers.spoke} newcomers were answered within a day"
    return Part("welcome", _clamp(newcomers.answered / newcomers.spoke), because)


def _cleanliness(pulse: Pulse) -> Part:
    """Spam share: none is full marks, one message in ten is none."""
    because = f"{pulse.spam} of {pulse.messages + pulse.spam} messages were spam"
    return Part("cleanliness", _clamp(1 - pulse.spam_share / 0.1), because)


def _members_voice(pulse: Pulse) -> Part:
    """Members' own share of the talk: half of it is enough."""
    because = f"those who run the group wrote {pulse.operator_share:.0%} of the messages"
    return Part("members_voice", _clamp((1 - pulse.operator_share) / 0.5), because)
