"""Members as the console reads, sorts and finds them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.console.answers.history import (
    Day,
    GroupHistory,
    InLayer,
    InPart,
    MemberHistory,
    Week,
)
from services.console.answers.member import Member, Membership, Order, most_flagged, named
from services.console.catalogue import messages
from services.scoring.boards import Measure
from services.scoring.contribution import Source
from services.scoring.layers import Layer
from services.scoring.ordering import MEMBER_KEYS, order_of
from services.scoring.parts import Part

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def membership(member: str, **values: Any) -> Membership:
    usual = {
        "member": member,
        "group": "g",
        "name": "",
        "role": "member",
        "layer": "active",
        "score": 1.0,
        "score_7": 1.0,
        "score_90": 1.0,
        "active_days": 1,
        "active_days_28": 1,
        "checkin_streak": 0,
        "present": True,
        "counts": {},
        "flags": {},
    }
    return Membership(**{**usual, **values})


def test_every_order_that_scoring_is_asked_for_is_one_of_its_own() -> None:
    ranked = {order.value for order in Order if order.is_ranked and not order.is_listed}
    assert ranked <= {measure.value for measure in Measure}
    for order in Order:
        if order.is_listed:
            order_of(f"-{order}", MEMBER_KEYS, wide=not order.needs_group)


def test_the_most_flagged_come_first_by_all_labels_together() -> None:
    members = [
        membership("b", flags={"abuse": 2}),
        membership("a", flags={"abuse": 1, "flood": 2}),
        membership("c"),
    ]
    assert [each.member for each in most_flagged(members)] == ["a", "b", "c"]


def test_members_are_found_by_a_part_of_their_id_or_name() -> None:
    members = [membership("u1", name="Mei"), membership("MEI-2"), membership("u3", name="山米")]
    assert [each.member for each in named("mei", members)] == ["u1", "MEI-2"]
    assert [each.member for each in named("米", members)] == ["u3"]


def test_a_member_was_seen_last_where_they_were_seen_last() -> None:
    groups = [membership("m", last_seen=NOW - timedelta(1)), membership("m", last_seen=NOW)]
    assert Member("m", "", 2.0, groups).last_seen == NOW
    assert Member("m", "", 0.0, [membership("m")]).last_seen is None


def test_the_console_knows_the_words_of_scoring() -> None:
    families = {"layer": Layer, "part": Part, "source": Source, "members.by": Order}
    wanted = {f"{family}.{each.value}" for family, kinds in families.items() for each in kinds}
    assert wanted - messages().keys() == set()


def test_days_in_one_layer_are_told_together() -> None:
    layers = ["ordinary", "active", "active", "ordinary"]
    days = [Day(date(2026, 3, 1) + timedelta(days=n), layer, 1.0) for n, layer in enumerate(layers)]
    assert GroupHistory("g", days).layers == [
        InLayer("ordinary", date(2026, 3, 1), date(2026, 3, 1), 1),
        InLayer("active", date(2026, 3, 2), date(2026, 3, 3), 2),
        InLayer("ordinary", date(2026, 3, 4), date(2026, 3, 4), 1),
    ]


def test_weeks_in_one_part_are_told_together_from_the_first_day_on() -> None:
    monday = date(2026, 3, 2)
    parts = [("onlooker", 0.2), ("thinker", 0.4), ("thinker", 0.7)]
    weeks = [
        Week(monday + timedelta(7 * n), monday + timedelta(7 * n + 6), part, confidence)
        for n, (part, confidence) in enumerate(parts)
    ]
    weeks[-1] = Week(weeks[-1].first_day, weeks[-1].first_day, "thinker", 0.7)
    days = [Day(monday + timedelta(n), "ordinary", 1.0) for n in range(2, 15)]
    told = GroupHistory("g", days, weeks).roles
    assert told == [
        InPart("onlooker", monday + timedelta(2), monday + timedelta(6), 5, 0.2),
        InPart("thinker", monday + timedelta(7), monday + timedelta(14), 8, 0.7),
    ]
    assert sum(each.days for each in told) == len(days)


def test_a_group_without_a_day_has_no_history() -> None:
    told = MemberHistory([GroupHistory("empty", [])])
    assert (told.of("empty"), told.of("elsewhere")) == (None, None)
