"""What is only repeated in several groups, such as good wishes, is watched and not removed."""

from __future__ import annotations

from typing import Any

from shared.actions import ActionKind
from shared.reviews import ReviewStep
from shared.verdicts import Decision
from tests.unit.rules.judging import World, actions, by_newcomers, flags, message
from tests.unit.rules.review.reviewing import ReviewedWorld

WISHES = "祝大家中秋节快乐，阖家幸福，万事如意，心想事成，月圆人团圆"


def wishes(first: int, count: int, **more: object) -> list[Any]:
    return [
        message(WISHES, n, **{"group": f"g{n}", "member": f"m{n}", **more})
        for n in range(first, first + count)
    ]


def test_what_nothing_speaks_against_but_that_it_is_repeated_is_watched() -> None:
    outputs = World().see(*wishes(0, 5))
    assert {flag.decision for flag in flags(outputs)} == {Decision.WATCH}
    assert not any(flag.spam for flag in flags(outputs))
    assert len({flag.id for flag in flags(outputs)}) == 5
    assert len({flag.campaign for flag in flags(outputs)}) == 1
    assert actions(outputs) == []


def test_one_copy_that_something_speaks_against_charges_them_all() -> None:
    world = World()
    quiet = world.see(*wishes(0, 5))
    outputs = world.see(*by_newcomers(*wishes(5, 1)))
    removed = {flag.event.group for flag in flags(outputs) if flag.spam}
    assert removed == {f"g{n}" for n in range(6)}
    ids = [flag.id for flag in (*flags(quiet), *flags(outputs))]
    assert len(ids) == len(set(ids))
    deleted = {a.group for a in actions(outputs) if a.kind is ActionKind.MESSAGE_DELETE}
    assert deleted == removed


def test_a_copy_that_is_flagged_again_is_one_copy() -> None:
    reviewed = ReviewedWorld()
    first = reviewed.see(*wishes(0, 5))
    then = reviewed.see(*by_newcomers(*wishes(5, 1)))
    (incident,) = reviewed.incidents
    assert (incident.count, incident.groups) == (6, 6)
    back = reviewed.decide_on(incident, ReviewStep.OVERTURNED)
    taken = {a.id for a in actions([*first, *then]) if a.kind is ActionKind.MESSAGE_DELETE}
    assert {a.details["reverses"] for a in actions(back) if "reverses" in a.details} == taken


def test_one_member_who_writes_the_same_in_many_groups_is_charged() -> None:
    told = wishes(0, 6, member="m")
    assert {flag.spam for flag in flags(World().see(*told[:5]))} == {False}
    assert {flag.event.group for flag in flags(World().see(*told)) if flag.spam} == {
        f"g{n}" for n in range(6)
    }
