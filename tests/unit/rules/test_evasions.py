"""Lures are caught however they are written; what people say to each other is left alone."""

from __future__ import annotations

import pytest

from tests.unit.rules.innocents import INNOCENTS
from tests.unit.rules.judging import verdict
from tests.unit.rules.lures import EVASIONS, LURES


@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_lure_is_caught_in_every_way_of_writing(evasion: str) -> None:
    missed = [lure for lure in LURES if not verdict(EVASIONS[evasion](lure)).removes]
    assert len(missed) <= 0.05 * len(LURES), [EVASIONS[evasion](lure) for lure in missed]


def test_at_least_95_of_100_disguised_lures_are_caught() -> None:
    written = [write(lure) for lure in LURES for write in EVASIONS.values()]
    caught = sum(verdict(text).removes for text in written)
    assert len(LURES) >= 40
    assert len(EVASIONS) >= 15
    assert caught >= 0.95 * len(written)


def test_at_most_one_of_100_innocent_sentences_is_flagged() -> None:
    flagged = [text for text in INNOCENTS if verdict(text).noteworthy]
    assert len(set(INNOCENTS)) >= 300
    assert len(flagged) <= 0.01 * len(INNOCENTS), flagged


def test_evasion_itself_is_named_in_the_explanation() -> None:
    found = verdict("加.薇.信 abcd8899 领红包")
    values = {name for hit in found.hits for name in hit.values}
    assert {"text.variants", "text.gaps"} <= values


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("据报道，这家商场的会员卡充值收入同比下降", "news"),
        ("谁的傻逼小号", "insult_rather_than_spam"),
        ("我买了两个内部号，亏了", "everyday_talk"),
    ],
)
def test_talk_that_shares_words_with_offers_is_told_from_them(text: str, rule: str) -> None:
    found = verdict(text)
    assert found.decision == "allow"
    assert rule in {hit.rule for hit in found.hits}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("据报道我公司新品上市，全场限时优惠，详情请致电 13812345678", "bulk_greeting"),
        (
            "本店春装新品上市，全场五折起，满三百送一百，活动时间本周六到周日，地址人民路旗舰店",
            "long_sale_for_sure",
        ),
        ("傻逼平台，快来加薇信 abcd8899 领红包", "evasive_contact"),
    ],
)
def test_an_offer_stays_one_whatever_else_the_text_says(text: str, rule: str) -> None:
    found = verdict(text)
    assert found.removes
    assert rule in {hit.rule for hit in found.hits}
