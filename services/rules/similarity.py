"""How like a text is to questions that are asked often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from math import sqrt
from typing import Final

from msgspec import Struct

LONGEST: Final = 200
"""Characters of a text beyond which it is no question that is asked often."""
_PIECES: Final = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


class Known(Struct, frozen=True):
    """A text's likeness to the question most like it, in percent, and that question's number."""

    similarity: int = 0
    number: int = -1


class Questions:
    """Questions, each under the number of its answer."""

    def __init__(self, questions: Iterable[tuple[str, int]]) -> None:
        self._numbers: list[int] = []
        self._sizes: list[int] = []
        self._asked: dict[str, list[int]] = {}
        for n, (question, number) in enumerate(questions):
            grams = _grams(question)
            self._numbers.append(number)
            self._sizes.append(len(grams))
            for gram in grams:
                self._asked.setdefault(gram, []).append(n)

    def nearest(self, text: str) -> Known:
        """Return the likeness to the question most like `text`, which is read already.

        The geometric mean of two shares of words (Latin) or characters and pairs
        of them (Chinese): of both texts' the common ones (Dice), and of the
        question's those that the text has.
        """
        if not self._sizes or len(text) > LONGEST:
            return Known()
        grams = _grams(text)
        shared = Counter(n for gram in grams for n in self._asked.get(gram, ()))
        if not shared:
            return Known()
        best, likeness = min(
            ((n, self._likeness(n, common, len(grams))) for n, common in shared.items()),
            key=lambda each: (-each[1], each[0]),
        )
        return Known(round(100 * likeness), self._numbers[best])

    def _likeness(self, n: int, common: int, size: int) -> float:
        own = self._sizes[n]
        return sqrt(2 * common / (own + size) * common / own)


def _grams(text: str) -> set[str]:
    grams: set[str] = set()
    for piece in _PIECES.findall(text.casefold()):
        if piece.isascii():
            grams.add(piece)
        else:
            grams.update(piece, map("".join, pairwise(piece)))
    return grams
