"""Which part a member plays in a group's talk, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from services.scoring.member import Member
from services.scoring.talk.key_people import WeightedEdge

SILENT_DAYS: Final = 28
"""Who did nothing for so many days is silent."""
ENOUGH_ACTS: Final = 10
"""With so many acts, evidence counts for half; with ever more for almost all."""
DISAGREES_FULLY: Final = 1 / 3
"""Who disagrees in this share of what they say to others is a critic through and through."""


class Part(StrEnum):
    """A part in a group's talk."""

    THINKER = "thinker"
    CRITIC = "critic"
    ONLOOKER = "onlooker"
    SILENT = "silent"


class Exchange(NamedTuple):
    """What a member said to others, what was said to them, and how much in disagreement."""

    given: float = 0.0
    received: float = 0.0
    against: float = 0.0


class Casting(NamedTuple):
    """A member's part; `confidence` (0 to 1) grows with evidence and with how clear it is.

    `weights` tells how much speaks for each part, `acts` how many were judged.
    """

    part: Part
    confidence: float
    weights: dict[str, float]
    acts: int


def exchanges(edges: Sequence[WeightedEdge]) -> dict[str, Exchange]:
    """Sum up a talk graph's edges by member."""
    sums: dict[str, Exchange] = {}
    for speaker, to, weight, against in edges:
        one = sums.get(speaker, _NOTHING)
        sums[speaker] = Exchange(one.given + weight, one.received, one.against + against)
        one = sums.get(to, _NOTHING)
        sums[to] = Exchange(one.given, one.received + weight, one.against)
    return sums


def casting_of(member: Member, talk: Mapping[str, Exchange], at: int) -> Casting:
    """Judge a member at `at` (ms) by what they did and what their talk was like."""
    day = member.day(at)
    if not member.presence.active_days(day, SILENT_DAYS):
        return _silent(member, day)
    exchange = talk.get(member.member, _NOTHING)
    weights = _weights(member.counts, exchange)
    acts = _acts(member.counts)
    best = max(weights, key=lambda part: (weights[part], part))
    total = sum(weights.values())
    clear = weights[best] / total if total else 0.0
    confidence = acts / (acts + ENOUGH_ACTS) * clear
    return Casting(best, confidence, {str(part): x for part, x in weights.items()}, acts)


def _weights(counts: Mapping[str, int], exchange: Exchange) -> dict[Part, float]:
    messages = max(0, counts.get("messages", 0))
    substantial = max(0, messages - counts.get("low_value", 0))
    watching = counts.get("views", 0) + counts.get("reactions", 0) + counts.get("low_value", 0)
    acts = substantial + max(0, watching)
    both = exchange.given + exchange.received
    draws = exchange.received / both if both else 0.0
    disagrees = exchange.against / (exchange.given + 1)
    return {
        Part.THINKER: (substantial / acts if acts else 0.0) * (0.5 + 0.5 * draws),
        Part.CRITIC: min(1.0, disagrees / DISAGREES_FULLY),
        Part.ONLOOKER: max(0, watching) / acts if acts else 1.0,
    }


def _silent(member: Member, day: int) -> Casting:
    """The longer somebody known is silent, the surer it is: half after 28 days more."""
    latest = member.presence.latest_day
    since = day - latest if latest is not None else 2 * SILENT_DAYS
    confidence = 1 - 0.5 ** (since / SILENT_DAYS)
    return Casting(Part.SILENT, confidence, {str(Part.SILENT): 1.0}, _acts(member.counts))


def _acts(counts: Mapping[str, int]) -> int:
    return sum(max(0, counts.get(kind, 0)) for kind in ("messages", "reactions", "views"))


_NOTHING: Final = Exchange()
