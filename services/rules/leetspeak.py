"""Words with digits and signs for letters: cas1no, fr33, $ex."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

_ALIKE: Final = {"a": "a4@", "e": "e3", "i": "i1!", "l": "l1", "o": "o0", "s": "s5$", "t": "t7"}
_HEX: Final = frozenset("0123456789abcdef")
_FEWEST_LETTERS: Final = 2
_JOINING: Final = frozenset("_-/@#$:.+=%&*")
_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def spellings(word: str) -> Iterator[str]:
    """Yield every other way of writing a word; none that could be a number in base 16."""
    for written in map("".join, product(*(_ALIKE.get(letter, letter) for letter in word))):
        letters = sum(character.isalpha() for character in written)
        if written != word and letters >= _FEWEST_LETTERS and not _HEX.issuperset(written):
            yield written


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether what is written at `start` to `end` is no part of an id, an address or a formula."""
    if start and (text[start - 1] in _CHARACTERS or text[start - 1] in _JOINING):
        return False
    following = text[end : end + 2]
    if following[:1] in _CHARACTERS:
        return False
    return following[:1] not in _JOINING or following[1:] in ("", " ", "\n")
