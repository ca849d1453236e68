"""A text that comes again is read once, and means the same."""

from __future__ import annotations

import pytest

from services.rules.contacts import find_contacts
from services.rules.links import find_links
from services.rules.observation import observe
from services.rules.shape import alphabets
from services.rules.windows import Facet
from services.rules.written import LONGEST_REMEMBERED, written
from tests.unit.rules.judging import message


def test_what_two_members_write_alike_is_read_once_and_seen_as_of_each() -> None:
    one = observe(message("加我微信 abcd8899", 1, member="m1", mentions=["m9"]))
    other = observe(message("加我微信 abcd8899", 2, member="m2"))
    assert one.reading is other.reading
    assert (one.facets[Facet.MEMBER], other.facets[Facet.MEMBER]) == ("m1", "m2")
    assert one.facets[Facet.CONTACT] == other.facets[Facet.CONTACT] == "abcd8899"
    assert "event.mentions" in one.signals
    assert "event.mentions" not in other.signals


def test_a_long_text_is_not_remembered() -> None:
    long = "长" * (LONGEST_REMEMBERED + 1)
    assert written(long) is not written(long)
    assert written(long).signals == written(long).signals


@pytest.mark.parametrize(
    ("text", "scripts", "mixed"),
    [
        ("666", 0, 0),
        ("hello", 1, 0),
        ("你好 hello", 2, 0),
        ("Привет", 1, 0),
        ("р\u0430ypal", 2, 1),
        ("Ωmega 你好 hello Привет こ", 5, 1),
    ],
)
def test_scripts_and_words_of_two_scripts_are_counted(text: str, scripts: int, mixed: int) -> None:
    assert alphabets(text) == (scripts, mixed)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("电话13800138000", {"phone"}),
        ("t.me/abcdefg", {"telegram"}),
        ("telegram号abcdefg", {"telegram"}),
        ("飞机abcdefg", {"telegram"}),
        ("微信abcd8899", {"wechat"}),
        ("微 a12345", {"wechat"}),
        ("qq群12345678", {"qq"}),
        ("to me@example.com", {"email"}),
        ("微笑", set()),
        ("at the top 3", set()),
    ],
)
def test_every_kind_of_contact_gets_past_the_first_glance(text: str, kinds: set[str]) -> None:
    assert {contact.kind.value for contact in find_contacts(text)} >= kinds
    assert bool(find_contacts(text)) == bool(kinds)


@pytest.mark.parametrize(("text", "count"), [("https://a.top", 1), ("a.top", 1), ("v1. ok", 0)])
def test_every_link_gets_past_the_first_glance(text: str, count: int) -> None:
    assert len(find_links(text)) == count
