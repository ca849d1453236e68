from __future__ import annotations

from pathlib import Path

import pytest

from services.scoring import contribution, worth
from services.scoring.contribution import MENTIONS_COUNTED, addressees, gains_of
from services.scoring.worth import low_value, text_points
from shared.events import Media, PurchaseMade, ReactionAdded, Role
from tests.unit.scoring.builders import MONDAY, said


@pytest.mark.parametrize(
    "text",
    [
        "收到",
        "收到！",
        "谢谢～",
        "OK",
        "ok.",
        "Thank you!",
        "哈哈哈哈",
        "666",
        "👍👍",
        "。。。",
        "",
        " ",
        "[微笑][微笑]",
        "@小明 收到",
        "@amy thanks",
        "+1",
        "好的👌",
        "收到👌@小明",
    ],
)
def test_receipts_thanks_laughs_and_stickers_are_of_low_value(text: str) -> None:
    assert low_value(text)


@pytest.mark.parametrize(
    "text",
    [
        "收到货了，质量不错",
        "怎么报名？",
        "我觉得不对",
        "谢谢，那周六几点开始",
        "why",
        "ok but when does it start",
        "@小明 你看一下这个",
    ],
)
def test_what_says_something_is_not(text: str) -> None:
    assert not low_value(text)


def test_longer_texts_earn_more_but_ever_less_so() -> None:
    points = [text_points("字" * length) for length in (1, 3, 10, 40, 100, 1000)]
    assert points == [5, 7, 11, 15, 15, 15]


def test_latin_letters_tell_a_third_of_a_character() -> None:
    assert text_points("a" * 30) == text_points("字" * 10)


def test_a_text_that_is_not_unicode_is_judged_all_the_same() -> None:
    assert text_points("\ud800" * 10) > 0


def test_a_sticker_earns_a_point_and_a_picture_more() -> None:
    assert gains_of(said("amy", MONDAY, media=Media.STICKER, text="")).own.points == 1
    assert gains_of(said("amy", MONDAY, media=Media.IMAGE, text="")).own.points == 6


def test_a_reply_earns_both_sides_unless_it_is_to_oneself() -> None:
    plain = gains_of(said("amy", MONDAY))
    reply = gains_of(said("amy", MONDAY, reply_to_member="bo"))
    own = gains_of(said("amy", MONDAY, reply_to_member="amy"))
    assert reply.own.points == plain.own.points + 2
    assert [(who, gain.points) for who, gain in reply.others] == [("bo", 4)]
    assert own == plain


def test_a_receipt_in_reply_earns_the_author_nothing() -> None:
    ((_, gain),) = gains_of(said("amy", MONDAY, text="收到", reply_to_member="boss")).others
    assert gain.points == 0
    assert "replies_received" in gain.counts


def test_a_reaction_to_oneself_earns_nothing() -> None:
    fields = {"id": "r", "source": "s", "tenant": "t", "group": "g", "time": MONDAY, "message": "m"}
    assert gains_of(ReactionAdded(member="amy", author="amy", **fields)).own.points == 0
    other = gains_of(ReactionAdded(member="amy", author="bo", **fields))
    assert other.own.points == 1
    assert other.others[0][1].points == 3


def test_purchases_count_with_the_log_of_the_amount() -> None:
    fields = {"source": "s", "tenant": "t", "group": "g", "member": "m", "time": MONDAY}
    points = [
        gains_of(PurchaseMade(id="p", order="o", amount=amount, **fields)).own.points
        for amount in (0, 9_900, 99_000, 10**9)
    ]
    assert points == [30, 44, 50, 78]


def test_bots_earn_nothing_and_give_nothing() -> None:
    gains = gains_of(said("bot", MONDAY, role=Role.BOT, reply_to_member="amy", mentions=["bo"]))
    assert gains.own.points == 0
    assert not gains.own.active
    assert gains.others == ()


def test_few_mentions_count_however_many_there_are() -> None:
    event = said("amy", MONDAY, mentions=[f"m{n}" for n in range(50)])
    assert len(addressees(event)) == MENTIONS_COUNTED


@pytest.mark.parametrize("text", ["收到", "请问怎么报名"])
@pytest.mark.parametrize("reply_to_member", [None, "bo", "amy"])
@pytest.mark.parametrize("mentions", [[], ["bo", "amy", "dai"]])
def test_addressees_are_those_who_gain(
    text: str, reply_to_member: str | None, mentions: list[str]
) -> None:
    event = said("amy", MONDAY, text=text, reply_to_member=reply_to_member, mentions=mentions)
    assert set(addressees(event)) == {member for member, _ in gains_of(event).others}


def test_the_document_tells_the_points_of_the_code() -> None:
    document = Path(__file__).parents[3].joinpath("docs", "scoring.md").read_text()
    for module in (contribution, worth):
        for name, value in vars(module).items():
            if name.endswith("_POINTS"):
                assert f"| `{name}` | {value} |" in document
