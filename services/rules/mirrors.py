"""Text written backwards, so that filters miss it and readers are told to read from the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from services.rules.data import table, words
from services.rules.edits import Edit, Layer
from services.rules.folding import fold

_CATEGORIES: Final = (
    "strong_gambling", "strong_porn", "strong_job", "strong_loan", "strong_invest", "redpacket",
    "strong_contraband", "invite", "app", "advert", "underground", "resale",
)  # fmt: skip
_LEAST_CHARACTERS: Final = 3
"""Of words read backwards: one of three characters, or two words."""
_LEAST_LATIN: Final = 7
"""Of words in a line without Chinese: two short ones."""
_SHORTEST_LATIN: Final = 6


class Mirror(Layer):
    """Stretches of a text, each turned round."""

    def __init__(self, text: str, stretches: Sequence[tuple[int, int]]) -> None:
        super().__init__([Edit(s, e, text[s:e][::-1], "mirror") for s, e in stretches])

    def back(self, start: int, end: int) -> tuple[int, int]:
        places = [self._before(position) for position in range(start, end)]
        return min(places), max(places) + 1

    def _before(self, position: int) -> int:
        for edit in self.edits:
            if edit.start <= position < edit.end:
                return edit.start + edit.end - 1 - position
        return position


class Mirrors:
    """Finds lines in which words stand backwards."""

    def __init__(self, listed: Iterable[str], known_by: Iterable[str] = ()) -> None:
        forward = {word for word in map(fold, listed) if len(word) > 1}
        backward = {w[::-1] for w in forward if len(w) >= _SHORTEST_LATIN or not w.isascii()}
        backward |= {word[::-1] for word in known_by}
        forward |= set(known_by)
        backward -= forward
        self._backward = CharwiseDoubleArrayAhoCorasick(
            sorted(backward), MATCH_KIND_LEFTMOST_LONGEST
        )
        self._forward = CharwiseDoubleArrayAhoCorasick(sorted(forward), MATCH_KIND_LEFTMOST_LONGEST)

    def read(self, text: str) -> Layer | None:
        """Return what turns the lines round that hold more words backwards than forwards."""
        if not self._backward.find(text):
            return None
        stretches, start = [], 0
        for line in text.split("\n"):
            if self._is_mirrored(line):
                stretches.append((start, start + len(line)))
            start += len(line) + 1
        return Mirror(text, stretches) if stretches else None

    def _is_mirrored(self, line: str) -> bool:
        backward = _covered(line, self._backward.find(line))
        least = _LEAST_LATIN if line.isascii() else _LEAST_CHARACTERS
        return backward >= least and backward > _covered(line, self._forward.find(line))


def _covered(line: str, found: Iterable[tuple[int, int, int]]) -> int:
    """Return how many characters the words have; one that is repeated counts once."""
    return sum(
        {
            number: end - start
            for start, end, number in found
            if line[start] > "z" or _is_word(line, start, end)
        }.values()
    )


def _is_word(line: str, start: int, end: int) -> bool:
    """Whether a word of Latin letters is no part of a longer one."""
    beside = line[max(0, start - 1) : start] + line[end : end + 1]
    return not any(each.isascii() and each.isalpha() for each in beside)


@cache
def mirrors() -> Mirrors:
    """Return the shipped words read backwards, built once a process."""
    lexicon = table("lexicon")
    listed = (word for name in _CATEGORIES for word in words(lexicon[name]))
    return Mirrors(listed, words(table("variants")["backwards"]))
