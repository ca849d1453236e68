"""How good probabilities were, once it is known what happened."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from services.scoring.logistic import NORMAL_95

BINS: Final = 10


class Outcome(NamedTuple):
    """What was foretold, and whether it came true."""

    probability: float
    true: bool


def auc(outcomes: Sequence[Outcome]) -> float | None:
    """Return the area under the ROC curve: how often a case that came true ranked higher.

    Ties count half (Mann-Whitney U); None where nothing or everything came true.
    """
    positives = sum(outcome.true for outcome in outcomes)
    negatives = len(outcomes) - positives
    if not positives or not negatives:
        return None
    ranked = sorted(outcomes)
    ranks, at = 0.0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end].probability == ranked[at].probability:
            end += 1
        ranks += sum(outcome.true for outcome in ranked[at:end]) * (at + 1 + end) / 2
        at = end
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def brier(outcomes: Sequence[Outcome]) -> float | None:
    """Return the mean squared error of the probabilities (Brier 1950)."""
    if not outcomes:
        return None
    return sum((each.probability - each.true) ** 2 for each in outcomes) / len(outcomes)


class Bin(NamedTuple):
    """Cases foretold alike: the mean probability, the share that came true, its 95 % interval."""

    n: int
    foretold: float
    came_true: float
    low: float
    high: float


def calibration(outcomes: Sequence[Outcome]) -> list[Bin]:
    """Return the cases by tenths of probability; empty tenths are left out."""
    bins: list[list[Outcome]] = [[] for _ in range(BINS)]
    for outcome in outcomes:
        bins[min(BINS - 1, int(outcome.probability * BINS))].append(outcome)
    return [_bin(cases) for cases in bins if cases]


def _bin(cases: Sequence[Outcome]) -> Bin:
    n, came_true = len(cases), sum(case.true for case in cases)
    low, high = wilson(came_true, n)
    foretold = sum(case.probability for case in cases) / n
    return Bin(n, *(round(figure, 4) for figure in (foretold, came_true / n, low, high)))


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), honest for small samples too."""
    square = NORMAL_95**2
    centre = (successes + square / 2) / (n + square)
    spread = NORMAL_95 / (n + square) * sqrt(successes * (n - successes) / n + square / 4)
    return centre - spread, centre + spread
