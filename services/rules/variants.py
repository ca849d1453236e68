"""Other ways of writing a word: homophones, look-alikes, pinyin, split characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from operator import add
from typing import Final

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from services.rules.data import table, words
from services.rules.edits import Edit, Layer
from services.rules.folding import fold
from services.rules.leetspeak import spellings, stands_alone
from services.rules.lexicon import Stretches
from services.rules.links import stretches
from services.rules.namesakes import is_meant, namesakes, offers

_LETTER: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_OPEN_ENDED: Final = ("加vx", "+vx", "加wx", "+wx", "加qq", "+qq", "jiavx", "jiaqq")
_LEET: Final = "leet"
_NAME: Final = "name"
_DOTS: Final = ("[.]", "(.)", "{.}", "[dot]", "(dot)", "[点]", "(点)", "【点】")
_DIGITS: Final = str.maketrans(
    "零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖", "001123456789123456789"
)
_WRITTEN_NUMBER: Final = re.compile(
    "(?<![0-9])(?=[0-9]*[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖])"
    "[0-9零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{6,}"
    "|(?<=[a-z0-9_])[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{3,}"
)
_WRITTEN_DIGITS: Final = re.compile(
    "[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖][零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]"
)
_LIKE_DIGITS: Final = str.maketrans("oliз", "0113")
_PHONE_WITH_LETTERS: Final = re.compile("[1li][3-9з](?<![a-z0-9]..)[0-9oliз]{9}(?![a-z0-9])")
_FEWEST_DIGITS: Final = 4


class Variants:
    """Finds surfaces of a table and replaces each by the word that it stands for."""

    def __init__(
        self,
        tables: dict[str, dict[str, str]],
        keep: Sequence[str],
        numbered: Sequence[str] = (),
        leet: Sequence[str] = (),
    ) -> None:
        read: dict[str, tuple[str, str]] = {}
        for why, meanings in tables.items():
            for meant, surfaces in _with_dots(_with_calls(meanings)).items():
                for surface in surfaces:
                    read[fold(surface)] = (meant, why)
        for word in numbered:
            read |= dict.fromkeys(_numbered(word), (word, "words"))
        for word in (*keep, *[meant for meant, _ in read.values()]):
            read.setdefault(fold(word), ("", ""))
        for word in leet:
            read |= dict.fromkeys(spellings(word), (word, _LEET))
        for name in namesakes() & read.keys():
            read[name] = (read[name][0], _NAME)
        self._read = [_Surface(*each, surface) for surface, each in read.items()]
        self._automaton = CharwiseDoubleArrayAhoCorasick(list(read), MATCH_KIND_LEFTMOST_LONGEST)

    def read(self, text: str) -> Layer | None:
        """Return the edits that put what is meant in place of what is written."""
        edits = []
        names = False
        for start, end, number in self._automaton.find(text):
            surface = self._read[number]
            if surface.replaced and (surface.anywhere or surface.stands(text, start, end)):
                edits.append(Edit(start, end, surface.meant, surface.why))
                names = names or surface.why == _NAME
        if names:
            edits = _without_names(text, edits)
        if edits and "." in text:
            edits = _outside_links(text, edits)
        return Layer(edits) if edits else None


class _Surface:
    """One way of writing a word, and the word."""

    __slots__ = ("_written", "anywhere", "meant", "replaced", "why")

    def __init__(self, meant: str, why: str, written: str) -> None:
        self.meant = meant
        self.why = why
        self.replaced = bool(why) and written != meant
        self.anywhere = why != _LEET and not {written[0], written[-1]} & _LETTER
        self._written = written

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether it stands by itself at `start` to `end` instead of inside a longer word."""
        if self.why == _LEET:
            return stands_alone(text, start, end)
        return _is_word(text, start, end, self._written)


def _without_names(text: str, edits: list[Edit]) -> list[Edit]:
    """Leave out the edits of people's names: see `namesakes.py`."""
    others = len({edit.text for edit in edits if edit.why not in ("plain", _NAME)})
    points = others + offers(text)
    return [e for e in edits if e.why != _NAME or is_meant(text, e.start, e.end, points)]


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


def _numbered(word: str) -> Iterator[str]:
    """Yield a word with digits between its characters: all the same, or one more each time."""
    for first, step in product(range(10), (0, 1)):
        digits = [str((first + step * place) % 10) for place in range(len(word))]
        parts = "".join(map(add, word, digits))
        yield parts[:-1]
        yield f"{parts} "


def _is_word(text: str, start: int, end: int, surface: str) -> bool:
    """Whether a surface of Latin letters stands alone instead of inside a longer word."""
    if surface[0] in _LETTER and start and text[start - 1] in _LETTER:
        return False
    if surface[-1] not in _LETTER or surface.endswith(_OPEN_ENDED) or surface[0] == ".":
        return True
    return end == len(text) or not (text[end] in _LETTER or text[end] == "_")


def _outside_links(text: str, edits: list[Edit]) -> list[Edit]:
    """Leave out the edits inside of links: who registered `weixin.qq.com` wrote no variant."""
    found = stretches(text)
    if not found:
        return edits
    links = Stretches(found)
    return [edit for edit in edits if not links.covers(edit.start, edit.end)]


@cache
def variants() -> Variants:
    """Return the shipped table, built once a process."""
    tables = table("variants")
    split = _taken_apart(tables["split"], table("characters")["components"])
    read = {"words": tables["words"], "plain": tables["plain"], "split": split}
    numbered, leet = words(tables["numbered"]), words(tables["leet"])
    return Variants(read, words(tables["keep"]), numbered, leet)


def written_digits(text: str) -> Layer | None:
    """Return the edits that turn numbers in Chinese characters into digits.

    Only runs as long as a contact's number: 一三八零零一三八零零零 is one, 三十 is none.
    In a mobile phone's number, so are the letters that look like digits: l38OOl38OOO.
    """
    edits = []
    if _WRITTEN_DIGITS.search(text) is not None:
        edits += [
            Edit(found.start(), found.end(), found.group().translate(_DIGITS), "digits")
            for found in _WRITTEN_NUMBER.finditer(text)
        ]
    if not edits and ("o" in text or "l" in text) and _PHONE_WITH_LETTERS.search(text) is not None:
        edits += _phones(text)
    return Layer(edits) if edits else None


def _phones(text: str) -> Iterator[Edit]:
    for found in _PHONE_WITH_LETTERS.finditer(text):
        digits = sum(map(str.isdigit, found.group()))
        if _FEWEST_DIGITS <= digits < len(found.group()):
            meant = found.group().translate(_LIKE_DIGITS)
            yield Edit(found.start(), found.end(), meant, "digits")
