"""The language of a text, which rules may ask for."""

from __future__ import annotations

import pytest

from services.rules.check import Checker, observed
from services.rules.languages import language
from services.rules.measures import Measures
from services.rules.pack import load
from services.rules.rules import RuleSet


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("今天晚上一起吃饭吗，我带 wine", "zh"),
        ("are you coming to the party tonight?", "en"),
        ("it’s a nice day", "en"),
        ("今日はいい天気ですね", "ja"),
        ("오늘 날씨가 좋네요", "ko"),
        ("Привет, как дела сегодня", "ru"),
        ("Привіт, як твої справи", "uk"),
        ("¿Dónde está la biblioteca y por qué no hay nadie?", "es"),
        ("je ne sais pas si c'est la bonne adresse", "fr"),
        ("ich habe das noch nicht gesehen, aber es ist gut", "de"),
        ("você não está com os meus livros também?", "pt"),
        ("non so perché questo è così, ma mi piace molto", "it"),
        ("bạn có khỏe không, tôi rất vui được gặp", "vi"),
        ("saya tidak bisa datang karena ada acara", "id"),
        ("ไปกินข้าวกันไหม", "th"),
        ("kubectl pods", ""),
        ("12345 !!!", ""),
        ("", ""),
    ],
)
def test_the_language_is_told(text: str, spoken: str) -> None:
    assert language(text) == spoken


def test_a_rule_may_ask_for_it_and_nobody_else_pays() -> None:
    source = """\
name: tongues
extends: default
rules:
  - name: foreign
    label: advertising
    weight: 0.4
    when: text.language != "zh" && text.language != "" && text.length >= 8
    because: not in the language of this community
"""
    checker = Checker(load(source, "tongues"))
    (hit,) = checker.check("je ne sais pas si c'est la bonne adresse").verdict.hits
    assert (hit.rule, hit.values["text.language"]) == ("foreign", "fr")
    assert checker.check("大家晚上好，明天见").verdict.hits == []
    plain = [condition for _, condition in RuleSet(checker.pack).pack.rules[:5]]
    assert "text.language" not in Measures(plain).signals(observed("hello to all of you"))
