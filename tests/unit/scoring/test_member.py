from __future__ import annotations

from typing import Any

import pytest

from services.scoring.calendar import DAY, HOUR, day_of
from services.scoring.contribution import Source
from services.scoring.layers import Layer, standing_of
from services.scoring.member import Member
from services.scoring.score import DAILY_CAPS
from services.scoring.stage import MEMBERS, member_id
from shared.events import (
    BaseEvent,
    CheckinMade,
    MemberJoined,
    MemberLeft,
    PurchaseMade,
    ReactionAdded,
    Role,
)
from shared.verdicts import Flag
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
    amy = amy_after(*(make(CheckinMade, day) for day in (0, 3, 4, 5)))
    today = day_of(MONDAY)
    assert amy.presence.streak(today + 5) == 3
    assert amy.presence.streak(today + 6) == 3, "today's check-in may still come"
    assert amy.presence.streak(today + 7) == 3, "and yesterday's be forgiven"
    assert amy.presence.streak(today + 8) == 0


def test_one_missed_day_a_week_does_not_break_a_streak() -> None:
    amy = amy_after(*(make(CheckinMade, day) for day in range(20) if day not in (3, 11)))
    assert amy.presence.streak(day_of(MONDAY) + 19) == 18
    twice = amy_after(*(make(CheckinMade, day) for day in range(20) if day not in (3, 8)))
    assert twice.presence.streak(day_of(MONDAY) + 19) == 11
    assert twice.presence.streak(day_of(MONDAY) + 7) == 7
    assert twice.presence.streak(day_of(MONDAY) + 9) == 1


def test_a_forgiven_day_is_remembered_beyond_what_the_ring_remembers() -> None:
    amy = amy_after(*(make(CheckinMade, day) for day in range(400) if day % 8))
    assert amy.presence.streak(day_of(MONDAY) + 399) == 350


def test_what_counts_of_a_day_is_capped_by_source() -> None:
    busy = amy_after(*(said("amy", MONDAY + n * 1_000) for n in range(200)))
    assert busy.score_on(day_of(MONDAY)) == pytest.approx(DAILY_CAPS[Source.TALK], rel=1e-3)
    two = amy_after(*(said("amy", MONDAY + n % 2 * DAY + n * 1_000) for n in range(200)))
    assert two.score_on(day_of(MONDAY) + 1) > 1.9 * DAILY_CAPS[Source.TALK]


def liked(by: str, author: str, time: int) -> ReactionAdded:
    return ReactionAdded(
        id=f"{by}-{author}-{time}",
        source="test",
        tenant="acme",
        group="g1",
        member=by,
        time=time,
        message="m",
        author=author,
    )


def recognition(member: Member) -> float:
    day = member.day(0)
    return member.score.parts(day, member.trust).get("recognition", 0.0)


def test_recognition_by_one_fan_or_on_one_day_counts_for_less() -> None:
    fans = ["bo", "chen", "dai"]
    wide = amy_after(*(liked(fan, "amy", MONDAY + n * DAY) for n, fan in enumerate(fans * 2)))
    fan = amy_after(*(liked("bo", "amy", MONDAY + n * DAY) for n in range(6)))
    burst = amy_after(*(liked(fan, "amy", MONDAY + n * HOUR) for n, fan in enumerate(fans * 2)))
    assert (wide.trust, fan.trust, burst.trust) == pytest.approx((1, 1 / 3, 1 / 3))
    assert recognition(wide) > 2.5 * recognition(fan)
    assert recognition(wide) > 2.5 * recognition(burst)


def test_returned_reactions_count_for_half() -> None:
    fans = ["bo", "chen", "dai"]
    got = [liked(fan, "amy", MONDAY + n * DAY) for n, fan in enumerate(fans * 2)]
    given = [liked("amy", fan, MONDAY + n * DAY + HOUR) for n, fan in enumerate(fans * 2)]
    assert amy_after(*got).trust == 1
    ring = amy_after(*got, *given)
    assert ring.trust == 0.5
    back = amy_after(*got, *given, *(spam(event) for event in given))
    assert (back.trust, back.rank) == (1, amy_after(*got).rank)


def test_purchases_are_remembered_by_day_and_summed_by_currency() -> None:
    bought = [
        make(PurchaseMade, day, order=str(day), amount=1_000 * (day + 1), currency=currency)
        for day, currency in ((0, "CNY"), (3, "CNY"), (5, "USD"))
    ]
    amy = amy_after(*bought, spam(bought[2]))
    assert amy.paid == {"CNY": 5_000}
    assert amy.orders[-2:] == [day_of(MONDAY) + 3, 1]


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


def test_a_member_who_stops_keeps_the_layer_for_a_time_of_grace() -> None:
    events = [said("amy", MONDAY + day * DAY + n) for day in range(28) for n in range(8)]
    amy = amy_after(*events)
    layers = [standing_of(amy, MONDAY + day * DAY).layer for day in (28, 42, 57, 60)]
    assert layers == [*[Layer.PROFESSIONAL] * 3, Layer.ORDINARY]
