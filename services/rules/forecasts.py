"""Where forecasts of verdicts part best: from which odds on to expect a `yes`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

FEWEST: Final = 30
"""Forecasts of each outcome below which nothing is estimated."""
FARTHEST: Final = 2.0
"""How far from even, as a logarithm of odds, the estimate may lie."""
_SMOOTHED: Final = 5


def even_odds(foretold: Iterable[tuple[float, bool]]) -> float:
    """Return the logarithm of odds above which forecasts are best taken for a `yes`.

    That is where F1, the harmonic mean of precision and recall, of (odds, outcome)
    is greatest, taken over neighbouring places, so that one forecast moves little.
    0 where there are too few.
    """
    ranked = sorted(foretold, reverse=True)
    wanted = sum(outcome for _, outcome in ranked)
    if wanted < FEWEST or len(ranked) - wanted < FEWEST:
        return 0.0
    scores, hits = [], 0
    for taken, (_, outcome) in enumerate(ranked, 1):
        hits += outcome
        scores.append(2 * hits / (taken + wanted))
    around = [_mean(scores[max(i - _SMOOTHED, 0) : i + _SMOOTHED + 1]) for i in range(len(scores))]
    best = max(range(len(around) - 1), key=around.__getitem__)
    between = (ranked[best][0] + ranked[best + 1][0]) / 2
    return max(min(between, FARTHEST), -FARTHEST)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
