"""Exponentially decayed sums that do not depend on the order of what is added.

A point earned `a` days ago is worth 2^(-a/h) points for a half-life of `h`
days. Time is cut into periods of one half-life. Inside a period each day has a
fixed whole-number weight, 2^(day in period / h) in units of 1/65,536, so that
a period's sum is a whole number: additions commute exactly, and taking away
what was added restores what was there. Between periods the weight halves.

Sixteen periods are remembered: what is older weighs less than 1/65,536.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from services.scoring.rings import Ring, added, since

UNIT: Final = 1 << 16
"""The weight of a period's first day."""
PERIODS_KEPT: Final = 16
HALF_LIVES: Final = (7, 30, 90)
"""The half-lives, in days, over which activity is measured."""

NEVER: Final = 1 << 60
"""Later than every period."""

_WEIGHTS: Final = {
    days: tuple(round(UNIT * 2 ** (day / days)) for day in range(days)) for days in HALF_LIVES
}


def add(ring: Ring, half_life: int, day: int, points: int, anchor_day: int) -> Ring:
    """Return a decayed sum with `points`, which may be negative, added on `day`.

    `anchor_day` is the latest day known; what is too old then is not added.
    """
    period, rest = divmod(day, half_life)
    if period <= anchor_day // half_life - PERIODS_KEPT:
        return ring
    return added(ring, period, points * _WEIGHTS[half_life][rest])


def forget(ring: Ring, half_life: int, anchor_day: int) -> Ring:
    """Return a decayed sum without what is older than is remembered on `anchor_day`."""
    return since(ring, 2, anchor_day // half_life - PERIODS_KEPT + 1)


def value(ring: Sequence[int], half_life: int, day: int) -> float:
    """Return what the sum is worth on `day`, in points; never below zero."""
    worth = 0.0
    for at in range(0, len(ring), 2):
        worth += ring[at + 1] * math.exp2(ring[at] - day / half_life)
    return max(0.0, worth / UNIT)


def rank(whole: Sequence[int], trusted: Sequence[int] = (), share: float = 1.0) -> float:
    """Return a number by which sums of one half-life keep the same order at any time.

    The sum is that of `whole` and of `share` times `trusted`. On any day D its
    value is 2^(rank - D/h), because decay multiplies all sums alike: log2 of the
    value grows by D/h. So members can be sorted by a stored rank, although their
    scores change every day. A sum that is not above zero has rank 0, which is
    below every other.
    """
    first = min(whole[0] if whole else NEVER, trusted[0] if trusted else NEVER)
    mass = max(0, _mass(whole, first)) + share * max(0, _mass(trusted, first))
    return math.log2(mass / UNIT) + first if mass > 0 else 0.0


def _mass(ring: Sequence[int], first: int) -> int:
    mass = 0
    for at in range(0, len(ring), 2):
        mass += ring[at + 1] << (ring[at] - first)
    return mass
