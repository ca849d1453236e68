"""Reads from a flag's rules what they say: contributions, windows, the classifier's evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from services.console.answers.cases import Hit

_EVIDENCE: Final = re.compile(r"'((?:[^'\\]|\\.)*)' ([+-]\d+(?:\.\d+)?)")
EVIDENCE_SUFFIX: Final = ".evidence"
_TEXT: Final = ("text.", "classifier.")


class Explanation(NamedTuple):
    """Why something was flagged.

    `contributions` are the rules' weights, the greatest first; `grams` what the
    classifier saw and its log-odds; `windows` the counts over time that rules
    looked at.
    """

    contributions: list[tuple[str, float]]
    grams: list[tuple[str, float]]
    windows: dict[str, str | float | int | bool]


def explained(hits: Sequence[Hit]) -> Explanation:
    """Return what the rules that fired say together."""
    grams: dict[str, float] = {}
    windows: dict[str, str | float | int | bool] = {}
    for hit in hits:
        for name, value in hit.values.items():
            if name.endswith(EVIDENCE_SUFFIX):
                grams |= {gram: float(odds) for gram, odds in _EVIDENCE.findall(str(value))}
            elif not name.startswith(_TEXT):
                windows[name] = value
    weights = sorted(((hit.rule, hit.weight) for hit in hits), key=lambda each: -each[1])
    ranked = sorted(grams.items(), key=lambda each: -abs(each[1]))
    return Explanation(weights, ranked, windows)
