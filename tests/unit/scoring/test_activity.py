"""When a group is active, and its health from day to day."""

from __future__ import annotations

import pytest

from services.scoring.activity import days_of, week_of_hours
from services.scoring.activity_api import DayAnswer
from services.scoring.calendar import DAY, DAYS_KEPT, HOUR, day_of
from services.scoring.stage import WATCHES
from services.scoring.watch import Watch, look
from shared.events import GroupId, Millis, TenantId
from shared.stream.documents import stored, to_bson
from tests.unit.scoring.builders import MONDAY, chatter, group_of, said, spam

TODAY = day_of(MONDAY)


def test_every_day_since_the_first_is_told_the_silent_ones_too() -> None:
    group = group_of([said("a", MONDAY), said("b", MONDAY), said("a", MONDAY + 3 * DAY)])
    days = list(days_of(group, None, MONDAY + 4 * DAY))
    assert [day.day for day in days] == [TODAY + n for n in range(5)]
    assert [day.messages for day in days] == [2, 0, 0, 1, 0]
    assert [day.active for day in days] == [2, 0, 0, 1, 0]


def test_days_reach_back_a_quarter_at_most() -> None:
    group = group_of([said("a", MONDAY), said("a", MONDAY + 200 * DAY)])
    days = list(days_of(group, None, MONDAY + 200 * DAY))
    assert len(days) == DAYS_KEPT
    assert days[-1].messages == 1


def test_spam_is_counted_apart() -> None:
    lure = said("a", MONDAY)
    (day,) = days_of(group_of([lure, said("b", MONDAY), spam(lure)]), None, MONDAY)
    assert (day.messages, day.spam) == (1, 1)


def test_hours_are_those_of_the_tenant_s_week() -> None:
    monday_nine, sunday_last = MONDAY + 9 * HOUR, MONDAY + 6 * DAY + 23 * HOUR
    group = group_of([said("a", monday_nine), said("b", monday_nine), said("a", sunday_last)])
    hours = week_of_hours(group, sunday_last)
    assert (hours[0][9], hours[6][23]) == (2, 1)
    assert sum(map(sum, hours)) == 3


def test_hours_of_more_than_two_weeks_ago_are_left_out() -> None:
    group = group_of([said("a", MONDAY)])
    assert sum(map(sum, week_of_hours(group, MONDAY + 15 * DAY))) == 0


def test_the_health_of_a_day_is_that_of_its_last_look() -> None:
    group = group_of(chatter(days=3))
    watch = Watch(tenant=TenantId("acme"), group=GroupId("g1"))
    watch, _ = look(watch, group, Millis(MONDAY + 2 * DAY + 20 * HOUR))
    first = watch.health
    watch, _ = look(watch, group, Millis(MONDAY + 5 * DAY))
    watch, _ = look(watch, group, Millis(MONDAY + 5 * DAY + HOUR))
    days = list(days_of(group, watch, MONDAY + 5 * DAY))
    assert [day.health for day in days] == [None, None, first, None, None, watch.health]


def test_healths_are_remembered_for_a_quarter() -> None:
    group = group_of(chatter(days=1))
    watch = Watch(tenant=TenantId("acme"), group=GroupId("g1"))
    for day in range(1, 120):
        watch, _ = look(watch, group, Millis(MONDAY + day * DAY))
    assert len(watch.healths) == DAYS_KEPT
    assert watch.healths[-1].day == TODAY + 119


def test_a_days_health_is_the_weighted_mean_of_its_parts() -> None:
    group = group_of(chatter(days=3))
    watch = Watch(tenant=TenantId("acme"), group=GroupId("g1"))
    watch, _ = look(watch, group, Millis(MONDAY + 2 * DAY + 20 * HOUR))
    told = [DayAnswer.of(day, explain=True) for day in days_of(group, watch, MONDAY + 3 * DAY)]
    parts = told[2].explain
    assert parts is not None
    assert len(parts) >= 4
    mean = sum(each.value * each.weight for each in parts) / sum(each.weight for each in parts)
    assert told[2].health == pytest.approx(100 * mean, abs=1)
    assert [each.explain for each in told[:2]] == [None, None]


def test_what_an_earlier_release_kept_of_healths_is_read() -> None:
    group = group_of(chatter(days=3))
    watch = Watch(tenant=TenantId("acme"), group=GroupId("g1"))
    kept = to_bson((WATCHES, "g1"), watch, 0) | {"healths": [[TODAY, 71], [TODAY + 1, 72]]}
    days = list(days_of(group, stored(WATCHES, kept), MONDAY + 2 * DAY))
    assert [(day.health, day.health_parts) for day in days] == [(71, {}), (72, {}), (None, {})]
