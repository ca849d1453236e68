from __future__ import annotations

from typing import Any

from services.scoring.calendar import DAY, HOUR, day_of
from services.scoring.layers import Layer, standing_of
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, member_id
from shared.events import BaseEvent, CheckinMade, Flag, MemberJoined, MemberLeft, Role
from tests.unit.scoring.builders import MONDAY, folded, said, spam


def amy_after(*values: BaseEvent | Flag) -> Member:
    member: Member = folded(values).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return member


def make(kind: Any, day: float, **more: Any) -> Any:
    fields = {"source": "test", "tenant": "acme", "group": "g1", "member": "amy"}
    time = MONDAY + int(day * DAY)
    return kind(id=f"{kind.__name__}-{day}", time=time, **{**fields, **more})


def test_active_days_count_days_not_messages() -> None:
    amy = amy_after(*(said("amy", MONDAY + n * HOUR) for n in range(30)))
    today = day_of(MONDAY + DAY)
    assert amy.presence.active_days(today) == 2
    assert amy.presence.active_days_ever == 2


def test_active_days_are_remembered_for_good() -> None:
    amy = amy_after(*(said("amy", MONDAY + day * DAY) for day in range(0, 1000, 10)))
    assert amy.presence.active_days_ever == 100
    assert len(amy.presence.days) == 2 * 10


def test_a_day_whose_only_message_was_spam_is_not_active() -> None:
    event = said("amy", MONDAY)
    amy = amy_after(event, spam(event))
    assert amy.presence.active_days_ever == 0
    assert amy.flags == {"advertising": 1}
    assert amy.counts == {}


def test_checkins_on_consecutive_days_are_a_streak() -> None:
    amy = amy_after(*(make(CheckinMade, day) for day in (0, 2, 3, 4)))
    today = day_of(MONDAY)
    assert amy.presence.streak(today + 4) == 3
    assert amy.presence.streak(today + 5) == 3, "today's check-in may still come"
    assert amy.presence.streak(today + 6) == 0


def test_a_streak_goes_on_beyond_what_the_ring_remembers() -> None:
    amy = amy_after(*(make(CheckinMade, day) for day in range(400)))
    assert amy.presence.streak(day_of(MONDAY) + 399) == 400


def test_an_early_checkin_falls_on_the_local_day() -> None:
    amy = amy_after(make(CheckinMade, 0.31), make(CheckinMade, 1.38))
    assert amy.presence.streak(day_of(MONDAY) + 1) == 2


def test_whoever_left_is_not_present_until_seen_again() -> None:
    joined, left = make(MemberJoined, 0, name="Amy"), make(MemberLeft, 1)
    assert amy_after(joined).is_present
    assert not amy_after(joined, left).is_present
    assert amy_after(joined, left, said("amy", MONDAY + 2 * DAY)).is_present
    assert not amy_after(left, said("amy", MONDAY)).is_present


def test_the_latest_role_and_name_count_whatever_came_last() -> None:
    later = make(MemberJoined, 5, name="Amy L.", role=Role.OPERATOR)
    earlier = make(MemberJoined, 1, name="Amy")
    amy = amy_after(later, earlier)
    assert (amy.name, amy.role) == ("Amy L.", Role.OPERATOR)


def test_an_answer_within_a_day_of_arriving_is_remembered() -> None:
    arrival = said("amy", MONDAY)
    soon = said("bo", MONDAY + 23 * HOUR, reply_to_member="amy")
    late = said("bo", MONDAY + 26 * HOUR, reply_to_member="amy")
    before = said("bo", MONDAY - 2 * HOUR, mentions=["amy"])
    assert amy_after(arrival, soon).is_answered
    assert not amy_after(arrival, late).is_answered
    assert not amy_after(before, arrival).is_answered
    assert not amy_after(arrival, soon, spam(soon)).is_answered


def test_layers_ask_for_presence_and_contribution() -> None:
    def layer(days: int, per_day: int, text: str = "请问周六的活动怎么报名？") -> Layer:
        events = [
            said("amy", MONDAY + day * DAY + n * 60_000, text=text)
            for day in range(days)
            for n in range(per_day)
        ]
        return standing_of(amy_after(*events), MONDAY + days * DAY).layer

    assert layer(1, 1) is Layer.ORDINARY
    assert layer(1, 500) is Layer.ORDINARY, "one busy day is no presence"
    assert layer(28, 1, "收到") is Layer.ACTIVE, "presence without contribution is no more"
    assert layer(5, 2) is Layer.ACTIVE
    assert layer(10, 3) is Layer.CONTRIBUTOR
    assert layer(25, 8) is Layer.PROFESSIONAL


def test_a_member_who_stops_sinks_through_the_layers() -> None:
    events = [said("amy", MONDAY + day * DAY + n) for day in range(28) for n in range(8)]
    amy = amy_after(*events)
    layers = [standing_of(amy, MONDAY + day * DAY).layer for day in (28, 42, 48, 60)]
    assert layers == [Layer.PROFESSIONAL, Layer.PROFESSIONAL, Layer.CONTRIBUTOR, Layer.ORDINARY]
