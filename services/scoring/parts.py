"""Which part a member plays in a group's talk, week by week, and how sure that is.

Judged by what the member did in the four weeks before, so it depends on nothing
but that: neither on when somebody looked, nor on the order in which events came.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from services.scoring.acts import WEEKS_TOLD, Acts, acts_until
from services.scoring.calendar import day_of, first_day_of, week_of
from services.scoring.member import Member

SILENT_DAYS: Final = 28
"""Who did nothing for so many days is silent."""
ENOUGH_ACTS: Final = 10
"""With so many acts, evidence counts for half; with ever more for almost all."""
DISAGREES_FULLY: Final = 1 / 3
"""Who disagrees in this share of what they say is a critic through and through."""


class Part(StrEnum):
    """A part in a group's talk."""

    THINKER = "thinker"
    CRITIC = "critic"
    ONLOOKER = "onlooker"
    SILENT = "silent"


class Casting(NamedTuple):
    """A member's part; `confidence` (0 to 1) grows with evidence and with how clear it is.

    `weights` tells how much speaks for each part, `acts` how many were judged.
    """

    part: Part
    confidence: float
    weights: dict[str, float]
    acts: int


class LivedWeek(NamedTuple):
    """The part that was played as of the last day of a week; both days by their numbers."""

    first_day: int
    last_day: int
    casting: Casting


def casting_of(member: Member, at: int) -> Casting:
    """Judge a member at `at` (ms) by what they did and what came back."""
    return casting_on(member, member.day(at))


def weeks_lived(member: Member, at: int) -> list[LivedWeek]:
    """Return the last 13 weeks up to `at` (ms), from that of the first act on.

    The week that `at` lies in is told as of that day.
    """
    today = member.day(at)
    this = week_of(today)
    arrived = week_of(min(today, day_of(member.first_seen, member.offset)))
    weeks = []
    for week in range(max(arrived, this - WEEKS_TOLD + 1), this + 1):
        first, last = first_day_of(week), min(today, first_day_of(week + 1) - 1)
        weeks.append(LivedWeek(first, last, casting_on(member, last)))
    return weeks


def casting_on(member: Member, day: int) -> Casting:
    """Judge a member on a local day by the four weeks up to its own (`acts`)."""
    acts = acts_until(member.acts, week_of(day))
    latest = member.presence.latest_until(day)
    since = 2 * SILENT_DAYS if latest is None else day - latest
    if since >= SILENT_DAYS:
        confidence = 1 - 0.5 ** (since / SILENT_DAYS)
        return Casting(Part.SILENT, confidence, {str(Part.SILENT): 1.0}, acts.all)
    weights = _weights(acts)
    best = max(weights, key=lambda part: (weights[part], part))
    clear = weights[best] / sum(weights.values())
    confidence = acts.all / (acts.all + ENOUGH_ACTS) * clear
    return Casting(best, confidence, {str(part): x for part, x in weights.items()}, acts.all)


def _weights(acts: Acts) -> dict[Part, float]:
    both = acts.said + acts.answers
    draws = acts.answers / both if both else 0.0
    return {
        Part.THINKER: (acts.said / acts.all if acts.all else 0.0) * (0.5 + 0.5 * draws),
        Part.CRITIC: min(1.0, acts.against / (acts.said + 1) / DISAGREES_FULLY),
        Part.ONLOOKER: acts.watched / acts.all if acts.all else 1.0,
    }
