"""What the classifier sees of a text: its characters, and marks of what the reading found."""

from __future__ import annotations

import re
from typing import Final

from services.rules.signals import Reading

_NUMBER: Final = re.compile(r"(?:\d|(?<![a-z])[x*]+(?![a-z]))[\d.,:x*\-]*")
_DIGIT_OR_MASK: Final = re.compile(r"[\dx*]")
_MARKUP: Final = re.compile(r"@[a-z0-9_.\-]{1,30}|\[[^\[\]]{1,80}\]")
_LINK: Final = re.compile(r"https?://[^\s\u4e00-\u9fff]*")
_BLANKS: Final = re.compile(r"\s+")
_MOST_CHARACTERS: Final = 400
_MOST_CONTEXT: Final = 16

_SCALES: Final[list[float]] = [
    (_MOST_CONTEXT + 4 * n) ** -0.5 * 4 for n in range(_MOST_CHARACTERS + 3)
]
"""What `scale` gives, by a text's length with the blanks around it."""

GRAMS: Final = {"zh": (1, 4), "en": (2, 5)}
"""The shortest and longest n-grams of each language, in characters."""

UNMARKED: Final = frozenset(
    {"length", "chinese", "app", "formal", "links", "emoji_share", "scripts"}
)
"""Signals that leave no mark: how long a text is says where it was collected, not what it is."""


def language(reading: Reading) -> str:
    """Return which language's heads judge a text: `zh` if it has a Chinese character."""
    return "zh" if "chinese" in reading.signals else "en"


def characters(reading: Reading) -> str:
    """Return the normalised text as n-grams are taken from it.

    Every number, and every mask that corpora put in place of one, is `0`, so
    that neither prices nor masks are learned; mentions and a platform's markup
    (`[picture]`) say nothing. At most 400 characters count.
    """
    text = reading.normal.text[: 2 * _MOST_CHARACTERS]
    if text.isalpha() and "x" not in text:
        return f" {text[:_MOST_CHARACTERS]} "
    if "://" in text:
        text = _LINK.sub(" ", text)
    if "@" in text or "[" in text:
        text = _MARKUP.sub(" ", text)
    if _DIGIT_OR_MASK.search(text):
        text = _NUMBER.sub("0", text)
    text = text[:_MOST_CHARACTERS]
    if "  " in text or not text.isprintable():
        text = _BLANKS.sub(" ", text)
    return f" {text} "


def marks(reading: Reading) -> list[str]:
    """Name the signals that were seen: `job`, `job+` if seen twice, `job++` if more often.

    Words of English offers are everyday words, so that one of them is no mark.
    """
    return [mark for name, value in reading.signals.items() for mark in marks_of(name, int(value))]


def marks_of(signal: str, value: int) -> list[str]:
    """Name the marks that one signal leaves; from `MOST_TIMES` on they are the same."""
    if not value or signal in UNMARKED:
        return []
    found = [signal, f"{signal}+", f"{signal}++"][: min(value, MOST_TIMES)]
    return found[1:] if signal == "en_offer" else found


MOST_TIMES: Final = 3
"""How often a signal is told apart from seeing it more often."""


def scale(text: str) -> float:
    """Return what the sum over n-grams is multiplied by, so that long texts count no more.

    Near the reciprocal Euclidean norm of a text's n-grams, without counting them.
    """
    return _SCALES[len(text)]


def grams(text: str, spoken: str) -> set[str]:
    """Return the n-grams of `characters`."""
    shortest, longest = GRAMS[spoken]
    return {text[i : i + n] for n in range(shortest, longest + 1) for i in range(len(text) - n + 1)}
