"""A member's days: the layer on each of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.calendar import DAYS_KEPT, day_of
from services.scoring.layers import LAYERS, days_lived, standing_of
from services.scoring.member import Member
from services.scoring.stage import MEMBERS, member_id
from tests.unit.scoring.builders import DAY, MONDAY, folded, said

FIRST = day_of(MONDAY)
days_of_acts = st.lists(st.integers(0, 60), min_size=1, max_size=120)


def amy_after(days: list[int]) -> Member:
    events = [said("amy", MONDAY + day * DAY + n, id=str(n)) for n, day in enumerate(days)]
    found: Member = folded(events).by_key[MEMBERS, member_id("acme", "g1", "amy")]
    return found


@given(days_of_acts)
def test_each_day_is_told_as_it_was_judged_then(days: list[int]) -> None:
    told = {each.day - FIRST: each for each in days_lived(amy_after(days), MONDAY + 70 * DAY)}
    for until in range(min(days), 71, 9):
        then = standing_of(amy_after([day for day in days if day <= until]), MONDAY + until * DAY)
        assert told[until].layer is then.layer
        assert told[until].active_days == then.active_days
        assert abs(told[until].score - then.score) < 0.01


@given(days_of_acts)
def test_the_days_follow_one_another_from_the_first_act_until_today(days: list[int]) -> None:
    told = days_lived(amy_after(days), MONDAY + 70 * DAY)
    assert [each.day for each in told] == list(range(FIRST + min(days), FIRST + 71))


def test_no_more_days_are_told_than_are_kept() -> None:
    told = days_lived(amy_after([0, 300]), MONDAY + 300 * DAY)
    assert len(told) == DAYS_KEPT
    assert (told[0].score, told[-1].active_days) > (0, 0)


def test_a_busy_month_leads_to_the_highest_layer_step_by_step() -> None:
    told = days_lived(amy_after(sorted([*range(28)] * 8)), MONDAY + 27 * DAY)
    layers = [each.layer for each in told]
    assert list(dict.fromkeys(layers)) == list(LAYERS)
    assert all(LAYERS.index(one) <= LAYERS.index(other) for one, other in pairwise(layers))
