"""Cases: what opens them, how they are decided, and that overturning takes everything back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.appeals import SHIPPED
from services.rules.documents import FLAGS, MEMBER_RECORDS, member_id
from services.rules.review.case import CaseState, Reason, rank_of
from services.rules.review.opening import report_case_id
from services.rules.review.reversal import UNDONE_BY
from services.scoring.stage import ScoringPartition
from shared.actions import Action, ActionKind
from shared.events import MessagePosted, ReportFiled
from shared.reviews import ReviewStep, Teaches
from shared.stream.contracts import Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Decision, Flag
from tests.unit.rules.judging import START, actions, event, flags, message
from tests.unit.rules.review.reviewing import ANNA, BEN, DAY, ReviewedWorld

LURE = "加.薇.信 abcd8899 领红包"
FINAL = "the case was overturned, and that is final"


def caught(world: ReviewedWorld, text: str = LURE, number: int = 0, **fields: object) -> Flag:
    return flags(world.see(message(text, number, **fields)))[0]


def reversals(outputs: list[object]) -> list[Flag]:
    return [flag for flag in flags(outputs) if flag.reverses]  # type: ignore[arg-type]


def undone(taken: list[Action], outputs: list[object]) -> bool:
    """Whether each action has exactly one that undoes it, which names it."""
    undoing = {a.details["reverses"]: a.kind for a in actions(outputs) if "reverses" in a.details}  # type: ignore[arg-type]
    return undoing == {a.id: UNDONE_BY[a.kind] for a in taken if a.kind in UNDONE_BY}


def test_ordinary_removals_need_nobody_until_a_moderator_opens_a_case() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    assert world.cases == []
    outputs = world.decide(flag, ReviewStep.OPENED)
    assert [action.kind for action in actions(outputs)] == [ActionKind.CASE_OPENED]
    assert actions(outputs)[0].hits == flag.hits != []
    case = world.case(flag)
    assert (case.state, case.reason) == (CaseState.OPEN, Reason.BY_HAND)
    assert case.evidence.flag == flag
    assert case.evidence.charged, "the text alone would have been removed"


def test_regulated_categories_open_a_case_with_what_was_said_before() -> None:
    world = ReviewedWorld()
    world.see(message("大家早上好", 0), message("今天谁去爬山？", 1, member="m2"))
    flag = caught(world, "澳门赌场上线，百家乐首充送888，加微信 abcd8899", 2, member="m3")
    assert "gambling" in flag.labels
    case = world.case(flag)
    assert case.reason is Reason.REGULATED
    assert [line.text for line in case.evidence.before] == ["大家早上好", "今天谁去爬山？"]
    assert case.taken[0].actions == [ActionKind.MESSAGE_DELETE]


def test_history_opens_no_case() -> None:
    world = ReviewedWorld()
    caught(world, "澳门赌场上线，百家乐首充送888，加微信 abcd8899", backfill=True)
    assert world.cases == []


def test_reports_of_one_message_are_one_case_that_rises_with_them() -> None:
    world = ReviewedWorld()
    world.see(message("嘿嘿嘿", 0, member="bad"))
    reports = [
        event(ReportFiled, n, member=f"m{n}", message="msg-0", author="bad") for n in range(1, 4)
    ]
    world.see(reports[0])
    (case,) = world.cases
    assert (case.reason, case.member, case.message) == (Reason.REPORTED, "bad", "msg-0")
    assert isinstance(case.evidence.flag.event, MessagePosted)
    world.see(*reports[1:], reports[1])
    (later,) = world.cases
    assert later.reporters == ["m1", "m2", "m3"]
    assert later.rank == rank_of(later) > case.rank


def test_a_confirmed_report_does_what_the_moderator_asks_and_can_be_overturned() -> None:
    world = ReviewedWorld()
    world.see(message("嘿嘿嘿", 0, member="bad"))
    report = event(ReportFiled, 1, member="m1", message="msg-0", author="bad")
    world.see(report)
    (case,) = world.cases
    step = {"case": report_case_id(report), "member": "bad"}
    outputs = world.decide(
        case.evidence.flag, ReviewStep.CONFIRMED, decision=Decision.MUTE, seconds=60, **step
    )
    (ruling,) = flags(outputs)
    assert (ruling.spam, ruling.decision, ruling.rule_set) == (True, Decision.MUTE, "moderator")
    taken = [action for action in actions(outputs) if action.kind in UNDONE_BY]
    assert [(a.kind, a.member, a.message, a.seconds) for a in taken] == [
        (ActionKind.MESSAGE_DELETE, "bad", "msg-0", 0),
        (ActionKind.MEMBER_MUTE, "bad", "msg-0", 60),
    ]
    record = MEMBER_RECORDS, member_id("acme", "g1", "bad")
    assert world.documents.by_key[record].removals == [START]
    back = world.decide(case.evidence.flag, ReviewStep.OVERTURNED, **step)
    assert [flag.reverses for flag in reversals(back)] == [ruling.id]
    assert undone(taken, back)
    assert world.documents.by_key[record].removals == []


@pytest.mark.parametrize("earlier", range(5))
def test_overturning_emits_the_exact_reversal_of_every_action(earlier: int) -> None:
    world = ReviewedWorld()
    for n in range(earlier):
        caught(world, f"{LURE} {n}", n)
    before = world.documents.by_key.get((MEMBER_RECORDS, member_id("acme", "g1", "m1")))
    outputs = world.see(message(LURE, 100))
    flag, taken = flags(outputs)[0], actions(outputs)
    back = world.decide(flag, ReviewStep.OVERTURNED)
    assert undone(taken, back)
    (reversal,) = reversals(back)
    assert (reversal.reverses, reversal.event, reversal.spam) == (flag.id, flag.event, True)
    after = world.documents.by_key[MEMBER_RECORDS, member_id("acme", "g1", "m1")]
    assert after.removals == (before.removals if before else []), "it hardens nothing any more"
    assert world.case(flag).state is CaseState.OVERTURNED
    assert world.case(flag).taken == []


def test_overturning_history_asks_the_platform_for_nothing_but_gives_points_back() -> None:
    world = ReviewedWorld()
    flag = caught(world, backfill=True)
    back = world.decide(flag, ReviewStep.OVERTURNED)
    assert [flag.reverses for flag in reversals(back)] == [flag.id]
    kinds = {action.kind for action in actions(back)}
    assert kinds == {ActionKind.CASE_OPENED, ActionKind.CASE_DECIDED}


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.sampled_from([ReviewStep.CONFIRMED, ReviewStep.APPEALED, ReviewStep.OVERTURNED]),
        max_size=5,
    ),
    decisions=st.lists(
        st.sampled_from([Decision.ALLOW, Decision.DELETE, Decision.MUTE, Decision.BAN]),
        min_size=5,
        max_size=5,
    ),
)
def test_whatever_was_decided_on_the_way_an_overturned_case_leaves_scores_as_they_were(
    steps: list[ReviewStep], decisions: list[Decision]
) -> None:
    world = ReviewedWorld()
    posted = message(LURE, 0)
    out = list(world.see(posted))
    flag = flags(out)[0]
    who = [ANNA, BEN] * 5
    for step, decision, by in zip(steps, decisions, who, strict=False):
        out += world.decide(flag, step, by, decision=decision)
    out += world.decide(flag, ReviewStep.OVERTURNED, ANNA)
    out += world.decide(flag, ReviewStep.OVERTURNED, BEN)
    assert world.case(flag).state is CaseState.OVERTURNED
    assert scores([posted, *flags(out)]) == scores([posted])
    taken = [action for action in actions(out) if action.kind in UNDONE_BY]
    assert undone(taken, out)


def scores(values: list[MessagePosted | Flag]) -> object:
    documents = MemoryDocuments()
    records = [
        Record(Topic.FLAGS if isinstance(each, Flag) else Topic.EVENTS, 0, n, each)
        for n, each in enumerate(values)
    ]
    fold(ScoringPartition(), records, documents)
    return documents.by_key


def test_an_appeal_opens_a_case_and_is_decided_by_somebody_else() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    world.decide(flag, ReviewStep.CONFIRMED, ANNA)
    world.decide(flag, ReviewStep.APPEALED, note="我是群主的朋友")
    assert world.case(flag).state is CaseState.APPEALED
    world.decide(flag, ReviewStep.OVERTURNED, ANNA)
    assert world.case(flag).state is CaseState.APPEALED, "the same person decides nothing again"
    assert world.log[-1].what == "case.refused"
    outputs = world.decide(flag, ReviewStep.OVERTURNED, BEN)
    assert world.case(flag).state is CaseState.OVERTURNED
    assert ActionKind.MESSAGE_RESTORE in {action.kind for action in actions(outputs)}


def test_a_key_without_a_name_is_nobody_else() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    bare = type(ANNA)("key_1")
    world.decide(flag, ReviewStep.CONFIRMED, bare)
    world.decide(flag, ReviewStep.APPEALED)
    world.decide(flag, ReviewStep.OVERTURNED, ANNA)
    assert world.case(flag).state is CaseState.APPEALED


def test_an_appeal_can_be_made_once_and_in_time_only() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    late = {"time": flag.time + SHIPPED.within + 1}
    world.decide(flag, ReviewStep.APPEALED, **late)
    assert world.log[-1].detail["why"] == "the time to appeal is over"
    assert world.cases == [], "what is refused opens no case"
    world.decide(flag, ReviewStep.APPEALED)
    world.decide(flag, ReviewStep.CONFIRMED, BEN)
    world.decide(flag, ReviewStep.APPEALED)
    assert world.log[-1].what == "case.refused"
    assert world.case(flag).state is CaseState.CONFIRMED


def test_an_appeal_that_nobody_answers_in_time_goes_to_the_front() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    world.decide(flag, ReviewStep.APPEALED)
    asked = world.now
    assert world.pass_time(flag, asked + SHIPPED.answer - 1) == []
    rank = world.case(flag).rank
    outputs = world.pass_time(flag, asked + SHIPPED.answer)
    assert [action.kind for action in actions(outputs)] == [ActionKind.OPERATOR_NOTICE]
    assert world.case(flag).overdue
    assert world.case(flag).rank > rank + 5
    assert world.pass_time(flag, asked + 30 * DAY) == []


def test_an_overturned_case_is_final() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    world.decide(flag, ReviewStep.OVERTURNED)
    for step in ReviewStep:
        assert flags(world.decide(flag, step, BEN, decision=Decision.BAN)) == []
        assert world.log[-1].detail["why"] == FINAL


def test_a_case_of_an_unknown_flag_or_another_tenant_s_is_a_fault() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    with pytest.raises(LookupError):
        world.decide(flag, ReviewStep.OPENED, flag="nothing", case="nothing")
    with pytest.raises(LookupError):
        world.decide(flag, ReviewStep.OPENED, tenant="other")


def test_flags_note_what_was_asked_of_the_platform() -> None:
    world = ReviewedWorld()
    flag = caught(world)
    assert world.documents.by_key[FLAGS, flag.id].actions == [ActionKind.MESSAGE_DELETE]
    past = caught(world, LURE, 9, backfill=True, member="m9")
    assert world.documents.by_key[FLAGS, past.id].actions == []


@pytest.mark.parametrize(
    ("text", "teaches", "step", "lesson"),
    [
        (LURE, Teaches.AUTO, ReviewStep.CONFIRMED, True),
        (LURE, Teaches.AUTO, ReviewStep.OVERTURNED, False),
        (LURE, Teaches.CONDUCT, ReviewStep.CONFIRMED, None),
        (LURE, Teaches.CONDUCT, ReviewStep.OVERTURNED, None),
    ],
)
def test_a_decision_on_content_is_a_lesson(
    text: str, teaches: Teaches, step: ReviewStep, lesson: bool | None
) -> None:
    world = ReviewedWorld()
    flag = caught(world, text)
    world.decide(flag, step, teaches=teaches)
    assert world.case(flag).lesson is lesson


def test_the_harmless_text_of_a_banned_advertiser_teaches_nothing() -> None:
    world = ReviewedWorld()
    world.see(message("大家早上好呀", 0, member="bad"))
    report = event(ReportFiled, 1, member="m1", message="msg-0", author="bad")
    world.see(report)
    (case,) = world.cases
    step = {"case": report_case_id(report), "member": "bad"}
    world.decide(case.evidence.flag, ReviewStep.CONFIRMED, decision=Decision.BAN, **step)
    (case,) = world.cases
    assert case.state is CaseState.CONFIRMED
    assert case.lesson is None
