"""Times of schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.campaigns.schedule import Post, first_post, next_post, problems, said
from shared.campaigns import Reminder, Schedule
from shared.events import Millis

NOW = Millis(1_772_503_200_000)
"""2026-03-03 10:00 in Shanghai, a Tuesday."""
SHANGHAI = "Asia/Shanghai"
DAY = 86_400_000


def posts(schedule: Schedule, count: int, start: int = NOW) -> list[Post]:
    """Return the first posts of a schedule whose owner is never late."""
    found: list[Post] = []
    post = first_post(schedule, Millis(start))
    while post is not None and len(found) < count:
        found.append(post)
        post = next_post(schedule, post, post.at)
    return found


def local(post: Post, zone: str = SHANGHAI) -> str:
    return datetime.fromtimestamp(post.at / 1000, tz=ZoneInfo(zone)).strftime("%m-%d %H:%M")


def test_without_a_time_it_is_at_once_and_once() -> None:
    assert posts(Schedule(), 5) == [Post(at=NOW, starts_at=NOW)]


def test_at_a_time_it_is_then_and_once() -> None:
    at = Millis(NOW + DAY)
    assert [post.at for post in posts(Schedule(at=at), 5)] == [at]


def test_cron_goes_by_the_tenants_clock() -> None:
    found = posts(Schedule(cron="0 8,21 * * *", zone=SHANGHAI), 4)
    assert [local(post) for post in found] == [
        "03-03 21:00",
        "03-04 08:00",
        "03-04 21:00",
        "03-05 08:00",
    ]


def test_reminders_come_before_each_time() -> None:
    reminders = [Reminder(minutes_before=60, text="r"), Reminder(minutes_before=1440, text="d")]
    weekly = Schedule(cron="0 20 * * 4", zone=SHANGHAI, reminders=reminders)
    found = posts(weekly, 4)
    assert [(local(post), post.minutes_before) for post in found] == [
        ("03-04 20:00", 1440),
        ("03-05 19:00", 60),
        ("03-05 20:00", 0),
        ("03-11 20:00", 1440),
    ]


def test_a_reminder_at_the_same_moment_as_the_thing_before_is_not_lost() -> None:
    daily = Schedule(
        cron="0 9 * * *", zone=SHANGHAI, reminders=[Reminder(minutes_before=1440, text="d")]
    )
    found = posts(daily, 5)
    assert [(local(post), post.minutes_before) for post in found][:4] == [
        ("03-04 09:00", 0),
        ("03-04 09:00", 1440),
        ("03-05 09:00", 0),
        ("03-05 09:00", 1440),
    ]


def test_it_ends_where_it_is_told_to() -> None:
    until = Millis(NOW + 2 * DAY)
    found = posts(Schedule(cron="0 8 * * *", zone=SHANGHAI, until=until), 9)
    assert [local(post) for post in found] == ["03-04 08:00", "03-05 08:00"]


def test_what_is_later_than_its_grace_is_left_out() -> None:
    daily = Schedule(cron="0 8 * * *", zone=SHANGHAI, grace_minutes=30)
    [first] = posts(daily, 1)
    in_time = next_post(daily, first, Millis(first.at + DAY + 30 * 60_000))
    too_late = next_post(daily, first, Millis(first.at + DAY + 31 * 60_000))
    assert in_time is not None
    assert too_late is not None
    assert (local(in_time), local(too_late)) == ("03-05 08:00", "03-06 08:00")


def test_moments_are_told_in_the_schedules_zone() -> None:
    post = Post(at=NOW, starts_at=Millis(NOW + 3_600_000), minutes_before=60)
    assert said(Schedule(zone=SHANGHAI), post) == {
        "date": "2026-03-03",
        "time": "10:00",
        "weekday": "2",
        "starts_at": "11:00",
        "minutes_left": "60",
    }


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (Schedule(zone="Mars/Olympus"), "zone"),
        (Schedule(zone="../etc/passwd"), "zone"),
        (Schedule(cron="0 8 * * *", at=NOW), "cron"),
        (Schedule(cron="every day"), "cron"),
        (Schedule(cron="0 0 30 2 *"), "cron"),
        (Schedule(cron="* * * * *"), "cron"),
        (Schedule(cron="0,1 9 * * *"), "cron"),
        (Schedule(cron="0 8 * * *", until=Millis(NOW - 1)), "until"),
        (Schedule(at=Millis(NOW - 1)), "at"),
        (Schedule(reminders=[Reminder(minutes_before=5, text="x")]), "reminders"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(schedule: Schedule, field: str) -> None:
    assert [name for name, _ in problems(schedule, NOW)] == [field]


@pytest.mark.parametrize(
    "schedule", [Schedule(), Schedule(at=NOW), Schedule(cron="*/5 * * * *", zone=SHANGHAI)]
)
def test_a_schedule_that_makes_sense_is_not(schedule: Schedule) -> None:
    assert list(problems(schedule, NOW)) == []


@settings(deadline=None)
@given(
    st.sampled_from(["0 8 * * *", "30 2 * * *", "0 21 * * 5", "*/30 9-11 * * *", "15 3 1 * *"]),
    st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.lists(st.sampled_from([5, 30, 60, 1440]), max_size=3, unique=True),
    st.integers(0, 3 * 365),
)
def test_posts_follow_one_another_and_come_back_after_any_interruption(
    cron: str, zone: str, before: list[int], day: int
) -> None:
    reminders = [Reminder(minutes_before=each, text=str(each)) for each in before]
    schedule = Schedule(cron=cron, zone=zone, reminders=reminders)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
    found = posts(schedule, 12, int(start.timestamp() * 1000))
    order = [(post.at, post.minutes_before) for post in found]
    assert order == sorted(set(order))
    assert all(post.starts_at - post.at == post.minutes_before * 60_000 for post in found)
