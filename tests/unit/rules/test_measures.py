"""What few rules ask for is measured where one does, and nowhere else."""

from __future__ import annotations

import pytest

from services.rules.check import Checker, observed
from services.rules.measures import Measures, least_length
from services.rules.pack import load
from services.rules.vocabulary import SIGNALS
from shared.conditions import Condition

ENTROPY = "text.entropy"


def asking(*sources: str) -> Measures:
    return Measures([Condition(source, SIGNALS) for source in sources])


def measured(measures: Measures, text: str) -> int:
    return int(measures.signals(observed(text)).get(ENTROPY, 0))


def test_a_text_is_measured_only_where_a_condition_asks_for_it() -> None:
    assert measured(asking("text.length > 3"), "abcdabcd") == 0
    assert measured(asking("text.length > 3", "text.entropy < 25"), "abcdabcd") == 20


def test_a_text_too_short_for_the_condition_is_not_measured() -> None:
    measures = asking("text.length >= 8 && text.entropy < 25")
    assert measured(measures, "abcdabc") == 0
    assert measured(measures, "abcdabcd") == 20


def test_the_shortest_length_that_any_condition_cares_for_counts() -> None:
    measures = asking(
        "text.length >= 100 && text.entropy < 25", "text.entropy < 9 && text.length > 7"
    )
    assert measured(measures, "abcdabc") == 0
    assert measured(measures, "abcdabcd") == 20


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("text_length >= 160 && text_entropy < 20", 160),
        ("text_entropy < 20 && text_length > 160", 161),
        ("(text_links > 0) && text_length >= 5 && text_length >= 9 && text_entropy < 20", 9),
        ("text_length >= 160 || text_entropy < 20", 0),
        ("(text_length >= 160 && text_links > 0) == false && text_entropy < 20", 0),
        ("!(text_length >= 160 && text_entropy < 20)", 0),
        ("text_length >= 160 ? text_entropy < 20 : true", 0),
        ("text_entropy < 20 // && text_length >= 9 &&\n && text_links > 0", 0),
        ("text_length < 160 && text_entropy < 20", 0),
        ('event_role == "&& text_length >= 9 &&" && text_entropy < 20', 0),
    ],
)
def test_a_length_is_relied_on_only_where_it_must_hold(source: str, least: int) -> None:
    assert least_length(source) == least


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("今天下午三点开会", "Hani"),
        ("這個問題我也遇到過", "Hani"),
        ("这家店超好吃の说", "Hani"),
        ("我的 iPhone 15 Pro 屏幕碎了怎么办呀", "Hani"),
        ("视频在这里 https://video.site.com/watch/abc/def", "Hani"),
        ("see you at five tomorrow", "Latn"),
        ("à bientôt, mes amis", "Latn"),
        ("Звоните сейчас по номеру", "Cyrl"),
        ("今日はとても良い天気ですね", "Jpan"),
        ("안녕하세요 반갑습니다", "Kore"),
        ("مرحبا بالجميع", "Arab"),
        ("สวัสดีครับทุกคน", "Thai"),
        ("👍👍 123", ""),
    ],
)
def test_the_script_of_a_text_is_that_of_most_words(text: str, script: str) -> None:
    found = asking('text.script == "Cyrl"').signals(observed(text)).get("text.script", "")
    assert found == script


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@所有人 今晚八点抢购 @小王", 2),
        ("hey @bob, ask @alice_77", 2),
        ("＠全体成员 看这里", 1),
        ("write to bob@example.com", 0),
        ("meet @ noon", 0),
    ],
)
def test_names_called_in_the_words_of_a_text_are_counted(text: str, called: int) -> None:
    found = asking("text.mentions > 1").signals(observed(text)).get("text.mentions", 0)
    assert found == called


def test_a_rule_may_ask_for_the_script() -> None:
    source = """\
name: own
extends: default
rules:
  - name: foreign
    label: advertising
    weight: 0.8
    when: text.script == "Cyrl" && text.length >= 8
    because: nobody here writes so
"""
    checker = Checker(load(source, "own.yaml"))
    (hit,) = checker.check("Звоните сейчас").verdict.hits
    assert (hit.rule, hit.values["text.script"]) == ("foreign", "Cyrl")
    assert checker.check("今天下午三点开会，大家别迟到").verdict.hits == []
