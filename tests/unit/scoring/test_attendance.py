from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.attendance import REACH, Attendance
from services.scoring.calendar import BLOCKS_KEPT, DAY, day_of
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, member_id
from tests.unit.scoring.builders import MONDAY, folded, said

FIRST = day_of(MONDAY)
Days = st.sets(st.integers(0, 1_100), min_size=1, max_size=60)


def member_on(days: list[int], group: str = "g1") -> Member:
    documents = folded(said("amy", MONDAY + day * DAY, group=group) for day in days)
    member: Member = documents.by_key[MEMBERS, member_id("acme", group, "amy")]
    return member


@given(Days, st.integers(0, 40))
def test_attendance_is_that_of_the_days_themselves(days: set[int], later: int) -> None:
    today = max(days) + later
    attendance = Attendance([member_on(sorted(days)).presence], FIRST + today)
    ages = {today - day for day in days if today - day < REACH}
    assert attendance.days() == len(ages)
    assert attendance.days(56) == sum(age < 56 for age in ages)
    assert attendance.latest_age == min(ages)
    assert attendance.spans(28, 364) == len({age // 28 for age in ages if age < 364})
    assert attendance.spans(7, REACH) == len({age // 7 for age in ages})
    assert attendance.decayed_days(90) == pytest.approx(sum(2 ** (-age / 90) for age in ages))


@given(st.lists(st.integers(0, 900), min_size=1, max_size=40), st.lists(st.booleans()))
def test_a_day_in_several_groups_is_one_day(days: list[int], split: list[bool]) -> None:
    sides = [*split, *[True] * len(days)]
    here = [day for day, side in zip(sorted(days), sides, strict=False) if side]
    there = [day for day, side in zip(sorted(days), sides, strict=False) if not side]
    presences = [
        member_on(some, group=name).presence for name, some in (("a", here), ("b", there)) if some
    ]
    together = Attendance([*presences, *presences], FIRST + max(days))
    apart = Attendance([member_on(sorted(days)).presence], FIRST + max(days))
    assert together.days() == apart.days()
    assert together.decayed_days(90) == apart.decayed_days(90)


@given(st.data())
def test_days_long_past_are_kept_alike_in_any_order(data: st.DataObject) -> None:
    """Within the 91 days that the rings reach back, order leaves no trace, settled days neither."""
    steps = data.draw(st.lists(st.integers(1, 300), min_size=2, max_size=14))
    starts = [sum(steps[:n]) for n in range(1, len(steps) + 1)]
    late = [(day, data.draw(st.integers(0, min(90, day)))) for day in starts]
    in_order = sorted({*starts, *(day - back for day, back in late)})
    as_it_came = [when for day, back in late for when in (day, day - back)]
    ordered, shuffled = member_on(in_order).presence, member_on(as_it_came).presence
    assert ordered.past == shuffled.past
    assert ordered.past_days == shuffled.past_days


def test_what_is_kept_of_the_past_is_bounded() -> None:
    past = member_on(list(range(0, 2_000, 3))).presence.past
    blocks = past[::2]
    assert len(blocks) <= BLOCKS_KEPT
    assert all(before < after for before, after in pairwise(blocks))
