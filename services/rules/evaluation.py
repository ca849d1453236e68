"""How well texts are judged: precision, recall and false positives on labelled rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

from services.rules.check import Checker, observed
from services.rules.learning import Learned
from shared.verdicts import SEVERITY, Decision

RowLabel = Literal["spam", "abuse", "ham", "ok"]
BAD: Final = frozenset({"spam", "abuse"})
ACTS: Final = SEVERITY[Decision.WARN]
"""A text counts as found if the verdict asks for something to be done: a warning or more."""


class Row(Struct, frozen=True):
    """A labelled text."""

    text: str
    label: RowLabel

    @property
    def bad(self) -> bool:
        return self.label in BAD


class Judged(Struct, frozen=True):
    """A labelled text's verdict, as far as figures need it."""

    bad: bool
    found: bool
    risk: float


class Figures(Struct, frozen=True):
    """The figures of one file; each is 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float
    recall_at_1pct_fpr: float
    fpr: float
    n: int


def judge(checker: Checker, rows: Iterable[Row]) -> list[Judged]:
    """Judge rows one by one, through all the rules and without a sender's history."""
    judged = []
    for row in rows:
        verdict = checker.check(row.text).verdict
        judged.append(Judged(row.bad, SEVERITY[verdict.decision] >= ACTS, verdict.risk))
    return judged


def figures(judged: Sequence[Judged]) -> Figures:
    """Return the figures of judged rows."""
    bad = [each for each in judged if each.bad]
    good = [each for each in judged if not each.bad]
    hits, false = sum(e.found for e in bad), sum(e.found for e in good)
    precision, recall = _share(hits, hits + false), _share(hits, len(bad))
    f1 = _share(2 * hits, 2 * hits + false + len(bad) - hits)
    let_through = risk_that_lets_through([each.risk for each in good])
    caught = sum(each.risk > let_through for each in bad)
    return Figures(
        precision=round(precision, 4),
        recall=round(recall, 4),
        f1=round(f1, 4),
        recall_at_1pct_fpr=round(_share(caught, len(bad)), 4),
        fpr=round(_share(false, len(good)), 4),
        n=len(judged),
    )


def risk_that_lets_through(risks: Sequence[float], share: float = 0.01) -> float:
    """Return the risk above which at most `share` of these texts lie; 0 at the least."""
    allowed = int(len(risks) * share)
    ranked = sorted(risks, reverse=True)
    return ranked[allowed] if allowed < len(ranked) else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def taught(checker: Checker, rows: Iterable[Row]) -> Checker:
    """Return a checker that has learned from labelled rows as from moderators' verdicts."""
    learned = Learned(checker.rules)
    for row in rows:
        learned.teach(observed(row.text), row.bad)
    return Checker(checker.pack, learned)
