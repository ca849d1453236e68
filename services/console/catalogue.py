"""Everything that the console says, in English and Chinese: `messages/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import yaml

FOLDER: Final = Path(__file__).with_name("messages")


class Language(StrEnum):
    """A language of the console, by its BCP 47 tag."""

    ENGLISH = "en"
    CHINESE = "zh"


LANGUAGES: Final = {Language.ENGLISH: "English", Language.CHINESE: "中文"}
"""What each calls itself."""

Messages = Mapping[str, Mapping[Language, str]]


@cache
def messages() -> Messages:
    """Return every message by its key. Raises `ValueError` for a key that is there twice."""
    found: dict[str, dict[Language, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for key, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in found:
                raise ValueError(f"{path.name}: {key} is there twice")
            found[key] = {Language(language): text for language, text in texts.items()}
    return found


class Translator:
    """Says messages in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._messages = messages()

    def __call__(self, key: str, **values: object) -> str:
        """Return a message with its values put in.

        Where a message holds `one | many`, `n` chooses. Raises `KeyError` for a
        key that is in no file.
        """
        text = self._messages[key][self.language]
        if "n" in values and " | " in text:
            one, many = text.split(" | ")
            text = one if str(values["n"]) == "1" else many
        return text.format(**values) if values else text

    def known(self, key: str, otherwise: str) -> str:
        """Return a message, or `otherwise` where there is none: for sets that are not closed."""
        return self(key) if key in self._messages else otherwise


def chosen(cookie: str | None, accepted: str) -> Language:
    """Return the language of a request: the one chosen, or the browser's first that we speak.

    `accepted` is the header `Accept-Language` (RFC 9110 §12.5.4).
    """
    if cookie in set(Language):
        return Language(cookie)
    wanted: list[tuple[float, Language]] = []
    for each in accepted.split(",")[:20]:
        tag, _, quality = each.strip().partition(";q=")
        primary = tag.strip().lower().split("-")[0]
        if primary in set(Language):
            wanted.append((_quality(quality), Language(primary)))
    best = max(wanted, key=lambda found: found[0], default=(0.0, Language.ENGLISH))
    return best[1] if best[0] > 0 else Language.ENGLISH


def _quality(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
