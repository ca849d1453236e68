"""A linear classifier over n-grams of characters: how much a text looks like spam, like abuse."""

from __future__ import annotations

from functools import cache
from heapq import nlargest
from importlib.resources import files
from math import exp
from typing import Final

import msgspec
from daachorse import CharwiseDoubleArrayAhoCorasick
from msgspec import Struct

from services.rules.features import characters, language, marks, scale
from services.rules.signals import Reading

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


class _Asked(Struct, frozen=True):
    """A head made ready: weights by the n-grams' numbers."""

    head: Head
    weights: list[int]


class _Tongue:
    """The heads of one language, over one automaton."""

    def __init__(self, heads: dict[str, Head]) -> None:
        self.grams = list(dict.fromkeys(gram for head in heads.values() for gram in head.grams))
        self.asked = {
            name: _Asked(head, [head.grams.get(gram, 0) for gram in self.grams])
            for name, head in heads.items()
        }
        self._automaton = CharwiseDoubleArrayAhoCorasick(self.grams) if self.grams else None

    def seen(self, text: str) -> set[int]:
        """Return the numbers of the n-grams in a text."""
        if self._automaton is None:
            return set()
        return {number for _, _, number in self._automaton.find_overlapping(text)}


class Classifier:
    """Scores texts; made once a process."""

    def __init__(self, weights: Weights) -> None:
        self._tongues = {name: _Tongue(heads) for name, heads in weights.heads.items()}

    def odds(self, reading: Reading) -> dict[str, float]:
        """Return, for each question there is a head for, the calibrated logarithm of the odds."""
        tongue = self._tongues.get(language(reading))
        if tongue is None:
            return {}
        text = characters(reading)
        seen, marked, each = tongue.seen(text), marks(reading), scale(text) / UNIT
        found = {}
        for name, asked in tongue.asked.items():
            head = asked.head
            raw = head.bias + each * sum(map(asked.weights.__getitem__, seen))
            raw += sum([head.marks.get(mark, 0) for mark in marked]) / UNIT
            found[name] = head.slope * raw + head.shift
        return found

    def evidence(self, reading: Reading, question: str, most: int = 5) -> list[Evidence]:
        """Return what spoke most for a `yes`, strongest first."""
        tongue = self._tongues.get(language(reading))
        if tongue is None or question not in tongue.asked:
            return []
        asked = tongue.asked[question]
        text = characters(reading)
        each = scale(text) / UNIT * asked.head.slope
        found = [Evidence(tongue.grams[n], asked.weights[n] * each) for n in tongue.seen(text)]
        unit = asked.head.slope / UNIT
        found += [Evidence(f"#{m}", asked.head.marks.get(m, 0) * unit) for m in marks(reading)]
        return nlargest(most, [e for e in found if e.weight > 0], key=lambda e: (e.weight, e.seen))


def percent(odds: float) -> int:
    """Return the probability, in whole percent, of a logarithm of odds."""
    return round(100 / (1 + exp(-max(min(odds, 50.0), -50.0))))


@cache
def classifier() -> Classifier:
    """Return the classifier with the shipped weights, built once a process."""
    shipped = files("services.rules.data").joinpath("classifier.json").read_bytes()
    return Classifier(msgspec.json.decode(shipped, type=Weights))
