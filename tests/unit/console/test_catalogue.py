"""Every message is there in both languages, is used, and says the same with the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from services.console.catalogue import FOLDER, Language, Translator, chosen, messages

CONSOLE = FOLDER.parent
_LITERAL = re.compile(r"""["']([a-z_]+\.[a-z0-9_.]+|brand)["']""")
_FAMILY = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)*\.)["'] *~""")
_FAMILY_IN_PYTHON = re.compile(r"""f["']([a-z_]+(?:\.[a-z_]+)*\.)\{""")
_ASKED = re.compile(r"""\bt\(["']([^"']+)["'](?! *~)""")


def texts() -> Iterator[tuple[Path, str]]:
    for path in sorted(CONSOLE.rglob("*")):
        if path.suffix in (".py", ".html"):
            yield path, path.read_text(encoding="utf-8")


def test_every_message_is_there_in_every_language() -> None:
    lacking = {key for key, told in messages().items() if set(told) != set(Language)}
    assert lacking == set()


def test_every_message_that_is_asked_for_is_there() -> None:
    asked = {(path.name, key) for path, text in texts() for key in _ASKED.findall(text)}
    assert {(name, key) for name, key in asked if key not in messages()} == set()
    assert len(asked) > 30


def test_no_message_is_unused() -> None:
    literal: set[str] = set()
    families: set[str] = set()
    for _, text in texts():
        literal |= set(_LITERAL.findall(text))
        families |= set(_FAMILY.findall(text)) | set(_FAMILY_IN_PYTHON.findall(text))
    unused = {
        key for key in messages() if key not in literal and not key.startswith(tuple(families))
    }
    assert unused == set()


@pytest.mark.parametrize("key", messages())
def test_both_languages_say_the_same_values(key: str) -> None:
    english, chinese = (messages()[key][language] for language in Language)
    assert values_in(english) == values_in(chinese)
    for text in (english, chinese):
        forms = text.split(" | ")
        assert len({frozenset(values_in(form)) for form in forms}) == 1 or len(forms) == 2


def values_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_count_chooses_the_form_of_the_message() -> None:
    say = Translator(Language.ENGLISH)
    assert (say("ago.days", n=1), say("ago.days", n=3)) == ("1 day", "3 days")
    assert Translator(Language.CHINESE)("ago.days", n=1) == "1 天"


def test_a_message_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Translator(Language.ENGLISH)("no.such")


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("zh", "en-GB", Language.CHINESE),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE),
        (None, "fr, en;q=0.2, zh;q=0.7", Language.CHINESE),
        (None, "zh;q=0", Language.ENGLISH),
        (None, "zh;q=x, en;q=0.1", Language.ENGLISH),
        ("klingon", "", Language.ENGLISH),
        (None, "fr", Language.ENGLISH),
    ],
)
def test_the_language_is_the_one_chosen_or_the_browser_s(
    cookie: str | None, accepted: str, language: Language
) -> None:
    assert chosen(cookie, accepted) is language
