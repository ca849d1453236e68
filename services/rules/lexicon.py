"""What the words of a text are about: categories of a lexicon, with where they stand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Final

from daachorse import CharwiseDoubleArrayAhoCorasick
from msgspec import Struct

from services.rules.data import table, words
from services.rules.folding import fold

KEEP: Final = "keep"
"""The category of harmless phrases: a word inside one of them is not counted."""

_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Match(Struct, frozen=True, gc=False):
    """A word of `category` stands at characters `start` to `end` of the normalised text."""

    category: str
    start: int
    end: int


class Stretches:
    """Stretches of a text, asked for what lies within one of them."""

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        self._starts = sorted(start for start, _ in stretches)
        self._ends = list(accumulate((end for _, end in sorted(stretches)), max))

    def covers(self, start: int, end: int) -> bool:
        """Whether one of them begins no later and ends no earlier than this one."""
        before = bisect_right(self._starts, start)
        return before > 0 and self._ends[before - 1] >= end


class Lexicon:
    """Words by category, all looked for in one pass."""

    def __init__(self, categories: Mapping[str, tuple[str, ...]]) -> None:
        self.categories = tuple(name for name in categories if name != KEEP)
        entries = [(fold(word), name) for name, listed in categories.items() for word in listed]
        self._words = list(dict.fromkeys(word for word, _ in entries))
        number = {word: i for i, word in enumerate(self._words)}
        self._names: list[tuple[str, ...]] = [()] * len(self._words)
        for word, name in entries:
            i = number[word]
            if name not in self._names[i]:
                self._names[i] = (*self._names[i], name)
        self._bounded = [word[0] in _WORD or word[-1] in _WORD for word in self._words]
        self._kept = frozenset(i for i, names in enumerate(self._names) if KEEP in names)
        self._alone = [() if KEEP in names else names for names in self._names]
        self._automaton = CharwiseDoubleArrayAhoCorasick(self._words)

    def find(self, text: str) -> list[Match]:
        """Return the words in a normalised text, by where they start.

        Of words of one category that lie within each other, the longest counts.
        """
        hits, bounded = self._automaton.find_overlapping(text), self._bounded
        if not hits:
            return []
        found = [hit for hit in hits if not bounded[hit[2]] or self._stands(text, hit)]
        if len(found) < 2:
            return [Match(name, s, e) for s, e, n in found for name in self._alone[n]]
        harmless = [(start, end) for start, end, number in found if number in self._kept]
        kept = Stretches(harmless) if harmless else None
        taken: dict[str, int] = {}
        matches: list[Match] = []
        found.sort(key=_leftmost_longest)
        for start, end, number in found:
            if kept is not None and kept.covers(start, end):
                continue
            for name in self._names[number]:
                if start >= taken.get(name, 0):
                    taken[name] = end
                    matches.append(Match(name, start, end))
        return matches

    def _stands(self, text: str, hit: tuple[int, int, int]) -> bool:
        start, end, number = hit
        word = self._words[number]
        if word[0] in _WORD and start and text[start - 1] in _WORD and _joins(text, start):
            return False
        return not (
            word[-1] in _WORD and end < len(text) and text[end] in _WORD and _joins(text, end)
        )


def _joins(text: str, position: int) -> bool:
    """Whether the characters before and at `position` belong to one word."""
    return text[position - 1].isalpha() == text[position].isalpha()


def _leftmost_longest(hit: tuple[int, int, int]) -> tuple[int, int]:
    return hit[0], -hit[1]


@cache
def lexicon() -> Lexicon:
    """Return the shipped lexicon, built once a process."""
    return Lexicon({name: words(listed) for name, listed in table("lexicon").items()})
