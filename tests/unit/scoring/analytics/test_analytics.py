"""Funnels, cohorts and revenue count what a plain reading of everybody's days counts."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.analytics.cohorts import Cohorts
from services.scoring.analytics.days import Period, date_of, day_number
from services.scoring.analytics.funnel import Funnel
from services.scoring.analytics.revenue import Revenue
from services.scoring.calendar import DAY, OFFSET, day_of, moment_of
from services.scoring.clock import DEFAULT_CLOCK
from services.scoring.profiles.profile import Profile
from services.scoring.profiles.purchases import Purchases, month_of
from services.scoring.profiles.steps import Steps
from shared.events import GroupId, MemberId, TenantId

FIRST = day_number(date(2026, 1, 1))
STEPS = ("a", "b", "c")
Taken = dict[str, set[int]]


def profile(
    taken: Taken, arrived: int = FIRST, purchases: Purchases | None = None, group: str = "g1"
) -> Profile:
    steps = Steps()
    for day, step in sorted((day, step) for step, days in taken.items() for day in days):
        steps = steps.record([step], FIRST + day, 1)
    return Profile(
        tenant=TenantId("acme"),
        group=GroupId(group),
        member=MemberId("amy"),
        first_seen=arrived * DAY - OFFSET + 1,
        steps=steps,
        purchases=purchases or Purchases(),
    )


days = st.sets(st.integers(0, 30), max_size=5)
members = st.fixed_dictionaries(dict.fromkeys(STEPS, days))


def furthest(taken: Taken, within: int) -> int:
    """How many steps in order can be taken, by trying every way."""
    for count in range(len(STEPS), 0, -1):
        for way in product(*(sorted(taken[step]) for step in STEPS[:count])):
            if list(way) == sorted(way) and way[-1] - way[0] < within:
                return count
    return 0


@settings(max_examples=150, deadline=None)
@given(st.lists(members, max_size=5), st.integers(1, 31))
def test_a_funnel_counts_the_furthest_of_all_ways(everybody: list[Taken], within: int) -> None:
    funnel = Funnel(STEPS, FIRST, FIRST + 30, within)
    for taken in everybody:
        funnel.add([profile(taken)])
    reached = [furthest(taken, within) for taken in everybody]
    counts = [sum(count > number for count in reached) for number in range(len(STEPS))]
    assert [stage.members for stage in funnel.stages()] == counts


def test_a_step_may_be_one_of_several_and_taken_in_another_group() -> None:
    funnel = Funnel(("a", "b|c"), FIRST, FIRST + 30, 30)
    funnel.add([profile({"a": {1}}), profile({"c": {4}}, group="g2")])
    first, second = funnel.stages()
    assert (first.members, second.members, second.median_days) == (1, 1, 3.0)


def test_what_lies_outside_of_the_span_does_not_count() -> None:
    funnel = Funnel(("a", "b"), FIRST + 5, FIRST + 9, 30)
    funnel.add([profile({"a": {4, 6}, "b": {5, 10}})])
    assert [stage.members for stage in funnel.stages()] == [1, 0]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.sets(st.integers(0, 80))), max_size=8))
def test_a_triangle_counts_each_member_once_a_period(
    everybody: list[tuple[int, set[int]]],
) -> None:
    last = FIRST + 80
    cohorts = Cohorts("a", Period.WEEK, FIRST, last, DEFAULT_CLOCK)
    for arrived, taken in everybody:
        cohorts.add([profile({"a": taken}, FIRST + arrived)])
    week = Period.WEEK.of
    for number, row in enumerate(cohorts.rows()):
        own = [
            {week(FIRST + day) for day in taken}
            for arrived, taken in everybody
            if week(FIRST + arrived) == week(FIRST) + number
        ]
        ages = range(week(last) - week(FIRST) - number + 1)
        assert row.members == len(own)
        assert row.back == [
            sum(week(FIRST) + number + age in weeks for weeks in own) for age in ages
        ]


def test_periods_are_cut_where_people_cut_them() -> None:
    for period, label, first in (
        (Period.MONTH, "2026-02", date(2026, 2, 1)),
        (Period.WEEK, "2026-02-23", date(2026, 2, 23)),
    ):
        number = period.of(day_number(date(2026, 2, 27)))
        assert period.label(number) == label
        assert date_of(period.start(number)) == first
        assert period.of(period.start(number)) == number
        assert period.of(period.start(number) - 1) == number - 1


def test_midnight_in_china_turns_the_month() -> None:
    evening = day_number(date(2026, 3, 1)) * DAY - OFFSET
    assert (month_of(moment_of(evening - 1)) % 12, month_of(moment_of(evening)) % 12) == (1, 2)
    assert date_of(day_of(evening)) == date(2026, 3, 1)


def bought(*orders: tuple[int, int]) -> Purchases:
    purchases = Purchases()
    for day, amount in orders:
        month = Period.MONTH.of(FIRST + day)
        purchases = purchases.record("CNY", amount, month, 1)
    return purchases


def test_lifetime_value_grows_month_by_month_and_repurchase_is_in_time_or_not() -> None:
    january = Period.MONTH.of(FIRST)
    revenue = Revenue("CNY", january, FIRST + 150, DEFAULT_CLOCK)
    orders = {"purchase.made": {3, 40}}
    revenue.add([profile(orders, FIRST, bought((3, 1_000), (40, 500)))])
    revenue.add([profile({"purchase.made": {5, 120}}, FIRST, bought((5, 100), (120, 100)))])
    revenue.add([profile({}, FIRST + 1)])
    revenue.add([profile({"purchase.made": {60}}, FIRST + 59, bought((60, 700)))])
    rows = revenue.cohorts()
    assert [row.label for row in rows] == [f"2026-{month:02d}" for month in range(1, 6)]
    assert (rows[0].members, rows[0].buyers, rows[0].amount) == (3, 2, 1_700)
    assert rows[0].value == [366.7, 533.3, 533.3, 533.3, 566.7]
    assert rows[2].value == [700.0, 700.0, 700.0]
    summary = revenue.summary()
    assert (summary.members, summary.buyers, summary.orders) == (4, 3, 5)
    assert summary.repurchase_rate == pytest.approx(2 / 3, abs=1e-4)
    assert summary.within_days_rate == pytest.approx(1 / 3, abs=1e-4)
    assert summary.median_days_to_second == (37 + 115) / 2
    assert summary.order_value == 480.0


def test_other_currencies_are_apart() -> None:
    revenue = Revenue("USD", Period.MONTH.of(FIRST), FIRST + 30, DEFAULT_CLOCK)
    revenue.add([profile({"purchase.made": {3}}, FIRST, bought((3, 1_000)))])
    assert (revenue.summary().buyers, revenue.summary().member_value) == (0, 0.0)
