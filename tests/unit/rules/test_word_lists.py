"""Words that an operator supplies are found past tricks of writing, and name their list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.check import Checked, Context, check
from services.rules.pack import PackError, default_pack, load
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.rules import RuleSet
from services.rules.stage import rules_stage
from services.rules.text import normalise
from services.rules.word_lists.lists import (
    KnownLists,
    Ready,
    TenantLists,
    too_short,
    version_of,
)
from shared.events import MemberJoined
from shared.stream.contracts import Publish
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision, Flag, Label
from tests.unit.rules.judging import event, event_record, flags, message
from tests.unit.rules.lures import EVASIONS

WORDS = ["红色暗号", "青蛙公主殿下", "moon treaty"]
LISTS = TenantLists([Ready("political", "political@1", WORDS, ["红色暗号灯"])])
SHIPPED = RuleSet(default_pack())
OWN = """\
name: own
extends: default
lists: [rivals]
windows:
  - {name: rivals_1h, span: 1h, by: [member], of: [message], when: list.rivals > 0}
rules:
  - {name: rivals, label: advertising, weight: 0.8, when: window.rivals_1h >= 2, because: again}
"""


def judged(text: str, lists: TenantLists | None = LISTS, **context: object) -> Checked:
    return check(SHIPPED, text, Context(**context), None, lists)  # type: ignore[arg-type]


@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_chinese_word_is_found_in_every_way_of_writing(evasion: str) -> None:
    for word in WORDS[:2]:
        text = EVASIONS[evasion](word)
        assert Label.POLITICAL in judged(text).verdict.labels, text


@pytest.mark.parametrize(
    "text",
    ["The MOON treaty!", "ｍｏｏｎ ｔｒｅａｔｙ", "mооn trеаty", "moontreaty", "moon-treaty"],
)
def test_a_latin_phrase_is_found(text: str) -> None:
    assert judged(text).verdict.decision is Decision.DELETE


@pytest.mark.parametrize(
    "text", ["红色暗号灯亮了", "moontreatys", "honeymoon treaty", "红色的暗号"]
)
def test_exceptions_and_parts_of_words_are_left_alone(text: str) -> None:
    assert judged(text).verdict.hits == []


def test_without_a_list_nothing_is_political() -> None:
    assert judged(WORDS[0], None).verdict.hits == []
    assert judged(WORDS[0], TenantLists([Ready("political", "x", [], [])])).verdict.hits == []


def test_the_verdict_names_the_list_s_version_and_shows_the_words() -> None:
    told = judged("我说:红.色.暗.号 和 moon treaty").verdict
    (hit,) = told.hits
    assert hit.values == {"list.political": 2, "list.political.version": "political@1"}
    assert [(span.start, span.end, span.what) for span in told.spans] == [
        (3, 10, "list.political"),
        (13, 24, "list.political"),
    ]


def test_names_are_looked_through_too() -> None:
    assert judged("红色暗号", about="join").verdict.labels == [Label.POLITICAL]


def test_a_pack_declares_the_lists_that_its_conditions_and_windows_use() -> None:
    lists = KnownLists({"acme": TenantLists([Ready("rivals", "rivals@7", ["他家奶茶"], [])])})
    stage = rules_stage(OneRuleSet(load(OWN, "own")), lists=lists).open_partition(0)
    texts = ["他家奶茶好喝", "今天天气真好", "他 家 奶 茶"]
    records = [event_record(message(text, n)) for n, text in enumerate(texts)]
    found = flags(fold(stage, records, MemoryDocuments()))
    assert [flag.event.id for flag in found] == ["MessagePosted-2"]
    assert found[0].hits[0].values == {"window.rivals_1h": 2}


def test_a_list_that_is_not_declared_is_an_unknown_name() -> None:
    source = OWN.replace("lists: [rivals]\n", "")
    with pytest.raises(PackError, match=r"there is no `list\.rivals`"):
        load(source, "own")


def test_the_lists_of_one_tenant_say_nothing_of_another_s_messages() -> None:
    stage = rules_stage(lists=KnownLists({"acme": LISTS})).open_partition(0)
    records = [
        event_record(message("红色暗号", n, tenant=tenant))
        for n, tenant in enumerate(("acme", "other"))
    ]
    found = [
        output.record
        for output in fold(stage, records, MemoryDocuments())
        if isinstance(output, Publish) and isinstance(output.record, Flag)
    ]
    assert [flag.event.tenant for flag in found] == ["acme"]


def test_a_change_counts_from_the_next_message_on() -> None:
    lists = KnownLists()
    stage, documents = rules_stage(lists=lists).open_partition(0), MemoryDocuments()

    def flagged(number: int) -> list[Flag]:
        records = [event_record(event(MemberJoined, number, name="红色暗号"))]
        return flags(fold(stage, records, documents))

    assert flagged(1) == []
    lists.put("acme", Ready("political", "political@1", WORDS, []))
    assert len(flagged(2)) == 1
    lists.put("acme", Ready("political", "political@2", ["别的词语"], []))
    assert lists.version("acme", "political") == "political@2"
    assert flagged(3) == []
    lists.remove("acme", "political")
    assert lists.of("acme") is None


@pytest.mark.parametrize("word", ["", " ", "x", "的", "！！！", "\u200b\u200b", " 。的。 "])
def test_a_word_that_would_be_anywhere_is_too_short(word: str) -> None:
    assert too_short(word)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=8))
def test_whatever_a_list_says_it_is_found_in_itself_or_refused(words: list[str]) -> None:
    usable = [word for word in words if not too_short(word)]
    ready = Ready("any", "any@1", usable, [])
    assert all(ready.find(normalise(word).text) for word in usable)
    assert version_of("any", words, []) == version_of("any", words[::-1], [])
