"""Other ways of writing a word: homophones, look-alikes, pinyin, split characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from services.rules.data import table, words
from services.rules.edits import Edit, Layer
from services.rules.folding import fold

_LETTER: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_OPEN_ENDED: Final = ("加vx", "+vx", "加wx", "+wx", "加qq", "+qq", "jiavx", "jiaqq")
_DOTS: Final = ("[.]", "(.)", "{.}", "[dot]", "(dot)", "[点]", "(点)", "【点】")
_DIGITS: Final = str.maketrans(
    "零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789"
)
_WRITTEN_NUMBER: Final = re.compile(
    "(?<![0-9])(?=[0-9]*[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖])"
    "[0-9零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{6,}"
    "|(?<=[a-z0-9_])[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{3,}"
)
_WRITTEN_DIGITS: Final = re.compile("[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{2}")


class Variants:
    """Finds surfaces of a table and replaces each by the word that it stands for."""

    def __init__(self, tables: dict[str, dict[str, str]], keep: tuple[str, ...]) -> None:
        read: dict[str, tuple[str, str]] = {}
        for why, meanings in tables.items():
            for meant, surfaces in _with_dots(_with_calls(meanings)).items():
                for surface in surfaces:
                    read[fold(surface)] = (meant, why)
        for word in (*keep, *[meant for meant, _ in read.values()]):
            read.setdefault(fold(word), ("", ""))
        self._surfaces = list(read)
        self._meanings = list(read.values())
        self._automaton = CharwiseDoubleArrayAhoCorasick(
            self._surfaces, MATCH_KIND_LEFTMOST_LONGEST
        )

    def read(self, text: str) -> Layer | None:
        """Return the edits that put what is meant in place of what is written."""
        found = self._automaton.find(text)
        edits = list(self._edits(text, found)) if found else []
        return Layer(edits) if edits else None

    def _edits(self, text: str, found: list[tuple[int, int, int]]) -> Iterator[Edit]:
        for start, end, number in found:
            meant, why = self._meanings[number]
            surface = self._surfaces[number]
            if why and surface != meant and _is_word(text, start, end, surface):
                yield Edit(start, end, meant, why)


def _with_calls(meanings: dict[str, str]) -> dict[str, list[str]]:
    """Add to the ways of writing "add WeChat" those of "WeChat" after "add" or a plus sign."""
    surfaces = {str(meant): list(words(listed)) for meant, listed in meanings.items()}
    for meant, ways in surfaces.items():
        if meant.startswith("加") and meant[1:] in surfaces:
            ways += [call + way for way in surfaces[meant[1:]] for call in ("加", "+")]
    return surfaces


def _with_dots(surfaces: dict[str, list[str]]) -> dict[str, list[str]]:
    """Add to the ways of writing a domain's suffix those with a dot that is no dot."""
    return {
        meant: [*ways, *[dot + meant[1:] for dot in _DOTS]] if meant.startswith(".") else ways
        for meant, ways in surfaces.items()
    }


def _taken_apart(irregular: dict[str, str], radicals: dict[str, str]) -> dict[str, str]:
    """Add to the ways of taking characters apart those by a radical and what is left."""
    ways = dict(irregular)
    for written, pairs in radicals.items():
        for pair in words(pairs):
            parts = " ".join(radical + pair[1:] for radical in written)
            ways[pair[0]] = f"{ways.get(pair[0], '')} {parts}"
    return ways


def _is_word(text: str, start: int, end: int, surface: str) -> bool:
    """Whether a surface of Latin letters stands alone instead of inside a longer word."""
    if surface[0] in _LETTER and start and text[start - 1] in _LETTER:
        return False
    if surface[-1] not in _LETTER or surface.endswith(_OPEN_ENDED) or surface[0] == ".":
        return True
    return end == len(text) or not (text[end] in _LETTER or text[end] == "_")


@cache
def variants() -> Variants:
    """Return the shipped table, built once a process."""
    tables = table("variants")
    split = _taken_apart(tables["split"], table("characters")["components"])
    read = {"words": tables["words"], "plain": tables["plain"], "split": split}
    return Variants(read, words(tables["keep"]))


def written_digits(text: str) -> Layer | None:
    """Return the edits that turn numbers in Chinese characters into digits.

    Only runs as long as a contact's number: 一三八零零一三八零零零 is one, 三十 is none.
    """
    if _WRITTEN_DIGITS.search(text) is None:
        return None
    edits = [
        Edit(found.start(), found.end(), found.group().translate(_DIGITS), "digits")
        for found in _WRITTEN_NUMBER.finditer(text)
    ]
    return Layer(edits) if edits else None
