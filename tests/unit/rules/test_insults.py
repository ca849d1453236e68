"""Insults between members are found however they are written, and not where nobody is insulted."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.rules.verdict import ACTING
from shared.verdicts import Label
from tests.unit.rules.judging import verdict
from tests.unit.rules.lures import between

INSULTS = tuple(Path(__file__).with_name("insults.txt").read_text(encoding="utf-8").splitlines())
CHINESE = tuple(text for text in INSULTS if not text.isascii())
EVASIONS = {
    "plain": str,
    "dots": between("."),
    "spaces": between(" "),
    "stars": between("*"),
    "zero-width": between("\u200b"),
    "joiners": between("\u2060"),
}


def found(text: str) -> bool:
    judged = verdict(text)
    return judged.decision in ACTING and Label.ABUSE in judged.labels


@pytest.mark.parametrize("evasion", EVASIONS)
def test_most_insults_in_chinese_are_found_in_every_way_of_writing(evasion: str) -> None:
    missed = [text for text in CHINESE if not found(EVASIONS[evasion](text))]
    assert len(CHINESE) >= 50
    assert len(missed) <= 0.15 * len(CHINESE), missed


def test_most_insults_are_found() -> None:
    missed = [text for text in INSULTS if not found(text)]
    assert len(INSULTS) >= 100
    assert len(missed) <= 0.1 * len(INSULTS), missed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("我真是个傻子，钥匙锁屋里了，废物", "mocks_oneself"),
        ("哈哈你个白痴，爱你", "teases"),
        ("有人在群里骂我傻逼，管理员管管", "talks_about_abuse"),
        ("this printer is a piece of shit", "swears_at_things"),
        ("i'm such an idiot, left my keys at home", "mocks_oneself"),
        ("what does stfu mean? my kid typed it", "talks_about_abuse"),
    ],
)
def test_a_word_that_insults_nobody_is_told_from_an_insult(text: str, rule: str) -> None:
    judged = verdict(text)
    assert judged.decision not in ACTING
    assert rule in {hit.rule for hit in judged.hits}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("你这种人就是个笑话", "affront"),
        ("these immigrants are vermin", "contempt"),
        ("这种人就是个饭桶", "slight_at_somebody"),
        ("傻逼", "bare_insult"),
    ],
)
def test_an_insult_is_told_by_what_it_says_and_of_whom(text: str, rule: str) -> None:
    judged = verdict(text)
    assert judged.decision in ACTING
    assert rule in {hit.rule for hit in judged.hits}


def test_a_word_that_hurts_counts_only_if_it_is_said_of_somebody() -> None:
    assert verdict("一箱饭桶和菜刀").decision == "allow"
    assert verdict("你就是饭桶啊").decision in ACTING
