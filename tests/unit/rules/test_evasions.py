"""Lures are caught however they are written; what people say to each other is left alone."""

from __future__ import annotations

import pytest

from services.rules.signals import read
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
    "written",
    [
        *["abc88[.]top", "abc88(.)top", "abc88{.}top", "abc88[dot]top", "abc88(dot)top"],
        *["abc88 点 top", "abc88点top", "abc88。top", "abc88【点】top", "abc88 dot top"],
        *["hxxp://abc88.top/x", "hxxps://abc88[.]top", "abc88[.]com", "abc88点shop"],
    ],
)
def test_a_link_is_read_whatever_stands_for_its_dot(written: str) -> None:
    reading = read(f"兼职日结，访问 {written}")
    assert [link.domain.partition(".")[0] for link in reading.links] == ["abc88"]
    assert verdict(f"兼职日结，访问 {written}").removes


def test_what_was_taken_apart_is_shown_where_it_stands() -> None:
    text = "手木几兼职，日结五百"
    reading = read(text)
    assert reading.normal.text == "手机兼职,日结五百"
    shown = {text[span.start : span.end] for span in reading.spans({"strong_job"})}
    assert shown == {"手木几兼职", "日结"}


@pytest.mark.parametrize(
    "text",
    [
        *[
            "这块积木几块钱",
            "番茄我也爱吃，茄子也行",
            "他可是音乐圈的大咖我认识",
            "石马镇离这儿远吗",
        ],
        *["the dot com bubble was before my time", "connect the dots, then top it up"],
        *["正则里 [.] 就是一个点", "use [.] in the regex for a dot", "快点vip通道不用排队"],
        *["买了 0.5 BTC，跌麻了", "我室友挖矿挖了三年才 2 ETH", "司令页面打不开"],
    ],
)
def test_what_looks_like_a_disguise_in_plain_talk_is_let_be(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")


@pytest.mark.parametrize("text", ["收到 0.5 BTC", "给我 3个ETH", "get 2 bnb", "转 100U", "5 USDT"])
def test_amounts_of_crypto_are_money(text: str) -> None:
    assert read(text).signals["money"] == 1


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("据报道，这家商场的会员卡充值收入同比下降", "news"),
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


@pytest.mark.parametrize(
    "text",
    [
        *["私我拿资料", "全套课程免费，私我领资料", "free red packet! click http://abc88.top/r"],
        *["claim your red envelope now, tap the link abc88.top", "红包来了，嘉我蔚心领"],
        *["Send 0.1 ETH to this wallet and receive 0.2 back", "send 1 BTC and get double back"],
    ],
)
def test_short_lures_without_a_contact_are_warned_of_at_least(text: str) -> None:
    assert verdict(text).decision in ("warn", "delete")


@pytest.mark.parametrize(
    "text",
    [
        *["期末复习资料整理好了，缺的同学私我拿资料", "grandma gave us red envelopes for New Year"],
        *["can I send you 0.1 ETH to test my wallet?", "到了私我，给你拿伞"],
    ],
)
def test_what_friends_ask_for_is_let_be(text: str) -> None:
    assert verdict(text).decision in ("allow", "watch")
