"""Fits the classifier's heads by logistic regression, with scikit-learn (`steward[train]`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import Any, Final

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from services.rules.classifier import UNIT, Head, Weights
from services.rules.evaluation import Row
from services.rules.features import characters, grams, language, marks, scale
from services.rules.signals import read

QUESTIONS: Final = {"spam": "spam", "abuse": "abuse"}
"""Each head's name, and the label of the rows that it says `yes` to."""

FEWEST: Final = 60
"""Texts of a kind that a head needs; with fewer it is not trained."""

RAREST: Final = 3
"""In how many texts an n-gram must stand, at least."""

MOST_GRAMS: Final = 15_000
"""N-grams that a head keeps: those with the greatest weights."""


class Tuning(Struct, frozen=True):
    """How a head is fitted, chosen by leaving whole sources out."""

    strength: float
    """The inverse of the regularisation."""
    expected: float
    """What share of texts is expected to be spam, abuse, at the most, whatever a corpus has."""
    corpus: float = 1.0
    phrases: float = 1.0
    whole: float = 1.0
    """What a corpus' text counts, one put together from phrases, and a message of our own."""


TUNING: Final = {
    ("zh", "spam"): Tuning(0.5, 0.15, corpus=0.2, whole=4.0),
    ("en", "spam"): Tuning(0.5, 0.2, corpus=0.4, whole=4.0),
    ("zh", "abuse"): Tuning(3.0, 0.15, whole=4.0),
    ("en", "abuse"): Tuning(1.0, 0.05),
}
"""Of each language and question."""

MARK: Final = 0.6
"""What a mark's feature is worth: less than one keeps weights of marks small."""

FOLDS: Final = 4


class Seen(Struct, frozen=True):
    """A row as the classifier sees it."""

    label: str
    language: str
    scale: float
    grams: set[str]
    marks: list[str]
    origin: str


def see(row: Row, origin: str = "corpus") -> Seen:
    """Read a row's text; `origin` is `corpus`, `phrases` or `whole`, as `Tuning` names them."""
    reading = read(row.text)
    spoken, text = language(reading), characters(reading)
    return Seen(row.label, spoken, scale(text), grams(text, spoken), marks(reading), origin)


def train(corpus: Sequence[Row], phrases: Sequence[Row] = (), whole: Sequence[Row] = ()) -> Weights:
    """Fit all heads for which there are rows enough, on a corpus and on texts of our own."""
    origins = (("corpus", corpus), ("phrases", phrases), ("whole", whole))
    seen = [see(row, origin) for origin, rows in origins for row in rows]
    heads: dict[str, dict[str, Head]] = {}
    for spoken in sorted({each.language for each in seen}):
        of_language = [each for each in seen if each.language == spoken]
        for name, label in QUESTIONS.items():
            chosen = _chosen(of_language, name)
            if sum(each.label == label for each in chosen) >= FEWEST:
                heads.setdefault(spoken, {})[name] = _fit(chosen, label, TUNING[spoken, name])
    return Weights(heads)


def _chosen(seen: Sequence[Seen], name: str) -> list[Seen]:
    """Return the rows a head learns from: an insult is no offer, an offer may be an insult."""
    return [each for each in seen if name == "spam" or each.label != "spam"]


def _fit(seen: Sequence[Seen], label: str, tuning: Tuning) -> Head:
    counts = Counter(gram for each in seen for gram in each.grams)
    grams_kept = sorted(gram for gram, count in counts.items() if count >= RAREST)
    marks_kept = sorted({mark for each in seen for mark in each.marks})
    features = _matrix(seen, grams_kept, marks_kept)
    wanted = np.array([each.label == label for each in seen])
    counting = np.array([getattr(tuning, each.origin) for each in seen])
    slope, shift = _calibration(features, wanted, counting, tuning)
    model = _model(tuning).fit(features, wanted, sample_weight=counting)
    weights = model.coef_[0]
    of_grams = dict(zip(grams_kept, weights, strict=False))
    strongest = sorted(of_grams, key=lambda gram: (-abs(of_grams[gram]), gram))[:MOST_GRAMS]
    of_marks = zip(marks_kept, weights[len(grams_kept) :] * MARK, strict=True)
    return Head(
        bias=float(model.intercept_[0]),
        slope=slope,
        shift=shift,
        grams={g: w for g in sorted(strongest) if (w := round(of_grams[g] * UNIT))},
        marks={mark: w for mark, x in of_marks if (w := round(float(x) * UNIT))},
    )


def _model(tuning: Tuning) -> Any:  # noqa: ANN401 - scikit-learn has no types
    return LogisticRegression(C=tuning.strength, solver="liblinear", max_iter=200, random_state=0)


def _calibration(
    features: Any,  # noqa: ANN401
    wanted: Any,  # noqa: ANN401
    counting: Any,  # noqa: ANN401
    tuning: Tuning,
) -> tuple[float, float]:
    """Return Platt's slope and shift, fitted on scores of rows that were held out.

    They are moved to chat in which no more than the share expected is asked for.
    """
    scores = np.zeros(len(wanted))
    for fit, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(features, wanted):
        model = _model(tuning).fit(features[fit], wanted[fit], sample_weight=counting[fit])
        scores[held] = model.decision_function(features[held])
    platt = LogisticRegression(C=1e3).fit(scores.reshape(-1, 1), wanted, sample_weight=counting)
    asked = float(np.average(wanted, weights=counting))
    share = min(asked, tuning.expected)
    shift = log(share / (1 - share)) - log(asked / (1 - asked))
    return float(platt.coef_[0][0]), float(platt.intercept_[0]) + shift


def _matrix(seen: Sequence[Seen], of_grams: Sequence[str], of_marks: Sequence[str]) -> Any:  # noqa: ANN401
    gram = {name: i for i, name in enumerate(of_grams)}
    mark = {name: i + len(gram) for i, name in enumerate(of_marks)}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for each in seen:
        known = sorted(gram[g] for g in each.grams if g in gram)
        marked = sorted(mark[m] for m in each.marks if m in mark)
        columns += [*known, *marked]
        values += [each.scale] * len(known) + [MARK] * len(marked)
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(seen), len(gram) + len(mark)))
