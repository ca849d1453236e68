"""What is found in texts: contacts, links, words."""

from __future__ import annotations

import pytest

from services.rules.contacts import ContactKind, find_contacts
from services.rules.links import find_links
from services.rules.signals import read
from services.rules.text import normalise


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
