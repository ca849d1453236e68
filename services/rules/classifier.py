"""A linear classifier over n-grams of characters: how much a text looks like spam, like abuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from heapq import nlargest
from importlib.resources import files
from math import exp
from operator import itemgetter
from typing import Final

import msgspec
from daachorse import CharwiseDoubleArrayAhoCorasick
from msgspec import Struct

from services.rules.features import characters, language, marks, marks_of, scale
from services.rules.signals import Reading, Value

UNIT: Final = 1000
"""Weights are shipped as whole thousandths."""


class Head(Struct, frozen=True):
    """One question asked of texts of one language: weights and their calibration (Platt)."""

    bias: float
    slope: float
    shift: float
    grams: dict[str, int]
    marks: dict[str, int]


class Weights(Struct, frozen=True):
    """All heads, by language and by question: `spam`, `abuse`."""

    heads: dict[str, dict[str, Head]]


class Evidence(Struct, frozen=True):
    """An n-gram or a mark, and what it added to the logarithm of the odds."""

    seen: str
    weight: float


class _Tongue:
    """The heads of one language, over one automaton.

    The weights of a feature under all heads are one whole number, a lane of 30
    bits for each head, so that one sum adds them all up.
    """

    def __init__(self, heads: dict[str, Head]) -> None:
        self.heads = heads
        self._lines = [
            (name, h.slope * h.bias + h.shift, h.slope / UNIT) for name, h in heads.items()
        ]
        self.grams = list(dict.fromkeys(gram for head in heads.values() for gram in head.grams))
        self._lanes = [_lanes(head.grams.get(g, 0) for head in heads.values()) for g in self.grams]
        marks = {mark for head in heads.values() for mark in head.marks}
        self._marks = _Marks(
            {mark: _lanes(head.marks.get(mark, 0) for head in heads.values()) for mark in marks}
        )
        self._automaton = CharwiseDoubleArrayAhoCorasick(self.grams) if self.grams else None

    def seen(self, text: str) -> set[int]:
        """Return the numbers of the n-grams in a text."""
        if self._automaton is None:
            return set()
        return set(map(_NUMBER, self._automaton.find_overlapping(text)))

    def odds(self, text: str, signals: Mapping[str, Value]) -> dict[str, float]:
        """Return the calibrated logarithm of the odds by each head."""
        grams = sum(map(self._lanes.__getitem__, self.seen(text)))
        marks = sum(map(self._marks.__getitem__, signals.items()))
        each, found = scale(text), {}
        for name, constant, slope in self._lines:
            of_grams = ((grams + _HALF) & _MASK) - _HALF
            of_marks = ((marks + _HALF) & _MASK) - _HALF
            found[name] = constant + slope * (each * of_grams + of_marks)
            grams, marks = (grams - of_grams) >> _LANE, (marks - of_marks) >> _LANE
        return found


class _Marks(dict[tuple[str, Value], int]):
    """The weights of all marks that a signal with a value leaves, remembered for most values."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, seen: tuple[str, Value]) -> int:
        signal, value = seen
        found = sum(self._weights.get(mark, 0) for mark in marks_of(signal, int(value)))
        if len(self) < _MOST_KNOWN:
            self[seen] = found
        return found


class Classifier:
    """Scores texts; made once a process."""

    def __init__(self, weights: Weights) -> None:
        self._tongues = {name: _Tongue(heads) for name, heads in weights.heads.items()}

    def odds(self, reading: Reading) -> dict[str, float]:
        """Return, for each question there is a head for, the calibrated logarithm of the odds."""
        tongue = self._tongues.get(language(reading))
        return {} if tongue is None else tongue.odds(characters(reading), reading.signals)

    def evidence(self, reading: Reading, question: str, most: int = 5) -> list[Evidence]:
        """Return what spoke most for a `yes`, strongest first."""
        tongue = self._tongues.get(language(reading))
        if tongue is None or question not in tongue.heads:
            return []
        head = tongue.heads[question]
        text = characters(reading)
        each, unit = scale(text) / UNIT * head.slope, head.slope / UNIT
        grams = map(tongue.grams.__getitem__, tongue.seen(text))
        found = [(head.grams.get(gram, 0) * each, gram) for gram in grams]
        found += [(head.marks.get(mark, 0) * unit, f"#{mark}") for mark in marks(reading)]
        return [Evidence(seen, weight) for weight, seen in nlargest(most, found) if weight > 0]


_MOST_KNOWN: Final = 10_000
_LANE: Final = 30
"""Bits for the sum of one head: two heads make a machine's word, which adds up fastest."""
_MASK: Final = (1 << _LANE) - 1
_HALF: Final = 1 << _LANE - 1
"""What makes the lowest lane a number that may be negative."""
_NUMBER: Final = itemgetter(2)


def _lanes(weights: Iterable[int]) -> int:
    return sum(weight << _LANE * number for number, weight in enumerate(weights))


def percent(odds: float) -> int:
    """Return the probability, in whole percent, of a logarithm of odds."""
    return round(100 / (1 + exp(-max(min(odds, 50.0), -50.0))))


@cache
def classifier() -> Classifier:
    """Return the classifier with the shipped weights, built once a process."""
    shipped = files("services.rules.data").joinpath("classifier.json").read_bytes()
    return Classifier(msgspec.json.decode(shipped, type=Weights))
