"""The calendar of campaigns: a month's weeks, with what is said when. Pure."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from services.console.answers.campaigns import Campaign

COMING: Final = ("scheduled", "running", "paused", "draft")
"""States in which times of a schedule may still come."""


class Slot(NamedTuple):
    """A time of a campaign on the calendar; it is over, or is to come."""

    at: datetime
    campaign: Campaign
    is_over: bool


class Day(NamedTuple):
    """A day of the calendar's grid; some belong to the months beside."""

    day: date
    slots: list[Slot]
    in_month: bool


def month_grid(
    campaigns: Sequence[Campaign], month: date, zone: tzinfo, now: datetime
) -> list[list[Day]]:
    """Return the weeks of a month, from Monday on, with each campaign's times in `zone`."""
    days = list(Calendar().itermonthdates(month.year, month.month))
    start = datetime.combine(days[0], datetime.min.time(), zone)
    end = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time(), zone)
    slots: dict[date, list[Slot]] = {}
    for slot in sorted(_slots(campaigns, start, end, now), key=lambda each: each.at):
        slots.setdefault(slot.at.astimezone(zone).date(), []).append(slot)
    cells = [Day(day, slots.get(day, []), day.month == month.month) for day in days]
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def _slots(
    campaigns: Iterable[Campaign], start: datetime, end: datetime, now: datetime
) -> Iterator[Slot]:
    for campaign in campaigns:
        for at in campaign.started:
            if start <= at < end:
                yield Slot(at, campaign, is_over=True)
        if campaign.state in COMING:
            for at in campaign.definition.schedule.between(max(start, now), end):
                yield Slot(at, campaign, is_over=False)


def month_of(text: str, today: date) -> date:
    """Return the first day of a month written `2026-03`, else of today's."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return today.replace(day=1)


def beside(month: date, months: int) -> date:
    """Return the first day of the month so many months later, within the calendar's years."""
    number = month.year * 12 + month.month - 1 + months
    return date(max(1, min(9999, number // 12)), number % 12 + 1, 1)
