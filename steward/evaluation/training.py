"""Fits the models that foretell silence. Needs scikit-learn (the extra `train`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.scoring.logistic import Feature, Model
from services.scoring.models import CHURN, QUIET
from steward.evaluation.cases import Case

Numbers = NDArray[np.float64]
INVERSE_PENALTY: Final = {CHURN: 1.0, QUIET: 0.1}
"""How little weights are shrunk; there are few groups, so theirs are shrunk more."""
_DIGITS: Final = 6


class TooFewError(ValueError):
    """There is nothing to learn from: nobody fell silent, or everybody did."""


def fit(name: str, cases: Sequence[Case], until: str) -> Model:
    """Fit the model `name`; the same cases always give the same weights.

    A logistic regression with an L2 penalty. Raises `TooFewError`.
    """
    silent: NDArray[Any] = np.array([case.silent for case in cases], dtype=int)
    if not silent.size or silent.min() == silent.max():
        raise TooFewError(f"{name}: {silent.size} cases before {until}, and all end alike")
    names = list(cases[0].features)
    raw: Numbers = np.log1p(np.array([[case.features[key] for key in names] for case in cases]))
    mean, deviation = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-9)
    scaled = (raw - mean) / deviation
    fitted = LogisticRegression(C=INVERSE_PENALTY[name], max_iter=10_000, tol=1e-9)
    fitted.fit(scaled, silent)
    weights, intercept = fitted.coef_[0], float(fitted.intercept_[0])
    terms: Numbers = np.hstack([np.ones((len(cases), 1)), scaled])
    foretold: Numbers = fitted.predict_proba(scaled)[:, 1]
    penalty = np.diag([0.0, *[1 / INVERSE_PENALTY[name]] * len(names)])
    covariance = _covariance(terms, foretold, silent, [case.who for case in cases], penalty)
    return Model(
        until=until,
        samples=len(cases),
        positives=int(silent.sum()),
        intercept=round(intercept, _DIGITS),
        features=[
            Feature(key, *(round(float(figure), _DIGITS) for figure in figures))
            for key, *figures in zip(names, mean, deviation, weights, strict=True)
        ],
        covariance=[[round(float(cell), _DIGITS + 2) for cell in row] for row in covariance],
    )


def _covariance(
    terms: Numbers, foretold: Numbers, silent: NDArray[Any], who: Sequence[str], penalty: Numbers
) -> Numbers:
    """The weights' covariance, from cases that are alike where they are of one member or group.

    The sandwich estimator with clusters (Liang and Zeger 1986): looks at the same
    member every 14 days are not independent.
    """
    spread = foretold * (1 - foretold)
    bread = np.linalg.inv(terms.T @ (terms * spread[:, None]) + penalty)
    _, cluster = np.unique(np.array(who), return_inverse=True)
    scores = np.zeros((cluster.max() + 1, terms.shape[1]))
    np.add.at(scores, cluster, terms * (silent - foretold)[:, None])
    covariance: Numbers = bread @ (scores.T @ scores) @ bread
    return covariance
