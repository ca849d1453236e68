"""How far members come on a way of several steps: activate, educate, need, emotion, order."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from services.scoring.analytics.days import days_with
from services.scoring.profiles.profile import Profile

DEFAULT: Final = (
    "active",
    "content.viewed|activity.attended",
    "need",
    "emotion",
    "purchase.made",
)
"""The way to an order: be active, learn, need, feel, buy."""
MOST_STEPS: Final = 10


class Stage(Struct, frozen=True):
    """One step of a funnel: who came so far, and how long it took since the step before."""

    step: str
    members: int
    of_first: float
    of_previous: float
    median_days: float | None


class Funnel:
    """Counts members who take steps in order, from day `first` to day `last`.

    The steps must be taken on the same day or later ones, all within `within`
    days from the first. Order within one day is not known and does not matter.
    Of several ways the one that leads furthest counts, then the earliest.
    """

    def __init__(self, steps: Sequence[str], first: int, last: int, within: int) -> None:
        self._steps = [step.split("|") for step in steps]
        self._names = tuple(steps)
        self._first, self._last, self._within = first, last, within
        self._reached = [0] * len(steps)
        self._took: list[list[int]] = [[] for _ in steps]

    def add(self, profiles: Sequence[Profile]) -> None:
        """Count one member, by their profiles in all groups together."""
        path = self._furthest([self._days(profiles, step) for step in self._steps])
        for number, day in enumerate(path):
            self._reached[number] += 1
            if number:
                self._took[number].append(day - path[number - 1])

    def stages(self) -> list[Stage]:
        """Return what was counted, step by step."""
        found = []
        for number, name in enumerate(self._names):
            reached = self._reached[number]
            before = self._reached[number - 1] if number else reached
            took = self._took[number]
            found.append(
                Stage(
                    step=name,
                    members=reached,
                    of_first=_share(reached, self._reached[0]),
                    of_previous=_share(reached, before),
                    median_days=float(median(took)) if took else None,
                )
            )
        return found

    def _days(self, profiles: Sequence[Profile], step: Sequence[str]) -> int:
        return days_with(profiles, step, self._first, self._last)

    def _furthest(self, taken: Sequence[int]) -> list[int]:
        """Return the days on which the steps were taken, as far as any way leads."""
        best: list[int] = []
        starts = taken[0]
        while starts:
            start = (starts & -starts).bit_length() - 1
            path = _path(taken, start, self._within)
            if len(path) > len(best):
                best = path
            if len(best) == len(taken):
                break
            starts &= starts - 1
        return best


def _path(taken: Sequence[int], start: int, within: int) -> list[int]:
    """Take each step on the first day on which it can be taken, from `start` on."""
    path, day = [start], start
    window = ((1 << within) - 1) << start
    for days in taken[1:]:
        later = days & window & -(1 << day)
        if not later:
            break
        day = (later & -later).bit_length() - 1
        path.append(day)
    return path


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
