"""What is found in texts: contacts, links, words."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.contacts import ContactKind, find_contacts
from services.rules.links import find_links
from services.rules.shape import entropy
from services.rules.signals import read
from services.rules.text import normalise
from tests.unit.rules.judging import verdict


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("微信号：abcd_8899", ContactKind.WECHAT, "abcd_8899"),
        ("加V：2397456619", ContactKind.WECHAT, "2397456619"),
        ("有意 v: abc123456", ContactKind.WECHAT, "abc123456"),
        ("QQ群 12345678", ContactKind.QQ, "12345678"),
        ("电话 138 0013 8000", ContactKind.PHONE, "13800138000"),
        ("电话 138-0013-8000", ContactKind.PHONE, "13800138000"),
        ("t.me/somechannel", ContactKind.TELEGRAM, "somechannel"),
        ("write to me@example.com", ContactKind.EMAIL, "me@example.com"),
        ("txt WIN to 80488", ContactKind.SHORT_CODE, "80488"),
    ],
)
def test_contacts_are_found(text: str, kind: ContactKind, value: str) -> None:
    found = find_contacts(normalise(text).text)
    assert (kind, value) in [(contact.kind, contact.value) for contact in found]


@pytest.mark.parametrize(
    "text", ["订单号 20240501123456", "版本 1.2.3", "2024-05-01 12:30", "3.14159265"]
)
def test_other_numbers_are_no_contacts(text: str) -> None:
    assert find_contacts(normalise(text).text) == []


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("看 https://a.b.example.co.uk/path?x=1", "example.co.uk"),
        ("www.bad-site.top/x", "bad-site.top"),
        ("bad-site。com", "bad-site.com"),
        ("http://10.1.2.3/x", "10.1.2.3"),
    ],
)
def test_links_are_found_by_their_registered_domain(text: str, domain: str) -> None:
    assert [link.domain for link in find_links(normalise(text).text)] == [domain]


@pytest.mark.parametrize(
    "text", ["main.py 和 readme.md", "node.js", "好的.下次吧", "ok.so what", "3.5元"]
)
def test_file_names_and_full_stops_are_no_links(text: str) -> None:
    assert find_links(normalise(text).text) == []


def test_a_word_within_a_harmless_phrase_does_not_count() -> None:
    assert "strong_job" not in read("我在背刷单词").signals
    assert read("刷单日结").signals["strong_job"] == 2


def test_english_words_must_stand_alone() -> None:
    assert "insult" not in read("the class passed, what a bitchin day").signals


def test_spans_show_the_original_of_what_was_counted() -> None:
    text = "快加薇 信 abcd8899"
    found = read(text).spans({"pitch", "contacts"})
    assert "加薇 信 abcd8899" in [text[span.start : span.end] for span in found]


@pytest.mark.parametrize(
    "text",
    [
        "[www.icbc.com.cn](https://strange.top/x)",
        '<a href="https://strange.top/a">paypal.com</a>',
        "<https://strange.top|paypal.com>",
        "https://paypal.com@strange.top/login",
    ],
)
def test_a_link_that_shows_another_domain_is_disguised(text: str) -> None:
    assert read(text).signals["disguised_links"] == 1
    assert verdict(text).noteworthy


@pytest.mark.parametrize(
    "text",
    [
        "[the docs](https://docs.python.org/3/)",
        "[taobao.com](https://m.taobao.com/item)",
        "<https://github.com/a|github.com>",
        "https://github.com/a@b",
        "write to me@example.com or see https://example.com",
    ],
)
def test_a_link_that_shows_where_it_leads_is_not_disguised(text: str) -> None:
    assert "disguised_links" not in read(text).signals


def test_what_is_written_backwards_is_read_and_shown_where_it_stands() -> None:
    written = "今天\n包红领 信微加"
    reading = read(written)
    assert reading.signals["mirrored"] == 1
    (span,) = [s for s in reading.spans({"redpacket_call"}) if s.what == "redpacket_call"]
    assert written[span.start : span.end] == "包红领"


@pytest.mark.parametrize(
    "text", ["群公告 群公告 群公告", "黑人拉拢选票", "单刷副本好难", "上海自来水来自海上"]
)
def test_ordinary_words_are_not_taken_for_mirrored_ones(text: str) -> None:
    assert "mirrored" not in read(text).signals


def test_the_shape_of_a_text_is_measured() -> None:
    assert entropy("哈哈哈哈哈哈") == 0
    assert entropy("abab") == 10
    assert entropy("abcd") == 20
    assert read("😀😀😀 hi").signals["emoji_share"] == 60
    assert read("Привет, hello 你好").signals["scripts"] == 3
    assert "scripts" not in read("666 88").signals
    assert read("р\u0430ypal and v\u0435rify").signals["mixed_words"] == 2
    assert "mixed_words" not in read("Привет друзья hello").signals


@given(st.text(alphabet="abc 中文", max_size=60))
def test_no_text_has_more_entropy_than_one_whose_characters_all_differ(text: str) -> None:
    size = len(text.replace(" ", ""))
    assert 0 <= entropy(text) <= round(10 * log2(max(size, 1)))
    assert entropy(text) == entropy(text[::-1])


def test_walls_of_pictures_or_characters_are_shown_to_operators() -> None:
    assert verdict("😀" * 40).noteworthy
    assert verdict("啊" * 200).noteworthy
    assert not verdict("哈哈哈哈哈哈哈哈哈哈").noteworthy
    assert not verdict("生日快乐🎂🎂🎂🎂🎂🎉🎉🎉").noteworthy


def test_look_alike_letters_hide_no_offer() -> None:
    assert verdict("\u0421l\u0430im your fr\u0435e prize, verify your acc\u043eunt").removes
    assert not verdict(
        "«\u041eh boy! You are making friends like nobody's business today!»"
    ).noteworthy
