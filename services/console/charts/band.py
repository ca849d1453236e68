"""A band of stretches that follow one another, as long as they lasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from services.console.charts.line import WIDTH
from services.console.charts.svg import drawing, element

_HEIGHT: Final = 26.0
_LEFT, _RIGHT = 40.0, 8.0
"""As of the lines that a band may stand below."""
_CHARACTER: Final = 7.0
"""How wide a character of a label is, about; a Chinese one twice that."""


class Stretch(NamedTuple):
    """What held for so long: its word, its class in the style sheet, what is told of it."""

    word: str
    style: str
    length: int
    told: str


def band(title: str, stretches: Sequence[Stretch]) -> Markup:
    """Return the stretches from left to right; the word stands where there is room for it."""
    total = sum(each.length for each in stretches) or 1
    scale = (WIDTH - _LEFT - _RIGHT) / total
    parts: list[Markup] = []
    x = _LEFT
    for each in stretches:
        width = each.length * scale
        hint = element("title", each.told)
        style = f"band {each.style}"
        parts.append(
            element(
                "rect", hint, x=x, y=2.0, width=max(1.0, width - 1), height=20.0, rx=3, class_=style
            )
        )
        if width > _wide(each.word) + 8:
            middle = x + width / 2
            parts.append(
                element("text", each.word, x=middle, y=16.5, text_anchor="middle", class_="strong")
            )
        x += width
    return drawing(WIDTH, _HEIGHT, title, parts)


def _wide(word: str) -> float:
    return sum(_CHARACTER if character.isascii() else 2 * _CHARACTER for character in word)
