"""When a campaign is sent: once, or by cron in a time zone, with reminders before. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from msgspec import Struct

from shared.campaigns import Schedule
from shared.events import Millis

_MINUTE_MS: Final = 60_000
LEAST_MINUTES_APART: Final = 5
"""No schedule comes round sooner."""
_LOOKED_AT: Final = 50
"""Times of a new schedule that are looked at."""


class Post(Struct, frozen=True, kw_only=True):
    """One time of a schedule: sent `at`, about what `starts_at` then or later.

    A reminder is sent `minutes_before`, with a text of its own.
    """

    at: Millis
    starts_at: Millis
    minutes_before: int = 0
    text: str = ""


def first_post(schedule: Schedule, now: Millis) -> Post | None:
    """Return the first post of a schedule that is approved at `now`; None: it is over."""
    if not schedule.cron and schedule.at is None:
        return Post(at=now, starts_at=now)
    return _earliest(schedule, Millis(now - 1), 0, now)


def next_post(schedule: Schedule, last: Post, now: Millis) -> Post | None:
    """Return the first post after `last` that is not too late at `now`; None: none is left.

    Of posts at the same moment, the reminder of what is further away comes last.
    """
    return _earliest(schedule, last.at, last.minutes_before, now)


def problems(schedule: Schedule, now: Millis) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a new schedule: the field, and what about it."""
    if schedule.zone not in _zones():
        yield "zone", "there is no such time zone"
        return
    if schedule.cron and schedule.at is not None:
        yield "cron", "give either `at` or `cron`"
    elif schedule.cron:
        yield from _cron_problems(schedule, now)
    elif schedule.at is None and schedule.reminders:
        yield "reminders", "there is nothing to remind of without `at` or `cron`"
    elif schedule.at is not None and schedule.at < now:
        yield "at", "lies in the past"


def said(schedule: Schedule, post: Post) -> dict[str, str]:
    """Return the moments of a post as templates name them, in the schedule's zone."""
    at, starts = (_local(moment, schedule.zone) for moment in (post.at, post.starts_at))
    return {
        "date": at.strftime("%Y-%m-%d"),
        "time": at.strftime("%H:%M"),
        "weekday": str(at.isoweekday()),
        "starts_at": starts.strftime("%H:%M"),
        "minutes_left": str(post.minutes_before),
    }


def _earliest(schedule: Schedule, after: Millis, minutes: int, now: Millis) -> Post | None:
    """Return the first post that is later than `(after, minutes)` and within its grace."""
    grace = now - schedule.grace_minutes * _MINUTE_MS - 1
    things = [(0, ""), *((each.minutes_before, each.text) for each in schedule.reminders)]
    found = (
        _post(schedule, Millis(max(after - (before > minutes), grace)), before, text)
        for before, text in things
    )
    posts = [post for post in found if post is not None]
    return min(posts, key=lambda post: (post.at, post.minutes_before), default=None)


def _post(schedule: Schedule, after: Millis, minutes: int, text: str) -> Post | None:
    starts_at = _occurrence(schedule, after + minutes * _MINUTE_MS)
    if starts_at is None or (schedule.until is not None and starts_at > schedule.until):
        return None
    at = Millis(starts_at - minutes * _MINUTE_MS)
    return Post(at=at, starts_at=starts_at, minutes_before=minutes, text=text)


def _occurrence(schedule: Schedule, after: int) -> Millis | None:
    if schedule.at is not None:
        return schedule.at if schedule.at > after else None
    if not schedule.cron:
        return None
    moment = next(CronSim(schedule.cron, _local(after, schedule.zone)), None)
    return None if moment is None else Millis(int(moment.timestamp() * 1000))


def _cron_problems(schedule: Schedule, now: Millis) -> Iterator[tuple[str, str]]:
    try:
        times = CronSim(schedule.cron, _local(now, schedule.zone))
        found = list(islice(times, _LOOKED_AT))
    except CronSimError as error:
        yield "cron", f"is no cron expression: {str(error)[:100]}"
        return
    gaps = [later - sooner for sooner, later in pairwise(found)]
    if not found:
        yield "cron", "never comes"
    elif gaps and min(gaps) < timedelta(minutes=LEAST_MINUTES_APART):
        yield "cron", f"comes round more often than every {LEAST_MINUTES_APART} minutes"
    if schedule.until is not None and schedule.until < now:
        yield "until", "lies in the past"


def _local(moment: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment / 1000, tz=ZoneInfo(zone))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
