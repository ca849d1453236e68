"""The stage: flags, actions, automations, escalation, order, restarts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.documents import FLAGS, MEMBER_RECORDS, member_id
from services.rules.stage import rules_stage
from shared.actions import ActionKind
from shared.events import (
    ContactRequested,
    MemberJoined,
    MessageEdited,
    ReactionAdded,
    ReportFiled,
    Role,
)
from shared.stream.contracts import Output, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Decision, Label
from tests.unit.rules.judging import PACK, World, actions, event, flags, message

LURE = "加薇.信 abcd8899 领红包"
SWORDS = ("你就是个傻逼", "你才是傻逼", "你个废物")


def kinds(outputs: list[Output]) -> list[ActionKind]:
    return [action.kind for action in actions(outputs)]


def test_a_lure_is_flagged_deleted_and_stored() -> None:
    world = World()
    outputs = world.see(message(LURE))
    flag = flags(outputs)[0]
    assert flag.spam
    assert flag.decision is Decision.DELETE
    assert Label.CONTACT_LURE in flag.labels
    assert flag.rule_set == PACK.version
    assert kinds(outputs) == [ActionKind.MESSAGE_DELETE]
    assert actions(outputs)[0].message == "msg-0"
    assert world.documents.by_key[FLAGS, flag.id].flag == flag
    assert all(0 <= span.start < span.end <= len(LURE) for span in flag.spans)


def test_what_the_platform_is_asked_explains_itself_like_the_flag() -> None:
    outputs = World().see(message(LURE))
    (flag,), (deletion,) = flags(outputs), actions(outputs)
    assert (deletion.hits, deletion.spans) == (flag.hits, flag.spans)
    assert any(hit.weight > 0 and hit.values for hit in deletion.hits)
    seen = {span.what: LURE[span.start : span.end] for span in deletion.spans}
    assert seen["invite"] == "加薇.信", "in the words of the message, not as they were read"
    assert deletion.details == {"risk": flag.risk, "rule_set": flag.rule_set}


def test_history_is_flagged_and_stored_but_nothing_is_asked_for() -> None:
    world = World()
    outputs = world.see(message(LURE, backfill=True))
    (flag,) = flags(outputs)
    assert (flag.spam, flag.decision) == (True, Decision.DELETE)
    assert flag.id in {id for kind, id in world.documents.by_key if kind is FLAGS}
    assert actions(outputs) == []
    joined = event(MemberJoined, 1, backfill=True)
    assert actions(world.see(joined)) == [], "nobody is welcomed to the past"


def test_an_edit_that_adds_a_lure_is_flagged() -> None:
    edited = event(MessageEdited, 1, message="msg-0", text=LURE)
    assert flags(World().see(edited))[0].spam


def test_ordinary_messages_and_other_events_lead_to_nothing() -> None:
    assert World().see(message("今天天气不错"), event(ReactionAdded, message="x")) == []


def test_removals_harden_the_next_verdict() -> None:
    world = World()
    decisions = [
        flags(world.see(message(f"{LURE} {n}", n * 60, member="m9")))[0].decision for n in range(5)
    ]
    assert decisions == [
        Decision.DELETE, Decision.MUTE, Decision.MUTE, Decision.MUTE, Decision.BAN,
    ]  # fmt: skip
    record = world.documents.by_key[MEMBER_RECORDS, member_id("acme", "g1", "m9")]
    assert len(record.removals) == 5


def test_what_operators_write_is_reported_and_never_deleted() -> None:
    world = World()
    promotions = [
        message(f"新品上市，优惠价 {n}99 元，欢迎咨询下单", n * 60, role=Role.OWNER)
        for n in range(4)
    ]
    outputs = world.see(*promotions)
    assert {flag.labels[0] for flag in flags(outputs)} == {Label.OVER_PROMOTION}
    assert not any(flag.spam for flag in flags(outputs))
    assert kinds(outputs) == [ActionKind.OPERATOR_NOTICE]


def test_two_members_who_insult_each_other_quarrel() -> None:
    world = World()
    outputs = []
    for n in range(4):
        me, other = ("a", "b") if n % 2 else ("b", "a")
        outputs += world.see(
            message(SWORDS[n % 3], n, member=me, reply_to="x", reply_to_member=other)
        )
    assert any(Label.QUARREL in flag.labels for flag in flags(outputs))
    assert ActionKind.MEMBER_WARN in kinds(outputs)


def test_one_insult_is_no_quarrel() -> None:
    outputs = World().see(message(SWORDS[0], reply_to="x", reply_to_member="b"))
    assert all(Label.QUARREL not in flag.labels for flag in flags(outputs))


def test_a_stranger_who_writes_to_many_is_muted_for_harassment() -> None:
    world = World()
    requests = [event(ContactRequested, n, target=f"t{n}", text="你好") for n in range(6)]
    found = flags(world.see(*requests))
    assert [flag.event.id for flag in found] == ["ContactRequested-4", "ContactRequested-5"]
    assert found[0].labels == [Label.HARASSMENT]
    assert found[0].decision is Decision.MUTE
    again = [event(ContactRequested, 10 + n, member="m2", target="t1") for n in range(6)]
    assert flags(world.see(*again)) == []


def test_a_flood_is_flagged() -> None:
    words = [message("哈" * (n + 1), n // 4) for n in range(20)]
    found = flags(World().see(*words))
    assert found[0].labels == [Label.FLOOD]
    assert found[-1].decision is Decision.MUTE


def test_a_text_said_again_and_again_is_a_duplicate() -> None:
    found = flags(World().see(*[message("大家好我是新来的请多关照", n * 30) for n in range(6)]))
    assert found[0].labels == [Label.DUPLICATE]
    assert found[-1].spam


def test_many_joiners_are_a_raid_and_noticed_once() -> None:
    world = World()
    outputs = world.see(*[event(MemberJoined, n, member=f"j{n}") for n in range(14)])
    assert {flag.labels[0] for flag in flags(outputs)} == {Label.RAID}
    assert kinds(outputs).count(ActionKind.OPERATOR_NOTICE) == 1
    assert kinds(outputs).count(ActionKind.MEMBER_WELCOME) == 9


def test_a_joiner_is_welcomed_by_name() -> None:
    (welcome,) = actions(World().see(event(MemberJoined, name="小明")))
    assert welcome.kind is ActionKind.MEMBER_WELCOME
    assert "小明" in welcome.text


def test_a_question_is_answered_once_in_ten_minutes() -> None:
    world = World()
    asked = [message("请问怎么打卡？", n, member=f"m{n}") for n in (0, 60, 700)]
    assert [len(actions(world.see(each))) for each in asked] == [1, 0, 1]


def test_reports_by_three_members_are_noticed() -> None:
    world = World()
    reports = [
        event(ReportFiled, n, member=f"r{n}", message="msg-1", author="m1") for n in range(3)
    ]
    outputs = world.see(*reports)
    assert flags(outputs)[0].labels == [Label.REPORTED]
    assert kinds(outputs) == [ActionKind.CASE_OPENED, ActionKind.OPERATOR_NOTICE]


def traffic() -> list[Record]:
    texts = (
        LURE,
        "你好",
        SWORDS[0],
        "大家好我是新来的请多关照",
        "怎么打卡",
        "看 bad-site.top/x 优惠",
    )
    events = [
        message(texts[n % len(texts)], n, member=f"m{n % 5}", group=f"g{n % 3}") for n in range(60)
    ]
    return [Record(Topic.EVENTS, 0, n, each) for n, each in enumerate(events)]


@pytest.mark.parametrize("cut", [0, 1, 17, 60])
def test_a_stage_rebuilt_from_the_log_goes_on_like_one_that_never_stopped(cut: int) -> None:
    records = traffic()
    whole = MemoryDocuments()
    undisturbed = fold(rules_stage().open_partition(0), records, whole)
    documents = MemoryDocuments()
    before = fold(rules_stage().open_partition(0), records[:cut], documents)
    again = rules_stage().open_partition(0)
    for record in records[:cut]:
        again.rebuild(record)
    after = fold(again, records[cut:], documents)
    assert before + after == undisturbed
    assert documents.by_key == whole.by_key


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60))
def test_folding_a_prefix_twice_gives_the_same_ids(size: int) -> None:
    records = traffic()[:size]
    one = fold(rules_stage().open_partition(0), records, MemoryDocuments())
    other = fold(rules_stage().open_partition(0), records, MemoryDocuments())
    assert one == other
    ids = [output.record.identity for output in one]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids))


def test_every_event_has_at_most_one_spam_flag_of_its_owner() -> None:
    outputs = fold(rules_stage().open_partition(0), traffic(), MemoryDocuments())
    spam = [flag.event.identity for flag in flags(outputs) if flag.spam]
    assert spam
    assert len(spam) == len(set(spam))
