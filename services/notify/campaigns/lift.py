"""What a campaign brought: those who got it against those who were held out. Pure."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

_Z: Final = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""


class Arm(NamedTuple):
    """Recipients whose watch has ended: how many, how many of them did something, and how much."""

    measured: int = 0
    active: int = 0
    messages: int = 0

    @property
    def share(self) -> float:
        return self.active / self.measured if self.measured else 0.0


class Lift(NamedTuple):
    """How much more often those who got the message were active: a difference of shares.

    `low` and `high` bound it with 95 % confidence.
    """

    difference: float
    low: float
    high: float


def lift(sent: Arm, held_out: Arm) -> Lift | None:
    """Return the lift by Newcombe's method 10 (Statistics in Medicine 17, 1998).

    None while there is nobody in one of the arms.
    """
    if not sent.measured or not held_out.measured:
        return None
    difference = sent.share - held_out.share
    low_1, high_1 = _wilson(sent)
    low_2, high_2 = _wilson(held_out)
    below = sqrt((sent.share - low_1) ** 2 + (high_2 - held_out.share) ** 2)
    above = sqrt((high_1 - sent.share) ** 2 + (held_out.share - low_2) ** 2)
    return Lift(difference, difference - below, difference + above)


def _wilson(arm: Arm) -> tuple[float, float]:
    """Return Wilson's score interval of the arm's share (JASA 22, 1927)."""
    n, share = arm.measured, arm.share
    middle = share + _Z**2 / (2 * n)
    spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return (middle - spread) / scale, (middle + spread) / scale
