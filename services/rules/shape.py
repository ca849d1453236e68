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
_LETTERS: Final = re.compile(f"[A-Za-z{_LOOK_ALIKE}]+")
_BESIDE: Final = re.compile(f"[A-Za-z][{_LOOK_ALIKE}]|[{_LOOK_ALIKE}][A-Za-z]")
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
    mixed = sum(_BESIDE.search(word) is not None for word in _LETTERS.findall(original))
    return common + rare, mixed


def script(original: str) -> str:
    """Return the script that most words of a text are in, by its code in ISO 15924, or nothing.

    Two Chinese, Japanese or Korean characters count as a word; links and addresses
    do not. Chinese with a few kana in it stays Chinese.
    """
    text = _RUN.sub(lambda run: " " if _is_address(run[0]) else run[0], original)
    words = {name: len(each.findall(text)) for name, each in _CHARACTERS.items()}
    words |= {name: 2 * len(each.findall(text)) for name, each in _WORDS.items()}
    kana = words.pop("Kana")
    if kana and 4 * kana >= words["Hani"]:
        words["Jpan"] = kana + words.pop("Hani")
    most = max(words, key=words.__getitem__)
    return most if words[most] else ""


def mentions(original: str) -> int:
    """Return how many names are called with @; an e-mail address calls nobody."""
    return len(_MENTION.findall(original))


def _is_address(run: str) -> bool:
    """Whether characters without a blank have one of `@./` between others."""
    return any(sign in run[1:-1] for sign in "@./")


_RUN: Final = re.compile("[!-~]+")
_MENTION: Final = re.compile(r"(?<![a-zA-Z0-9._%+\-/])[@＠]\w")
_CHARACTERS: Final = {
    "Hani": _CHINESE,
    "Kana": re.compile("[\u3041-\u3096\u30a1-\u30fa]"),
    "Kore": re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]"),
    "Thai": re.compile("[\u0e01-\u0e30]"),
}
_WORDS: Final = {
    "Latn": re.compile("[A-Za-z\u00c0-\u024f]+"),
    "Cyrl": re.compile("[\u0400-\u052f]+"),
    "Grek": re.compile("[\u0370-\u03ff]+"),
    "Arab": re.compile("[\u0620-\u064a\u066e-\u06d3]+"),
    "Hebr": re.compile("[\u05d0-\u05ea]+"),
    "Deva": re.compile("[\u0900-\u097f]+"),
}
"""Scripts with blanks between their words."""
