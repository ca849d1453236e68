"""Small logistic models: a calibrated probability, its interval, and what each fact adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log1p, sqrt
from typing import Final, NamedTuple

from msgspec import Struct

NORMAL_95: Final = 1.96
"""How many standard errors around an estimate hold the truth in 95 cases of 100."""


class Feature(Struct, frozen=True):
    """A figure (a count or a length of time, not negative) and its weight.

    It goes in as log(1 + value), less the `mean` and divided by the `deviation`
    of that in training; `weight` is in log-odds.
    """

    name: str
    mean: float
    deviation: float
    weight: float


class Contribution(NamedTuple):
    """What a figure adds to the log-odds, compared with the average case in training."""

    feature: str
    value: float
    log_odds: float


class Sample(NamedTuple):
    """How much was seen of the case itself: `days`, and the figures that are counted from them."""

    days: float
    figures: frozenset[str]


class Judgement(NamedTuple):
    """A probability, its 95 % interval, and the contributions, the weightiest first.

    The contributions and `base` sum up to the log-odds of the probability.
    """

    probability: float
    low: float
    high: float
    base: float
    contributions: tuple[Contribution, ...]


class Model(Struct, frozen=True, kw_only=True):
    """A fitted model.

    Trained on `samples` cases, `positives` of which came true, all decided
    before `until` (a date, ISO 8601). `covariance` is that of the intercept and
    the weights, by which intervals are made (delta method).
    """

    until: str
    samples: int
    positives: int
    intercept: float
    features: list[Feature]
    covariance: list[list[float]]

    def judge(self, values: Mapping[str, float], sample: Sample | None = None) -> Judgement:
        """Return the probability for a case; `values` has every feature's figure.

        With a `sample` the interval is also that of the case's own few days:
        they are a Poisson count, so that had the same member been watched
        again, figures counted from n days would differ by a factor of
        1 ± 1/√n (delta method).
        """
        terms, contributions, slope = [1.0], [], 0.0
        log_odds = self.intercept
        for feature in self.features:
            value = values[feature.name]
            term = (log1p(value) - feature.mean) / feature.deviation
            terms.append(term)
            contributions.append(Contribution(feature.name, value, feature.weight * term))
            log_odds += feature.weight * term
            if sample is not None and feature.name in sample.figures:
                slope += feature.weight / feature.deviation * value / (1 + value)
        own = 0.0 if sample is None else slope * slope / max(1.0, sample.days)
        spread = NORMAL_95 * sqrt(self._variance(terms) + own)
        contributions.sort(key=lambda part: (-abs(part.log_odds), part.feature))
        return Judgement(
            probability=_probability(log_odds),
            low=_probability(log_odds - spread),
            high=_probability(log_odds + spread),
            base=self.intercept,
            contributions=tuple(contributions),
        )

    def _variance(self, terms: list[float]) -> float:
        """The variance of the log-odds that comes of the fit."""
        rows = zip(terms, self.covariance, strict=True)
        variance = sum(
            one * sum(other * cell for other, cell in zip(terms, row, strict=True))
            for one, row in rows
        )
        return max(0.0, variance)


def _probability(log_odds: float) -> float:
    if log_odds < 0:
        odds = exp(log_odds)
        return odds / (1 + odds)
    return 1 / (1 + exp(-log_odds))
