"""Texts made to keep the rules busy cost no more than their length."""

from __future__ import annotations

from time import process_time

import pytest

from services.rules.shape import script
from tests.unit.rules.judging import CHECKER

LONGEST = 20_000
PIECES = (
    "a.", "1 ", "加.", "微信", "微信号", "微信 :", "qq群", "群", "a@", "@", "1", "1-", "1.1", "1,",
    "一", ". ", "http://", "text ", "call a b 1", "\u200b", "a%b.", "加薇 ", "傻逼", "参加微信",
    "+86 ", "0123 ", "【", "🌸", "红 ", "v:", "tg@", "x" * 50 + "@", "b.c.", "100元",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("lead", ["", "微信:", "http://"])
def test_a_long_text_of_one_piece_is_judged_in_time(piece: str, lead: str) -> None:
    text = (lead + piece * LONGEST)[:LONGEST]
    start = process_time()
    CHECKER.check(text)
    assert process_time() - start < 1.0


@pytest.mark.parametrize("end", [" ж", "ж", " の", " 한", "Ω", "а" * 100])
def test_many_letters_beside_another_alphabet_are_judged_in_time(end: str) -> None:
    start = process_time()
    CHECKER.check("a" * (LONGEST - len(end)) + end)
    script("a" * (LONGEST - len(end)) + end)
    assert process_time() - start < 1.0
