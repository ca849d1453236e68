"""Folding of single characters: every way of writing a character becomes one.

Each character is folded by itself, whatever stands beside it, so that positions
in the folded text can be traced back to the original without keeping a map.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from opencc import OpenCC

from services.rules.data import table

_INVISIBLE: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cn", "Cs"})
_KEPT: Final = frozenset("\t\n\r")
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e")


class _Folds(dict[int, str]):
    """What each character folds to, worked out when it is first met.

    It is a function of the character alone, so what has been met before never
    changes an answer; it cannot outgrow Unicode.
    """

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        self[code] = folded
        return folded


def _look_alikes() -> dict[str, str]:
    tables = table("characters")
    written = {
        str(look_alike): str(meant)
        for group in ("letters", "symbols")
        for meant, look_alikes in tables[group].items()
        for look_alike in look_alikes
    }
    return {**written, **_white_on_black()}


def _white_on_black() -> dict[str, str]:
    """Return the letters of 🅥 and 🆅, the only enclosed ones without a compatible form."""
    return {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}


def _variants() -> dict[str, str]:
    groups = str(table("characters")["variants"]).split()
    return {variant: group[0] for group in groups for variant in group[1:]}


_LOOK_ALIKES: Final = _look_alikes()
_VARIANTS: Final = _variants()
_SIMPLIFY: Final = OpenCC("t2s")


def _fold(character: str) -> str:
    if character in _KEPT:
        return " " if character != "\n" else "\n"
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    if character in _FILLERS or unicodedata.category(character) in _INVISIBLE:
        return ""
    compatible = unicodedata.normalize("NFKC", character).casefold()
    return "".join(_plain(part) for part in compatible)


def _plain(character: str) -> str:
    """Take marks off a letter, then bring it to its Latin or simplified form."""
    if character.isascii():
        return character
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    bare = unicodedata.normalize("NFD", character)
    if len(bare) > 1 and not "\u3040" <= character <= "\ud7ff":
        character = "".join(part for part in bare if unicodedata.category(part) != "Mn")
    if len(character) == 1 and character >= "\u2e80":
        simplified = str(_SIMPLIFY.convert(_SIMPLIFY.convert(character)))
        return _VARIANTS.get(simplified, simplified)
    return "".join(_LOOK_ALIKES.get(part, part) for part in character)


_FOLDS: Final = _Folds()


def _changing() -> re.Pattern[str]:
    """Match a character that folding changes, or that lies outside of the basic plane."""
    basic = (chr(code) for code in range(0x10000) if _FOLDS[code] != chr(code))
    return re.compile(f"[{re.escape(''.join(basic))}\U00010000-\U0010ffff]")


_CHANGING: Final = _changing()


def fold(text: str) -> str:
    """Fold every character of a text; invisible ones vanish, some become several."""
    return _CHANGING.sub(_folded, text)


def _folded(found: re.Match[str]) -> str:
    return _FOLDS[ord(found.group())]


def origins(text: str) -> list[int]:
    """Return, for each character of `fold(text)`, the index of the one it came from."""
    return [i for i, character in enumerate(text) for _ in _FOLDS[ord(character)]]
