from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from shared.events import EVENT_TYPES, MessagePosted, Millis, TenantId
from steward.demo.cast import MEMBERS
from steward.demo.story import FEW_TALK_GROUP, QUIET_GROUP, Day, sample_day


def messages(day: Day, group: str) -> list[MessagePosted]:
    return [e for e in day.events if isinstance(e, MessagePosted) and e.group == group]


def test_the_same_day_is_written_every_time(day: Day) -> None:
    again = sample_day(day.end, TenantId("demo"))
    assert again.events == day.events
    assert (again.culprits, again.lookalikes) == (day.culprits, day.lookalikes)


def test_another_end_moves_the_day_and_gives_its_events_other_ids(day: Day) -> None:
    later = sample_day(Millis(day.end + 60_000), TenantId("demo"))
    assert [e.time - 60_000 for e in later.events] == [e.time for e in day.events]
    assert not {e.id for e in later.events} & {e.id for e in day.events}


def test_it_has_about_20000_events_of_12_groups_and_600_members(day: Day) -> None:
    assert 19_000 <= len(day.events) <= 21_000
    assert len({e.group for e in day.events}) == 12
    assert len({e.member for e in day.events}) == len(day.people) == MEMBERS


def test_events_are_in_order_within_the_24_hours_and_their_ids_are_unique(day: Day) -> None:
    times = [e.time for e in day.events]
    assert times == sorted(times)
    assert times[0] >= day.start
    assert times[-1] <= day.end
    assert len({e.id for e in day.events}) == len(day.events)


def test_every_hour_of_the_waking_day_is_alive_and_the_evening_most(day: Day) -> None:
    hours = Counter(int(day.clock(e.time)) for e in day.events)
    assert min(hours[hour] for hour in range(6, 24)) > 300
    assert hours.most_common(1)[0][0] in (19, 20, 21)
    assert hours[3] < 100


def test_almost_every_type_of_event_happens(day: Day) -> None:
    assert set(EVENT_TYPES) == set(day.by_type)


def test_replies_and_reactions_come_after_the_message_they_are_about(day: Day) -> None:
    written: dict[str, MessagePosted] = {}
    for event in day.events:
        if isinstance(event, MessagePosted):
            if event.reply_to is not None:
                assert written[event.reply_to].member == event.reply_to_member
                assert written[event.reply_to].group == event.group
            written[event.message] = event
        elif event.type in ("reaction.added", "message.edited", "message.deleted", "report.filed"):
            assert event.message in written  # type: ignore[attr-defined]


def test_a_troublemaker_joins_before_making_trouble(day: Day) -> None:
    strangers = {person.id for person in day.cast.strangers.values()}
    joined = set()
    for event in day.events:
        if event.member in strangers:
            if event.type == "member.joined":
                joined.add((event.group, event.member))
            assert (event.group, event.member) in joined


def test_every_scene_has_events_and_every_culprit_a_scene(day: Day) -> None:
    assert set(day.culprits.values()) == set(day.scenes)
    assert set(day.culprits) <= {e.id for e in day.events}


def test_the_advertiser_posts_in_seven_groups_within_minutes_each_time_differently(
    day: Day,
) -> None:
    lures = [e for e in day.events if day.culprits.get(e.id) == "campaign"]
    assert len({e.group for e in lures}) == 7
    assert len({e.member for e in lures}) == 1
    assert len({e.text for e in lures if isinstance(e, MessagePosted)}) == 7
    assert lures[-1].time - lures[0].time < 10 * 60_000


def test_the_quiet_group_is_lively_until_late_morning_and_then_silent(day: Day) -> None:
    hours = [day.clock(m.time) for m in messages(day, QUIET_GROUP)]
    assert len(hours) > 400
    assert 10.5 < max(hours) < 12


def test_in_one_group_only_four_people_talk(day: Day) -> None:
    speakers = Counter(m.member for m in messages(day, FEW_TALK_GROUP))
    four = sum(count for _, count in speakers.most_common(4))
    assert four >= 0.95 * speakers.total()
    assert len(day.communities[FEW_TALK_GROUP].everyone) > 30


def test_some_newcomers_are_answered_and_some_are_not(day: Day) -> None:
    assert {asked.answered for asked in day.routine} == {True, False}
    assert len(day.arrivals) > 50


def test_innocent_people_do_not_repeat_long_texts(day: Day) -> None:
    long = {"zh": 18, "en": 40}
    texts = Counter(
        (m.group, m.text)
        for m in day.events
        if isinstance(m, MessagePosted)
        and m.id not in day.culprits
        and len(m.text) > long[day.communities[m.group].plan.language]
    )
    assert texts.most_common(1)[0][1] == 1
    assert len({text for _, text in texts}) > 2000


def test_innocent_people_do_not_flood(day: Day) -> None:
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in day.events:
        if isinstance(event, MessagePosted) and event.id not in day.culprits:
            said[event.group, event.member].append(event.time)
    for times in said.values():
        spans = [late - early for early, late in zip(times, times[6:], strict=False)]
        assert min(spans, default=60_000) > 20_000


def test_nobody_is_named_twice_and_owners_act_as_owners(day: Day) -> None:
    names = [person.name for person in day.people.values()]
    assert len(set(names)) == len(names)
    for community in day.communities.values():
        roles = {e.role for e in day.events if e.member == community.owner.id
                 and e.group == community.plan.id}  # fmt: skip
        assert roles == {"owner"}


def test_conversations_alternate_between_people(day: Day) -> None:
    same = Counter(a.member == b.member for a, b in pairwise(messages(day, "baby")))
    assert same[True] < same[False] / 5
