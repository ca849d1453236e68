"""The shape of a text, whatever it says: how even its characters are, whose letters they are."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import Final

_SCRIPTS: Final = {
    "Latin": re.compile("[A-Za-z\u00c0-\u024f]"),
    "Chinese": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
    "others": re.compile("[\u0530-\u1cff\u3040-\u318f\ua000-\ud7af]"),
}
_LOOK_ALIKE: Final = "\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff"
_FOREIGN: Final = re.compile(f"[{_LOOK_ALIKE}]")
_MIXED: Final = re.compile(
    f"[A-Za-z{_LOOK_ALIKE}]*(?:[A-Za-z][{_LOOK_ALIKE}]|[{_LOOK_ALIKE}][A-Za-z])"
    f"[A-Za-z{_LOOK_ALIKE}]*"
)
_MOST_COUNTED: Final = 512
_WEIGHTS: Final = [0.0, *(n * log2(n) for n in range(1, _MOST_COUNTED + 1))]


def entropy(text: str) -> int:
    """Return Shannon's entropy of a text's characters but blanks, in tenths of a bit a character.

    Of `n` characters of which `c` are the same, each adds `-c/n log2(c/n)`. 0 for a
    text of one character again and again; the first 512 characters count.
    """
    counts = Counter(text.replace(" ", "")[:_MOST_COUNTED]).values()
    size = sum(counts)
    if size < 2:
        return 0
    return round(10 * (log2(size) - sum([_WEIGHTS[count] for count in counts]) / size))


def scripts(original: str) -> int:
    """Return in how many scripts a text has letters."""
    if original.isascii():
        return int(_SCRIPTS["Latin"].search(original) is not None)
    return sum(pattern.search(original) is not None for pattern in _SCRIPTS.values())


def mixed_words(original: str) -> int:
    """Count the words in which Latin letters stand beside ones of a script that looks alike."""
    if original.isascii() or _FOREIGN.search(original) is None:
        return 0
    return len(_MIXED.findall(original))
