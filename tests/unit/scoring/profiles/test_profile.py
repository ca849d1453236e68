"""A profile is a function of the set of what happened, and forgets what was spam."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import BLOCK, DAY, day_of
from services.scoring.clock import DEFAULT_CLOCK
from services.scoring.profiles.attributes import AttributeType, read, written
from services.scoring.profiles.documents import GROUP_INTERESTS, MEMBER_INTERESTS, PROFILES
from services.scoring.profiles.joined import joined
from services.scoring.profiles.keywords import keywords, tags, tokens
from services.scoring.profiles.matching import matching_groups, matching_members
from services.scoring.profiles.schemas import interests_of
from services.scoring.profiles.steps import ACTIVE, EMOTION, NEED, Steps, steps_of
from shared.events import (
    BaseEvent,
    CheckinMade,
    MemberId,
    MemberJoined,
    MemberUpdated,
    Millis,
    Role,
)
from shared.members import AttributesSet, MemberErased
from shared.verdicts import Flag
from tests.unit.scoring.builders import said, spam
from tests.unit.scoring.profiles.folding import ACME, START, World, bought

TEXTS = ("收到", "有人周末一起去徒步吗，装备怎么选", "这个多少钱，怎么买", "太棒了，喜欢这本书")


def events() -> st.SearchStrategy[BaseEvent]:
    times = st.integers(0, 80 * DAY).map(lambda age: START + age)
    talk = st.builds(said, st.just("amy"), times, text=st.sampled_from(TEXTS))
    orders = st.builds(bought, st.just("amy"), times, st.integers(1, 9_999))
    joins = st.builds(lambda time: _event(MemberJoined, time, name=f"Amy {time % 3}"), times)
    changes = st.builds(
        lambda time, city: _event(MemberUpdated, time, attributes={"city": city}),
        times,
        st.sampled_from(["", "杭州", "上海"]),
    )
    checkins = st.builds(lambda time: _event(CheckinMade, time), times)
    return st.one_of(talk, orders, joins, changes, checkins)


def _event(type: Any, time: int, **more: Any) -> Any:
    return type(
        id=f"{type.__name__}-{time}",
        source="test",
        tenant="acme",
        group="g1",
        member="amy",
        time=time,
        **more,
    )


def told(world: World) -> Any:
    """What a world knows: profiles without the moment they were judged for, rounded interests."""
    found: dict[Any, Any] = {}
    for (kind, id), document in world.documents.by_key.items():
        if kind is PROFILES:
            found[kind.name, id] = replace(document, as_of=0, flagged=0)
        elif kind in (MEMBER_INTERESTS, GROUP_INTERESTS):
            words = document.interests.until(day_of(START + 100 * DAY)).words
            found[kind.name, id] = {
                word: round(weight, 6) for word, weight in words.items() if abs(weight) > 1e-6
            }
    return {key: value for key, value in found.items() if value != {}}


@settings(max_examples=60, deadline=None)
@given(st.lists(events(), min_size=1, max_size=25, unique_by=lambda event: event.id), st.randoms())
def test_the_order_of_events_and_flags_leaves_no_trace(
    happened: list[BaseEvent], chance: random.Random
) -> None:
    values: list[BaseEvent | Flag] = [*happened, *(spam(event) for event in happened[::3])]
    one, other = World(), World()
    one.fold(*values)
    chance.shuffle(values)
    other.fold(*values)
    assert told(one) == told(other)


@settings(max_examples=40, deadline=None)
@given(st.lists(events(), min_size=2, max_size=20, unique_by=lambda event: event.id))
def test_what_was_spam_counts_for_nothing(happened: list[BaseEvent]) -> None:
    clean, spoiled = happened[::2], happened[1::2]
    flagged, spared = World(), World()
    flagged.fold(*happened, *(spam(event) for event in spoiled))
    spared.fold(*clean)
    with_spam, without = flagged.profile(), spared.profile()
    assert with_spam.steps.recent == without.steps.recent
    assert with_spam.steps.totals == without.steps.totals
    assert with_spam.purchases.totals == without.purchases.totals
    assert with_spam.flagged == len(spoiled)


def test_a_flag_that_is_taken_back_leaves_no_trace() -> None:
    happened = [said("amy", START, text=TEXTS[1]), bought("amy", START + 1)]
    flagged, spared = World(), World()
    for event in happened:
        flag = spam(event)
        flagged.fold(event, flag, replace(flag, id=f"back-{flag.id}", reverses=flag.id))
    spared.fold(*happened)
    assert told(flagged) == told(spared)
    assert flagged.profile().flagged == 0


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 700), min_size=1, max_size=60))
def test_days_are_remembered_for_two_years_however_they_leave_the_ring(days: set[int]) -> None:
    first = day_of(START) // BLOCK * BLOCK
    steps = Steps()
    for day in sorted(days):
        steps = steps.record(["active"], first + day, 1)
    bits = steps.days("active", first, first + 700)
    assert {at for at in range(701) if bits >> at & 1} == days
    assert steps.latest("active") == first + max(days)
    assert steps.totals == {"active": len(days)}


def test_bots_are_seen_but_take_no_steps() -> None:
    world = World()
    world.fold(said("amy", START, role=Role.BOT))
    assert world.profile().role is Role.BOT
    assert world.profile().steps == Steps()


def test_needs_and_emotions_are_heard_in_both_languages() -> None:
    assert steps_of(said("amy", START, text="这款多少钱？"))[1:] == (ACTIVE, NEED)
    assert steps_of(said("amy", START, text="How much is it? I love it"))[2:] == (NEED, EMOTION)
    assert steps_of(said("amy", START, text="明天下雨"))[1:] == (ACTIVE,)


def test_the_latest_word_on_an_attribute_holds_and_an_empty_one_removes_it() -> None:
    world = World()
    world.fold(_set(START + 2, city="杭州", vip="true"), _set(START + 1, city="上海"))
    assert world.profile().attributes == {"city": "杭州", "vip": "true"}
    world.fold(_set(START + 3, city=""))
    assert world.profile().attributes == {"vip": "true"}


def _set(time: int, **attributes: str) -> AttributesSet:
    return AttributesSet(
        id=f"set-{time}",
        tenant=ACME,
        group="g1",  # type: ignore[arg-type]
        member=MemberId("amy"),
        time=Millis(time),
        attributes=attributes,
    )


def test_a_members_groups_tell_together_what_each_tells() -> None:
    world = World()
    world.fold(
        said("amy", START, group="g1"),
        said("amy", START + 1, group="g2"),
        said("amy", START + DAY, group="g2"),
        bought("amy", START + 2 * DAY, 300, group="g2"),
        bought("amy", START + 2 * DAY, 200, group="g1", currency="USD"),
        _set(START + 5, city="杭州"),
        _event(MemberUpdated, START + 9, name="Amy", attributes={"city": "宁波"}),
    )
    whole_of = [world.profile(group="g1"), world.profile(group="g2")]
    whole = joined(whole_of, START + 3 * DAY, DEFAULT_CLOCK)
    assert whole.active_days[7] == 3, "a day in two groups is one day"
    assert [(each.currency, each.amount) for each in whole.spent] == [("CNY", 300), ("USD", 200)]
    assert whole.attributes == {"city": "宁波"}
    assert whole.name == "Amy"
    assert whole.totals["message.posted"] == 3


def test_an_erased_member_leaves_nothing_that_an_old_event_or_flag_could_bring_back() -> None:
    world = World(buyers="orders > 0")
    old = [said("amy", START, text=TEXTS[1]), bought("amy", START + 1)]
    world.fold(*old, _set(START + 2, city="杭州"))
    outputs = world.fold(
        MemberErased(
            id="erase-1",
            tenant=ACME,
            group="g1",  # type: ignore[arg-type]
            member=MemberId("amy"),
            time=Millis(START + 5),
        )
    )
    world.fold(said("amy", START + 4, text=TEXTS[1]), spam(old[0]), _set(START + 3, city="x"))
    assert "amy" not in repr([key for key in world.documents.by_key if key[0] is PROFILES])
    assert not [key for key in world.documents.by_key if key[0] is MEMBER_INTERESTS]
    assert [each.record.entered for each in outputs] == [False]  # type: ignore[union-attr]
    world.fold(said("amy", START + 6))
    assert world.profile().steps.totals["message.posted"] == 1, "who comes back is somebody new"


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        (AttributeType.STRING, "杭州", "杭州"),
        (AttributeType.NUMBER, 3.5, "3.5"),
        (AttributeType.BOOLEAN, True, "true"),
        (AttributeType.DATE, "2026-03-01", "2026-03-01"),
    ],
)
def test_attributes_read_as_they_were_written(
    type: AttributeType, value: object, text: str
) -> None:
    assert written(type, value) == text
    assert read(type, text) == value
    for other in set(AttributeType) - {type}:
        if (other, type) != (AttributeType.STRING, AttributeType.DATE):
            with pytest.raises(ValueError, match="is not a"):
                written(other, value)


def test_what_platforms_write_into_a_typed_attribute_may_be_anything() -> None:
    assert read(AttributeType.NUMBER, "many") == 0.0
    assert read(AttributeType.NUMBER, "nan") == 0.0
    assert read(AttributeType.DATE, "soon") == ""


def test_keywords_are_nouns_names_and_tags_but_no_addresses() -> None:
    found = keywords("周末一起去徒步吗？#露营# 看 https://example.com/hiking 装备清单，python 也行")
    assert {"露营", "徒步", "装备", "python"} <= set(found)
    assert not {"example", "hiking", "周末", "一起"} & set(found)
    assert tags("#Hiking #徒步#") == ["hiking", "徒步"]
    assert {"徒步", "装备"} <= set(tokens("徒步装备"))


def test_an_interests_weight_is_what_each_group_adds_to_it() -> None:
    world = World()
    for n, group in enumerate(["hiking", "hiking", "hiking", "chat", "chat"]):
        world.fold(said("amy", START + n * DAY, group=group, text="帐篷", id=str(n)))
    known = [doc for (kind, _), doc in world.documents.by_key.items() if kind is MEMBER_INTERESTS]
    (tent,) = interests_of(known, explain=True)
    assert tent.explain is not None
    assert [part.group for part in tent.explain] == ["hiking", "chat"]
    assert sum(part.adds for part in tent.explain) == pytest.approx(tent.weight, abs=0.011)
    assert interests_of(known, explain=False)[0].explain is None


def test_groups_and_members_meet_by_what_they_talk_about() -> None:
    world = World()
    hikers = ["徒步装备和帐篷", "帐篷和登山杖", "徒步路线和登山杖"]
    cooks = ["烘焙用的面粉和烤箱", "烤箱温度和面粉", "面粉和黄油"]
    for n in range(9):
        world.fold(
            said("amy", START + n, group="hiking", text=hikers[n % 3]),
            said("bo", START + n, group="cooking", text=cooks[n % 3]),
            said("cy", START + n, group="chat", text=hikers[(n + 1) % 3]),
        )
    groups = [doc for (kind, _), doc in world.documents.by_key.items() if kind is GROUP_INTERESTS]
    members = [doc for (kind, _), doc in world.documents.by_key.items() if kind is MEMBER_INTERESTS]
    cy = next(each for each in members if each.member == "cy")
    (best, *others) = matching_groups(cy.interests, groups, frozenset({"chat"}), 5)
    assert (best[0], others) == ("hiking", [])
    assert "帐篷" in best[1].shared
    assert 0 < best[1].score <= 1
    assert sum(adds for _, adds in best[1].parts) == pytest.approx(best[1].score)
    hiking = next(each for each in groups if each.group == "hiking")
    assert [member for member, _ in matching_members(hiking, members, 5)] == ["cy"]
