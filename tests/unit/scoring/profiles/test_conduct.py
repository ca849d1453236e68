"""How a group is run is told by whole numbers that any order of events leads to."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import DAY, day_of
from services.scoring.profiles.conduct import Conduct, figures, first_week, wilson
from services.scoring.profiles.documents import CONDUCTS, group_id
from shared.actions import Action
from shared.events import BaseEvent, Role
from shared.stream.contracts import Output, Publish
from shared.verdicts import Decision, Flag, Label
from tests.unit.scoring.builders import said, spam
from tests.unit.scoring.profiles.folding import START, World


def conduct(world: World) -> Conduct:
    found: Conduct = world.documents.by_key[CONDUCTS, group_id("acme", "g1")]
    return found


def promotion(event: BaseEvent, **more: Any) -> Flag:
    watched = replace(spam(event), spam=False, decision=Decision.WATCH)
    return replace(watched, labels=[Label.ADVERTISING], **more)


def operator(number: int, day: int = 0, **more: Any) -> BaseEvent:
    return said("op", START + day * DAY + number, role=Role.OPERATOR, **more)


def alerts(outputs: list[Output]) -> list[str]:
    records = [each.record for each in outputs if isinstance(each, Publish)]
    return [str(each.details["alert"]) for each in records if isinstance(each, Action)]


messages = st.builds(
    said,
    st.sampled_from(["amy", "bo", "cy"]),
    st.integers(0, 40 * DAY).map(lambda age: START + age),
    role=st.just(Role.MEMBER),
)
operators = st.builds(operator, st.integers(0, 1_000), st.integers(0, 40))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(messages, operators), min_size=1, max_size=20, unique_by=lambda e: e.id),
    st.randoms(),
)
def test_the_order_of_events_leaves_no_trace(
    happened: list[BaseEvent], chance: random.Random
) -> None:
    late = said("dee", START + 41 * DAY)
    values: list[BaseEvent | Flag] = [*happened, *(spam(each) for each in happened[::4])]
    one, other = World(), World()
    one.fold(late, *values)
    chance.shuffle(values)
    other.fold(late, *values)
    assert replace(conduct(one), told={}) == replace(conduct(other), told={})


def test_broadcasts_and_promotion_are_shares_of_what_is_said() -> None:
    world = World()
    talk = [said("amy", START + n) for n in range(5)]
    own = [operator(n) for n in range(4)]
    answer = operator(50, reply_to="m", reply_to_member="amy")
    flags = [promotion(own[0]), promotion(own[1])]
    world.fold(*talk, *own, answer, *flags, promotion(own[1], id="back", reverses=flags[1].id))
    seen = figures(conduct(world), day_of(START))
    assert (seen.operator_messages, seen.broadcasts, seen.member_messages) == (5, 4, 5)
    assert (seen.promotion_share, seen.broadcast_share) == (0.2, 0.4)
    assert figures(conduct(world), day_of(START) + 7).promotion_share is None


def test_a_group_that_is_sold_to_is_told_of_once_a_week() -> None:
    world = World()
    outputs: list[Output] = []
    for day in range(14):
        event = [operator(n, day) for n in range(4)]
        outputs += world.fold(said("amy", START + day * DAY), *event)
        outputs += world.fold(*(promotion(each) for each in event[:2]))
    assert alerts(outputs) == ["over_promotion", "over_promotion"]
    assert alerts(World().fold(*(operator(n, 0, backfill=True) for n in range(60)))) == []


def test_a_group_that_is_talked_at_all_day_is_told_of() -> None:
    assert alerts(World().fold(*(operator(n) for n in range(40)))) == ["broadcast_load"]
    answered = [operator(n, reply_to="m", reply_to_member="amy") for n in range(40)]
    assert alerts(World().fold(*answered)) == []


def test_newcomers_return_or_not_in_the_week_after_they_were_first_seen() -> None:
    world = World()
    world.fold(said("founder", START))
    for number in range(8):
        arrived = START + 20 * DAY
        world.fold(said(f"new-{number}", arrived))
        if number < 3:
            world.fold(said(f"new-{number}", arrived + 7 * DAY))
        elif number < 5:
            world.fold(said(f"new-{number}", arrived + 8 * DAY))
    day = day_of(START) + 20
    assert first_week(conduct(world), day + 7).share is None, "their week is not over"
    returns = first_week(conduct(world), day + 8)
    assert (returns.arrived, returns.returned, returns.share) == (8, 3, 0.375)
    assert (returns.low, returns.high) == wilson(3, 8)


def test_who_was_there_when_steward_came_is_not_new() -> None:
    world = World()
    world.fold(*(said(f"old-{n}", START + n * DAY) for n in range(13)))
    assert first_week(conduct(world), day_of(START) + 40).arrived == 0


@pytest.mark.parametrize(("hits", "cases"), [(0, 5), (5, 5), (3, 8), (50, 100)])
def test_intervals_hold_the_share_and_narrow_with_cases(hits: int, cases: int) -> None:
    low, high = wilson(hits, cases)
    assert 0 <= low <= hits / cases <= high <= 1
    wide = high - low
    low, high = wilson(10 * hits, 10 * cases)
    assert high - low < wide
