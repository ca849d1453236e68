"""A campaign is one incident: decided on once, for all its copies, and taken back as one."""

from __future__ import annotations

from services.rules.pack import load
from services.rules.review.case import CaseState
from services.rules.review.incident import incident_id
from services.rules.review.lessons import LESSONS
from services.rules.review.reversal import UNDONE_BY
from services.rules.review.trust import KnownStanding, trust_id
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from shared.actions import ActionKind
from shared.reviews import ReviewStep, Teaches
from shared.stream.contracts import Output
from shared.verdicts import Decision, Flag
from tests.unit.rules.judging import actions, by_newcomers, flags, message
from tests.unit.rules.review.reviewing import ReviewedWorld, partition

QUIET = "各位同学明天晚上八点在老地方集合我们一起去看星星吧不见不散哦"


def copies(first: int, count: int) -> list[object]:
    posted = [
        message(QUIET, first + n, group=f"g{first + n}", member=f"m{first + n}")
        for n in range(count)
    ]
    return list(by_newcomers(*posted))


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


LURE = "加薇.信 abcd8899 领红包"
MILD = "今天落了一把伞 失主请找前台 微信 abcd8899"


def lures(first: int, count: int, **more: object) -> list[object]:
    return [
        message(
            f"{LURE} {first + n}",
            first + n,
            **{"group": f"g{first + n}", "member": f"m{first + n}", **more},
        )
        for n in range(count)
    ]


def mixed() -> tuple[ReviewedWorld, list[Output]]:
    """Return a world with a campaign: two copies that rules let pass, two that they removed."""
    reviewed = ReviewedWorld()
    mild = [message(MILD, n, group=f"g{n}", member=f"m{n}") for n in (0, 1)]
    return reviewed, reviewed.see(*mild, *lures(2, 2))  # type: ignore[arg-type]


def asked(outputs: list[Output]) -> list[tuple[str, str | None]]:
    return sorted((str(a.kind), a.member) for a in actions(outputs) if a.kind in UNDONE_BY)


def undone(outputs: list[Output]) -> list[object]:
    found = [a.details["reverses"] for a in actions(outputs) if "reverses" in a.details]
    assert len(found) == len(set(found)), "nothing is taken back twice"
    return sorted(found)


def test_copies_that_rules_removed_by_themselves_are_members_of_the_incident() -> None:
    reviewed, outputs = mixed()
    (incident,) = reviewed.incidents
    assert (incident.count, incident.groups) == (4, 4)
    assert sorted(copy.flag for copy in incident.copies) == sorted(f.id for f in flags(outputs))
    assert [flag.campaign is not None for flag in flags(outputs)].count(True) == 2
    assert asked(outputs) == [("message.delete", f"m{n}") for n in range(4)], "each once"


def test_a_campaign_of_nothing_but_removed_copies_is_an_incident() -> None:
    reviewed = ReviewedWorld()
    outputs = reviewed.see(*lures(0, 3))  # type: ignore[arg-type]
    (incident,) = reviewed.incidents
    assert (incident.count, incident.sample[:9]) == (3, LURE[:9])
    assert {copy.flag for copy in incident.copies} == {flag.id for flag in flags(outputs)}
    assert all(flag.campaign is None for flag in flags(outputs))


def test_one_action_reaches_removed_copies_and_repeats_nothing() -> None:
    reviewed, outputs = mixed()
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert asked(bans) == [("member.ban", f"m{n}") for n in range(4)]
    assert not any(flag.spam for flag in flags(bans)), "the points are gone already"
    back = reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    taken = [a.id for a in (*actions(outputs), *actions(bans)) if a.kind in UNDONE_BY]
    assert undone(back) == sorted(taken)
    assert sorted(reversed_ids(back)) == sorted(f.id for f in forward([*outputs, *bans]))


def test_what_is_asked_for_and_taken_back_names_the_campaign() -> None:
    reviewed, _ = mixed()
    (incident,) = reviewed.incidents
    bans = reviewed.decide_on(incident, ReviewStep.CONFIRMED, decision=Decision.BAN)
    back = reviewed.decide_on(incident, ReviewStep.OVERTURNED)
    done = [a for a in actions([*bans, *back]) if a.kind in {*UNDONE_BY, *UNDONE_BY.values()}]
    assert len(done) == 12
    assert {a.campaign for a in done} == {incident_id("acme", incident.fingerprint)}


def test_deleting_what_is_deleted_asks_for_nothing() -> None:
    reviewed, _ = mixed()
    again = reviewed.decide_on(
        reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.DELETE
    )
    assert (asked(again), flags(again)) == ([], [])
    assert {case.state for case in reviewed.cases} == {CaseState.CONFIRMED}


def test_a_later_copy_that_rules_remove_by_themselves_shares_the_decision() -> None:
    reviewed, _ = mixed()
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    late = reviewed.see(*lures(4, 1))  # type: ignore[arg-type]
    assert asked(late) == [("member.ban", "m4"), ("message.delete", "m4")]
    (incident,) = reviewed.incidents
    back = reviewed.decide_on(incident, ReviewStep.OVERTURNED)
    assert {a.id for a in actions(late) if a.kind in UNDONE_BY} <= set(undone(back))


def test_a_member_with_several_copies_in_a_group_is_acted_against_once() -> None:
    reviewed, _ = mixed()
    reviewed.see(*lures(4, 2, group="g2", member="m2"))  # type: ignore[arg-type]
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert asked(bans) == [("member.ban", f"m{n}") for n in range(4)]
    late = reviewed.see(*lures(6, 1, group="g3", member="m3"))  # type: ignore[arg-type]
    assert ("member.ban", "m3") not in asked(late)
    undone(reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED))


def test_a_copy_that_rules_warned_of_is_taken_back_with_the_warning() -> None:
    reviewed = ReviewedWorld()
    pack = load(
        "name: warns\nextends: default\nrules:\n"
        "  - {name: long, label: flood, weight: 0.6, when: text.length > 20, because: long}\n",
        "warns.yaml",
    )
    reviewed.stage = rules_stage(OneRuleSet(pack)).open_partition(0)
    outputs = reviewed.see(*copies(0, 3))  # type: ignore[arg-type]
    assert asked(outputs) == [
        *[("member.warn", f"m{n}") for n in range(3)],
        *[("message.delete", f"m{n}") for n in range(3)],
    ]
    (incident,) = reviewed.incidents
    assert incident.count == 3
    back = reviewed.decide_on(incident, ReviewStep.OVERTURNED)
    assert undone(back) == sorted(a.id for a in actions(outputs) if a.kind in UNDONE_BY)


def test_a_case_confirmed_by_hand_takes_part_in_what_is_asked_for_all() -> None:
    reviewed, outputs = mixed()
    (first, *_) = [flag for flag in flags(outputs) if flag.event.member == "m2"]
    reviewed.decide(first, ReviewStep.CONFIRMED, teaches=Teaches.CONTENT)
    assert reviewed.case(first).lesson is True
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert ("member.ban", "m2") in asked(bans)
    assert reviewed.case(first).lesson is True, "what it taught stays"
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.OVERTURNED)
    assert reviewed.case(first).lesson is None
    assert lessons(reviewed) == []


def test_a_case_overturned_by_hand_is_left_alone() -> None:
    reviewed, outputs = mixed()
    (first, *_) = [flag for flag in flags(outputs) if flag.event.member == "m2"]
    reviewed.decide(first, ReviewStep.OVERTURNED)
    bans = reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert asked(bans) == [("member.ban", f"m{n}") for n in (0, 1, 3)]
    assert "case.refused" in {entry.what for entry in reviewed.log}


def test_a_decision_on_a_campaign_teaches_nothing() -> None:
    reviewed, _ = mixed()
    reviewed.decide_on(reviewed.incidents[0], ReviewStep.CONFIRMED, decision=Decision.BAN)
    assert any(case.evidence.charged for case in reviewed.cases)
    assert lessons(reviewed) == []


def lessons(reviewed: ReviewedWorld) -> list[object]:
    return [doc for (kind, _), doc in reviewed.documents.by_key.items() if kind is LESSONS]
