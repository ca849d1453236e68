"""Segments hold of a member exactly when their condition does, at every moment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import DAY, day_of
from services.scoring.profiles.documents import PROFILES, SURVEYS, NextPage, Survey, member_id
from services.scoring.profiles.profile import Profile
from services.scoring.segments.changes import with_segment, without_attribute, without_segment
from services.scoring.segments.definitions import (
    DefinitionError,
    Definitions,
    InForce,
    Segment,
    Step,
)
from services.scoring.segments.signals import MEANINGS, TIMED, signals
from shared.actions import Action, ActionKind
from shared.events import BaseEvent, Millis
from shared.members import SegmentChange
from shared.stream.contracts import Due, Outcome, Output, Perform, Publish
from tests.unit.scoring.builders import said, spam
from tests.unit.scoring.profiles.folding import ACME, START, OneTenant, World, bought

AMY = member_id("acme", "g1", "amy")


def changes(outputs: list[Output]) -> list[tuple[str, bool]]:
    records = [each.record for each in outputs if isinstance(each, Publish)]
    return [(each.segment, each.entered) for each in records if isinstance(each, SegmentChange)]


def actions(outputs: list[Output]) -> list[Action]:
    records = [each.record for each in outputs if isinstance(each, Publish)]
    return [each for each in records if isinstance(each, Action)]


def holding(profile: Profile, in_force: InForce, now: int) -> list[str]:
    at = replace(profile, as_of=now)
    return in_force.holding(signals(at, "", in_force.attributes, in_force.names, in_force.clock))


comparisons = st.builds(
    "{} {} {}".format,
    st.sampled_from(sorted(TIMED)),
    st.sampled_from(["<", "<=", "==", "!=", ">", ">="]),
    st.integers(0, 40),
)
conditions = st.one_of(
    comparisons,
    st.builds("{} && {}".format, comparisons, comparisons),
    st.builds("!({}) || {} + 1 > 3".format, comparisons, st.sampled_from(sorted(TIMED))),
)
histories = st.lists(
    st.builds(
        lambda day, order: (bought if order else said)("amy", START + day * DAY + 5),
        st.integers(0, 40),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda event: event.id,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=4), histories)
def test_timers_keep_segments_true_on_every_day(
    sources: list[str], happened: list[BaseEvent]
) -> None:
    world = World(**{f"s{n}": source for n, source in enumerate(sources)})
    world.fold(*happened)
    for day in range(120):
        now = Millis(max(START + 41 * DAY, world.profile().as_of) + day * DAY)
        profile = world.profile()
        if profile.due_at is not None and profile.due_at <= now:
            world.apply([Due(PROFILES, AMY, profile, now)])
        assert world.profile().segments == holding(world.profile(), world.tenants.now, now)


def test_entering_and_leaving_are_told_once() -> None:
    world = World(buyers="orders > 0", silent="days_since_active >= 30")
    outputs = world.fold(bought("amy", START), bought("amy", START + 5))
    assert changes(outputs) == [("buyers", True)]
    (action,) = actions(outputs)
    assert (action.kind, action.member) == (ActionKind.SEGMENT_ENTERED, "amy")
    assert action.details["segment"] == "buyers"
    profile = world.profile()
    assert profile.due_at is not None
    assert day_of(profile.due_at) == day_of(START) + 30
    world.fold(said("bo", START + 6))
    outputs = world.apply([Due(PROFILES, AMY, profile, profile.due_at)])
    assert changes(outputs) == [("silent", True)]
    assert [each.kind for each in actions(outputs)] == [ActionKind.SEGMENT_ENTERED]
    outputs = world.fold(spam(bought("amy", START)), spam(bought("amy", START + 5)))
    assert ("buyers", False) in changes(outputs)


def test_history_changes_segments_in_silence() -> None:
    world = World(buyers="orders > 0", silent="days_since_active >= 30")
    outputs = world.fold(bought("amy", START, backfill=True))
    assert changes(outputs) == [("buyers", True)]
    assert actions(outputs) == []
    profile = world.profile()
    assert profile.due_at is not None
    outputs = world.apply([Due(PROFILES, AMY, profile, profile.due_at)])
    assert changes(outputs) == [("silent", True)]
    assert actions(outputs) == [], "nothing of the group is known but history"


def test_who_comes_and_goes_all_day_is_announced_once() -> None:
    world = World(quiet="messages_7 < 1")
    world.fold(bought("amy", START))
    flips = world.fold(
        *(
            value
            for n in range(4)
            for value in (said("amy", START + n), spam(said("amy", START + n)))
        )
    )
    assert len(changes(flips)) == 8
    assert actions(flips) == []


def test_the_same_records_tell_the_same_changes() -> None:
    one, other = World(buyers="orders > 0"), World(buyers="orders > 0")
    assert one.fold(bought("amy", START)) == other.fold(bought("amy", START))


def test_a_new_condition_is_judged_for_those_who_are_there_already() -> None:
    world = World()
    world.fold(bought("amy", START), said("bo", START))
    world.tenants.now = OneTenant(buyers="orders > 0").now
    survey = Survey(tenant=ACME, version=2, due_at=Millis(1))
    world.documents.put(SURVEYS, "survey", survey)
    (asked,) = world.apply([Due(SURVEYS, "survey", survey, Millis(START))])
    assert asked == Perform(NextPage("survey", ACME, 0, ""))
    leased = world.documents.by_key[SURVEYS, "survey"]
    assert world.apply([Due(SURVEYS, "survey", leased, leased.due_at)]) == [], "under way"
    ids = sorted(id for kind, id in world.documents.by_key if kind is PROFILES)
    page = dict.fromkeys(ids)
    outputs = world.apply([Outcome(asked.task, page, Millis(START + DAY))])  # type: ignore[union-attr]
    assert changes(outputs) == [("buyers", True)]
    assert actions(outputs) == []
    following = outputs[-1]
    assert following == Perform(NextPage("survey", ACME, 0, ids[-1]))
    world.apply([Outcome(following.task, {}, Millis(START + DAY))])  # type: ignore[union-attr]
    assert (SURVEYS, "survey") not in world.documents.by_key


def test_a_survey_whose_page_could_not_be_read_is_asked_for_again() -> None:
    world = World()
    survey = Survey(tenant=ACME, version=2, due_at=Millis(1), after="x")
    world.documents.put(SURVEYS, "survey", survey)
    (asked,) = world.apply([Due(SURVEYS, "survey", survey, Millis(START))])
    assert world.apply([Outcome(asked.task, None, Millis(START))]) == []  # type: ignore[union-attr]
    leased = world.documents.by_key[SURVEYS, "survey"]
    assert world.apply([Due(SURVEYS, "survey", leased, leased.due_at)]) == [asked]


@pytest.mark.parametrize(
    ("condition", "message", "offset"),
    [
        ("ordres > 1", "there is no `ordres`; is `orders` meant?", 0),
        ("orders > ", "mismatched input", 7),
        ("orders > 1 && attribute.city == 'x'", "there is no `attribute.city`", 14),
        ("orders > 1 && name > 2", "a string cannot be compared with a number", 14),
        ("orders", "is a number where true or false is needed", 0),
    ],
)
def test_a_wrong_condition_says_what_and_where(condition: str, message: str, offset: int) -> None:
    with pytest.raises(DefinitionError) as caught:
        InForce(Definitions(tenant=ACME, segments={"s1": Segment(condition=condition)}))
    assert message in caught.value.message
    assert (caught.value.part, caught.value.offset) == ("s1", offset)


def test_a_step_asks_only_for_what_its_events_have() -> None:
    big = {"big": Step(event="purchase.made", condition="amount >= 100")}
    in_force = InForce(Definitions(tenant=ACME, steps=big))
    assert in_force.steps_of(bought("amy", START, 100)) == ("big",)
    assert in_force.steps_of(bought("amy", START, 99)) == ()
    assert in_force.steps_of(said("amy", START)) == ()
    for event, condition in (("purchase.made", "emoji == 'x'"), ("sale", "true")):
        unfit = {"step": Step(event=event, condition=condition)}
        with pytest.raises(DefinitionError):
            InForce(Definitions(tenant=ACME, steps=unfit))


def test_another_condition_is_another_revision() -> None:
    known = Definitions(tenant=ACME)
    known = with_segment("s", Segment(condition="orders > 1"))(known)
    known = with_segment("s", Segment(condition="orders > 1", name="new name"))(known)
    assert known.segments["s"].revision == 1
    known = with_segment("s", Segment(condition="orders > 2"))(known)
    assert known.segments["s"].revision == 2
    assert without_segment("s")(known).segments == {}
    with pytest.raises(KeyError):
        without_attribute("city")(known)


def test_every_timed_signal_has_a_meaning() -> None:
    assert TIMED.keys() <= MEANINGS.keys()
