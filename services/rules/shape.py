"""The shape of a text, whatever it says: how even its characters are, whose letters they are."""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import Final

_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_CHINESE: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_RARE: Final = re.compile("[\u0370-\u1cff\u3040-\u318f\ua000-\ud7af]")
_RARE_SCRIPTS: Final = {
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Greek": re.compile("[\u0370-\u03ff]"),
    "others": re.compile("[\u0530-\u1cff\u3040-\u318f\ua000-\ud7af]"),
}
_LOOK_ALIKE: Final = "\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff"
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


def alphabets(original: str) -> tuple[int, int]:
    """Return in how many scripts a text has letters, and its words of two that look alike.

    The second number counts words in which a Latin letter stands beside one of a
    script that looks like it.
    """
    common = (_LATIN.search(original) is not None) + (_CHINESE.search(original) is not None)
    if original.isascii() or _RARE.search(original) is None:
        return common, 0
    rare = sum(pattern.search(original) is not None for pattern in _RARE_SCRIPTS.values())
    return common + rare, len(_MIXED.findall(original))
