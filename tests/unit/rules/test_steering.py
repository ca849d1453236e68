"""What tenants steer with: thresholds, composites, families, patterns, frequent questions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.check import Checker
from services.rules.observation import observe
from services.rules.pack import PackError, default_pack, load
from services.rules.pack_source import PatternSource
from services.rules.patterns import PatternError, Patterns, check_pattern
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.rules import RuleSet
from services.rules.similarity import Questions
from services.rules.stage import rules_stage
from services.rules.verdict import Verdict
from shared.actions import ActionKind
from shared.events import MemberJoined, Role
from shared.stream.contracts import Output
from shared.stream.memory import MemoryDocuments, fold
from shared.verdicts import Decision
from tests.unit.rules.judging import actions, event, event_record, flags, message

WHOLE = """\
name: steering
description: A pack for tests.
thresholds:
  {watch: 0.1, warn: 0.2, delete: 0.4, mute: 0.6, kick: 0.7, ban: 0.8, escalate: 0.9,
   mute_seconds: 60}
escalation: {within: 7d, steps: []}
labels:
  - {label: porn, at_most: escalate}
  - {label: fraud, at_most: escalate}
  - {label: advertising, at_most: escalate}
windows: []
patterns:
  - {name: durian, matches: 'durian|榴莲'}
  - {name: spelled, matches: 'D-U-R', in: written}
families:
  - {name: shape, at_most: 0.3}
rules:
  - {name: fruit, label: advertising, weight: 0.35, when: pattern.durian, because: fruit}
  - {name: money, label: fraud, weight: 0.15, when: text.money > 0, because: money}
  - {name: long, label: porn, weight: 0.2, when: text.length >= 10, because: long, family: shape}
  - {name: longer, label: porn, weight: 0.4, when: text.length >= 20, because: x, family: shape}
composites:
  - name: fruit_trade
    label: fraud
    weight: 0.65
    when: rule.fruit && rule.money && !rule.long
    replaces: [fruit]
    because: sells fruit
faq:
  - {ask: [怎么申请退款, "how do I get a refund"], answer: "退款：设置→订单→退款"}
  - {ask: [发票怎么开], answer: "发票：联系客服"}
automations:
  - {name: answer, on: [message], when: faq.similarity >= 65, do: message.reply, text: "{answer}"}
  - {name: react, on: [message], when: pattern.spelled, do: message.reply, text: "{name}? {answer}"}
  - {name: ask, on: [join], when: 'true', do: member.ask, text: "{name}，你从哪里来？"}
"""
PACK = load(WHOLE, "p.yaml")


def judged(text: str) -> Verdict:
    return Checker(PACK).check(text).verdict


def done(*values: object) -> list[Output]:
    stage = rules_stage(OneRuleSet(PACK)).open_partition(0)
    return fold(stage, [event_record(value) for value in values], MemoryDocuments())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weight", "decision", "asked"),
    [
        (0.05, Decision.ALLOW, []),
        (0.15, Decision.WATCH, []),
        (0.25, Decision.WARN, [ActionKind.MEMBER_WARN]),
        (0.45, Decision.DELETE, [ActionKind.MESSAGE_DELETE]),
        (0.65, Decision.MUTE, [ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_MUTE]),
        (0.75, Decision.KICK, [ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_KICK]),
        (0.8, Decision.BAN, [ActionKind.MESSAGE_DELETE, ActionKind.MEMBER_BAN]),
        (2.0, Decision.ESCALATE, [ActionKind.OPERATOR_NOTICE, ActionKind.CASE_OPENED]),
    ],
)
def test_each_threshold_leads_to_its_decision(
    weight: float, decision: Decision, asked: list[ActionKind]
) -> None:
    pack = load(WHOLE.replace("weight: 0.35", f"weight: {weight}"), "p.yaml")
    stage = rules_stage(OneRuleSet(pack)).open_partition(0)
    outputs = fold(stage, [event_record(message("durian"))], MemoryDocuments())
    assert [flag.decision for flag in flags(outputs)] == (
        [decision] if decision is not Decision.ALLOW else []
    )
    found = actions(outputs)
    assert [action.kind for action in found] == asked
    assert {a.seconds for a in found if a.kind is ActionKind.MEMBER_MUTE} <= {60}


def test_a_composite_replaces_what_it_is_made_of_and_says_so() -> None:
    verdict = judged("榴莲 300元")
    hits = {hit.rule: hit for hit in verdict.hits}
    assert {name: hit.weight for name, hit in hits.items()} == {
        "fruit": 0.0,
        "money": 0.15,
        "fruit_trade": 0.65,
    }
    assert hits["fruit"].values["replaced_by"] == "fruit_trade"
    assert hits["fruit_trade"].values == {"rule.fruit": True, "rule.money": True}
    assert verdict.decision is Decision.BAN


def test_a_family_weighs_no_more_than_it_may() -> None:
    hits = {hit.rule: hit for hit in judged("一二三四五六七八九十一二三四五六七八九十").hits}
    assert {name: hit.weight for name, hit in hits.items()} == {"long": 0.1, "longer": 0.2}
    assert hits["long"].values["family"] == "shape"
    assert hits["long"].values["weight.before"] == 0.2
    assert judged("一二三四五六七八九十").hits[0].weight == 0.2


def test_a_rule_goes_no_further_by_itself_than_it_may() -> None:
    capped = WHOLE.replace("weight: 0.35,", "weight: 0.85, at_most: warn,")
    checker = Checker(load(capped.replace("&& !rule.long", "&& false"), "p.yaml"))
    alone = checker.check("durian").verdict
    assert (alone.decision, alone.risk > 0.8) == (Decision.WARN, True)
    assert checker.check("durian 300元").verdict.decision is Decision.BAN


def test_a_rule_goes_no_further_than_its_label() -> None:
    capped = WHOLE.replace("advertising, at_most: escalate", "advertising, at_most: watch")
    pack = load(capped.replace("weight: 0.35,", "weight: 0.85, at_most: ban,"), "p.yaml")
    assert Checker(pack).check("durian").verdict.decision is Decision.WATCH


def test_what_only_the_classifier_speaks_against_is_warned_of_at_most() -> None:
    pack = default_pack()
    opinions = {"classifier.spam", "classifier.abuse"}
    no_word = opinions | {"text.chinese", "text.insult"}
    read = {rule.name: set(condition.names) for rule, condition in pack.rules}
    alone = [name for name, names in read.items() if opinions & names and names <= no_word]
    assert "certain_spam" in alone
    assert "certain_abuse" in alone
    assert {pack.most[name] for name in alone} == {Decision.WARN}


def test_a_pattern_looks_at_what_is_read_or_at_what_was_written() -> None:
    assert [hit.rule for hit in judged("ＤＵＲＩＡＮ").hits] == ["fruit"]
    (reply,) = actions(done(message("d-u-r")))
    assert reply.text == "m1? "


def test_a_frequent_question_is_answered_in_other_words_too() -> None:
    texts = {
        "请问一下怎么申请退款呀": "退款：设置→订单→退款",
        "How do I get my refund?": "退款：设置→订单→退款",
        "可以开发票吗 怎么开": "发票：联系客服",
        "我已经申请退款了，客服很快": None,
        "大家早上好": None,
    }
    for text, answer in texts.items():
        found = actions(done(message(text)))
        assert [action.text for action in found if action.kind is ActionKind.MESSAGE_REPLY] == (
            [answer] if answer else []
        ), text


def test_a_joiner_is_asked_the_question() -> None:
    (asked,) = actions(done(event(MemberJoined, name="小明")))
    assert (asked.kind, asked.text) == (ActionKind.MEMBER_ASK, "小明，你从哪里来？")


def test_a_name_that_looks_like_a_place_to_fill_in_fills_in_nothing() -> None:
    (asked,) = actions(done(event(MemberJoined, name="{member}")))
    assert asked.text == "{member}，你从哪里来？"


@given(st.text(max_size=60))
def test_a_question_is_most_like_itself(text: str) -> None:
    questions = Questions([("怎么申请退款", 0), (text, 1), ("where is it", 2)])
    known = questions.nearest(text)
    assert 0 <= known.similarity <= 100
    if known.number >= 0:
        assert known.similarity == 100


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a*)*", "(?:x+x+)+y", "(a{2,})+", r"(a)\1", "(?=a)b", "(", "a" * 501, "a*",
     "((a{100}){100}){100}", r"\pL{900}"],
)  # fmt: skip
def test_a_catastrophic_or_unusable_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        check_pattern(pattern)
    source = WHOLE.replace("durian|榴莲", pattern)
    with pytest.raises(PackError) as raised:
        load(source, "p.yaml")
    assert (raised.value.line, raised.value.column) == (13, 29)


@pytest.mark.parametrize("pattern", ["a+b+", r"(\d+-)+\d", "(a|b)+", r"\(a+\)+", "[(+]+x"])
def test_an_ordinary_pattern_is_taken(pattern: str) -> None:
    check_pattern(pattern)


def test_a_pattern_takes_time_in_proportion_to_the_text() -> None:
    nasty = Patterns([PatternSource(name="x", matches="(?:a|aa){1,30}b")])
    assert nasty.found("a" * 20_000, "") == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("rule.fruit", "rule.froot", "there is no `rule.froot`"),
        ("rule.fruit", "text.length > 1", "there is no `text.length`"),
        ("replaces: [fruit]", "replaces: [froot]", "there is no rule `froot`"),
        ("family: shape}\n  - {name: longer", "family: form}\n  - {name: longer", "no family"),
        ("name: fruit_trade", "name: money", "there is a rule `money` too"),
        ("faq.similarity", "faq.likeness", "there is no `faq.likeness`"),
    ],
)
def test_what_is_not_there_is_named(before: str, after: str, message: str) -> None:
    assert before in WHOLE
    with pytest.raises(PackError, match=message):
        load(WHOLE.replace(before, after), "p.yaml")


@pytest.mark.parametrize(
    ("written", "line", "message"),
    [
        ("thresholds: {watch: 0.3, warn: 0.2, delete: 0.7}", 3, "`warn` begins below `watch`"),
        (
            "overrides:\n  - groups: [g]\n    thresholds: {watch: 0, warn: 0, delete: 1, ban: 0}",
            5,
            "`ban` begins below `delete`",
        ),
        (
            "automations:\n  - {name: a, on: [join], when: 'true', do: member.ask, text: '{nome}'}",
            4,
            "nothing is filled in for `{nome}`",
        ),
    ],
)
def test_what_could_never_come_is_refused_where_it_is_written(
    written: str, line: int, message: str
) -> None:
    with pytest.raises(PackError, match=re.escape(message)) as raised:
        load(f"name: own\nextends: default\n{written}\n", "own.yaml")
    assert raised.value.line == line


def test_a_decision_may_be_left_out_by_beginning_where_a_graver_one_does() -> None:
    pack = load(
        "name: own\nextends: default\nthresholds: {watch: 0.3, warn: 0.7, delete: 0.7}\n", "o"
    )
    assert pack.source.thresholds.warn == 0.7


WORDS = ("榴莲", "300元", "durian", "一二三四五六七八九十", "怎么申请退款", "d-u-r", "你好")


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=4), max_size=12), st.booleans())
@settings(max_examples=25, deadline=None)
def test_what_is_remembered_never_changes_a_verdict(said: list[list[str]], staff: bool) -> None:
    used = RuleSet(PACK)
    role = Role.OWNER if staff else Role.MEMBER
    for words in said:
        seen = observe(message(" ".join(words), role=role))
        fresh = RuleSet(PACK)
        assert used.judge(seen, {}) == fresh.judge(seen, {})
        assert used.explained(seen, {}) == fresh.explained(seen, {})


def test_patterns_that_take_too_much_memory_together_are_refused() -> None:
    many = "".join(f"  - {{name: p{n}, matches: '\\pL{{40}}x{n}'}}\n" for n in range(40))
    with pytest.raises(PackError, match="take too much memory"):
        load(f"name: x\nextends: default\npatterns:\n{many}", "p.yaml")
