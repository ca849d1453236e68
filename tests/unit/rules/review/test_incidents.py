"""A campaign is one incident: decided on once, for all its copies, and taken back as one."""

from __future__ import annotations

from services.rules.review.case import CaseState
from services.rules.review.incident import incident_id
from services.rules.review.reversal import UNDONE_BY
from services.rules.review.trust import KnownStanding, trust_id
from shared.actions import ActionKind
from shared.reviews import ReviewStep
from shared.stream.contracts import Output
from shared.verdicts import Decision, Flag
from tests.unit.rules.judging import actions, flags, message
from tests.unit.rules.review.reviewing import ReviewedWorld, partition

QUIET = "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦"


def copies(first: int, count: int) -> list[object]:
    return [
        message(QUIET, first + n, group=f"g{first + n}", member=f"m{first + n}")
        for n in range(count)
    ]


def world(count: int = 4) -> tuple[ReviewedWorld, list[Output]]:
    reviewed = ReviewedWorld()
    return reviewed, reviewed.see(*copies(0, count))  # type: ignore[arg-type]


def forward(outputs: list[Output]) -> list[Flag]:
    return [flag for flag in flags(outputs) if flag.reverses is None]


def reversed_ids(outputs: list[Output]) -> list[str | None]:
    return [flag.reverses for flag in flags(outputs) if flag.reverses]


def test_the_copies_of_a_campaign_are_one_incident() -> None:
    reviewed, outputs = world()
    (incident,) = reviewed.incidents
    assert (incident.count, incident.groups) == (4, 4)
    assert {copy.flag for copy in incident.copies} == {flag.id for flag in flags(outputs)}
    assert {flag.campaign for flag in flags(outputs)} == {incident_id("acme", incident.fingerprint)}
    assert incident.sample == QUIET
    assert reviewed.cases == []


def test_overturning_an_incident_takes_back_every_copy() -> None:
    reviewed, outputs = world()
    back = reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    assert sorted(reversed_ids(back)) == sorted(flag.id for flag in flags(outputs))
    deleted = {a.id for a in actions(outputs) if a.kind is ActionKind.MESSAGE_DELETE}
    restored = {a.details["reverses"] for a in actions(back) if "reverses" in a.details}
    assert restored == deleted
    assert {case.state for case in reviewed.cases} == {CaseState.OVERTURNED}


def test_one_action_for_all_copies_can_be_taken_back_as_one() -> None:
    reviewed, outputs = world()
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    banned = [a for a in actions(bans) if a.kind is ActionKind.MEMBER_BAN]
    assert {action.member for action in banned} == {"m0", "m1", "m2", "m3"}
    assert not any(flag.spam for flag in flags(bans)), "the points are gone already"
    back = reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    taken = {a.id for a in (*actions(outputs), *actions(bans)) if a.kind in UNDONE_BY}
    assert {a.details["reverses"] for a in actions(back) if "reverses" in a.details} == taken
    assert sorted(reversed_ids(back)) == sorted(f.id for f in forward([*outputs, *bans]))


def test_confirming_it_as_it_is_asks_for_nothing() -> None:
    reviewed, _ = world()
    assert reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED) == []
    assert reviewed.incidents[0].state is CaseState.CONFIRMED
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.ASSIGNED, assignee="anna")
    assert reviewed.log[-1].what == "incident.refused"


def test_a_copy_found_after_the_decision_shares_it() -> None:
    reviewed, _ = world()
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    late = reviewed.see(*copies(4, 1))  # type: ignore[arg-type]
    assert [a.member for a in actions(late) if a.kind is ActionKind.MEMBER_BAN] == ["m4"]
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    later = reviewed.see(*copies(5, 1))  # type: ignore[arg-type]
    assert reversed_ids(later) == [flag.id for flag in forward(later)]


def test_an_overturned_campaign_is_not_flagged_again() -> None:
    reviewed, _ = world()
    (incident,) = reviewed.incidents
    pardon = KnownStanding(pardoned={incident_id("acme", incident.fingerprint)})
    reviewed.stage = partition(pardon)
    assert flags(reviewed.see(*copies(10, 4))) == []  # type: ignore[arg-type]


def test_nothing_is_done_about_a_trusted_member_s_copy() -> None:
    reviewed = ReviewedWorld()
    trusted = KnownStanding(trusted={trust_id("acme", None, "m1"), trust_id("acme", "g9", "m2")})
    reviewed.stage = partition(trusted)
    outputs = reviewed.see(*copies(0, 3))  # type: ignore[arg-type]
    spam = {flag.event.member: flag.spam for flag in flags(outputs)}
    assert spam == {"m0": True, "m1": False, "m2": True}
    assert {a.member for a in actions(outputs)} == {"m0", "m2"}
