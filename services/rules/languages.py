"""The language of a text: by its script, and in Latin letters by its little words."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from services.rules.data import table
from services.rules.shape import script

_OF_SCRIPT: Final = {
    "Hani": "zh",
    "Jpan": "ja",
    "Kore": "ko",
    "Thai": "th",
    "Cyrl": "ru",
    "Grek": "el",
    "Arab": "ar",
    "Hebr": "he",
    "Deva": "hi",
}
"""The language that most texts in a script are in."""
_UKRAINIAN: Final = re.compile("[іїєґІЇЄҐ]")
_WORD: Final = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’][a-z]+)?")
_MOST_CHARACTERS: Final = 1_000


def language(original: str) -> str:
    """Return a text's language by its code in ISO 639-1, or nothing where it cannot be told.

    Latin letters are told apart by the little words of eleven languages; a text that has
    none of them, or as many of two languages, is in none. Cyrillic is Russian or Ukrainian.
    """
    text = original[:_MOST_CHARACTERS]
    written = script(text)
    if written != "Latn":
        return (
            "uk" if written == "Cyrl" and _UKRAINIAN.search(text) else _OF_SCRIPT.get(written, "")
        )
    found: dict[str, int] = {}
    for word in _WORD.findall(text.lower().replace("’", "'")):
        for spoken in _little_words().get(word, ()):
            found[spoken] = found.get(spoken, 0) + 1
    ranked = sorted(found, key=lambda each: -found[each])
    if not ranked or (len(ranked) > 1 and found[ranked[0]] == found[ranked[1]]):
        return ""
    return ranked[0]


@cache
def _little_words() -> dict[str, list[str]]:
    spoken: dict[str, list[str]] = {}
    for code, words in table("languages").items():
        for word in str(words).split():
            spoken.setdefault(word, []).append(str(code))
    return spoken
