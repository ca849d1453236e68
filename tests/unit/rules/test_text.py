"""How texts are read, and that every stretch read can be shown in the original."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.rules.text import normalise

ALPHABET = st.sampled_from(
    list("加微薇信vVｘqQ群红包弓虽亻言一八零0①²½ﬁ１.·,，。 /-🌸🐧\u200b\u0336\ufe0f\u20e3Аеé職㊙\n")
)
TEXTS = st.one_of(st.text(ALPHABET, max_size=40), st.text(max_size=40))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("加.微.信 abc123", "加微信abc123"),
        ("加 / 薇 / 信：wx_9988", "加微信:wx_9988"),
        ("加 / 薇 wx_9988", "加微信wx_9988"),
        ("V 信：ｗｘｉｄ１２３", "微信:wxid123"),
        ("＋Ⓥ 一三八零零一三八零零零", "加微信13800138000"),
        ("弓虽势来袭 力口薇亻言", "强势来袭加微信"),
        ("j i a w e i x i n", "加微信"),
        ("加\u200b微\u200c信", "加微信"),
        ("𝐖𝐞𝐂𝐡𝐚𝐭", "微信"),
        ("賭博網站", "赌博网站"),
        ("1️⃣2️⃣3️⃣", "123"),
        ("扣扣", "qq"),
        ("🐧群", "qq群"),
        ("paypal from Сyrillic", "paypal from cyrillic"),
    ],
)
def test_tricks_of_writing_are_read_through(written: str, read: str) -> None:
    assert normalise(written).text == read


@pytest.mark.parametrize(
    "plain",
    [
        "参加微信群活动",
        "这个菠菜怎么炒",
        "我在时代款项上签字",
        "他是巧克力口味的",
        "一把米分三份",
        "等待款项到账",
        "如果聊得来",
        "红茶 / 绿茶",
        "大家好 - 今天开会",
        "some sbs and xsb",
        "readme.md is here",
    ],
)
def test_words_that_only_look_like_variants_stay(plain: str) -> None:
    assert normalise(plain).text == plain


@given(TEXTS)
@example("🐧加")  # read backwards: 加qq
def test_every_stretch_read_stands_somewhere_in_the_original(text: str) -> None:
    normal = normalise(text)
    spans = [normal.span(i, i + 1, "x") for i in range(len(normal.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    starts = [span.start for span in spans]
    if not any(edit.why == "mirror" for layer in normal.layers for edit in layer.edits):
        assert starts == sorted(starts)
    if normal.text:
        whole = normal.span(0, len(normal.text), "x")
        assert (whole.start, whole.end) == (min(starts), max(span.end for span in spans))


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=30))
def test_without_edits_a_character_stands_where_it_is_read(text: str) -> None:
    normal = normalise(text)
    if not normal.layers and len(normal.text) == len(text):
        assert [normal.span(i, i + 1, "x").start for i in range(len(text))] == list(
            range(len(text))
        )


def test_a_replacement_covers_all_that_was_replaced() -> None:
    text = "快来 加 / 薇 / 信 吧"
    normal = normalise(text)
    start = normal.text.index("加微信")
    span = normal.span(start, start + 3, "contact")
    assert text[span.start : span.end] == "加 / 薇 / 信"


@pytest.mark.parametrize(("start", "end"), [(1, 1), (-1, 1), (0, 9)])
def test_no_stretch_outside_of_the_text_is_shown(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no stretch"):
        normalise("你好").span(start, end, "x")


def test_letters_in_white_on_black_are_read() -> None:
    assert normalise("加🅥🅧 tina8820").text == "加微信 tina8820"
    assert normalise("🅕🅡🅔🅔 🆅🅸🅿").text == "free vip"
