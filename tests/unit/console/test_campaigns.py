"""Campaigns as the console composes them, and their calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.answers.campaigns import (
    Campaign,
    Definition,
    Logged,
)
from services.console.answers.composing import definition_of, fits, form_of, with_rest_of
from services.console.answers.months import beside, month_grid, month_of
from services.console.answers.schedules import Schedule, cron_of
from services.console.catalogue import messages
from services.console.forms import Form
from services.notify.campaigns.progress import EDITABLE, FROM, State
from services.notify.campaigns.schemas import NewCampaign
from services.notify.campaigns.sends import State as SendState

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def campaign(state: str = "scheduled", schedule: dict[str, Any] | None = None) -> Campaign:
    told = {
        "id": "c",
        "state": state,
        "created_at": NOW,
        "changed_at": NOW,
        "approved_by": "",
        "runs": 0,
        "asked": 0,
        "definition": {
            "name": "morning",
            "audience": {"every_group": True},
            "content": {"text": "hi"},
            "schedule": schedule or {},
        },
        "log": [{"at": "2026-03-02T08:00:00Z", "what": "run 1 started", "by": ""}],
    }
    return msgspec.convert(told, Campaign, strict=False)


@pytest.mark.parametrize("state", State)
def test_what_may_be_asked_of_a_campaign_is_what_notify_allows(state: State) -> None:
    moves = {move.value for move, states in FROM.items() if state in states}
    allowed = moves | ({"edit"} if state in EDITABLE else set())
    assert campaign(state.value).may == allowed


def test_a_month_has_whole_weeks_from_monday_on() -> None:
    weeks = month_grid([], date(2026, 3, 1), UTC, NOW)
    assert {len(week) for week in weeks} == {7}
    assert weeks[0][0].day == date(2026, 2, 23)
    assert sum(day.in_month for week in weeks for day in week) == 31


def test_a_schedule_stands_on_the_days_of_the_reader_s_zone() -> None:
    late = campaign(schedule={"cron": "30 23 * * *", "zone": "UTC"})
    weeks = month_grid([late], date(2026, 3, 1), SHANGHAI, NOW)
    days = {day.day: day.slots for week in weeks for day in week}
    assert days[date(2026, 3, 11)] == []
    (slot,) = days[date(2026, 3, 12)]
    assert slot.at.astimezone(SHANGHAI).strftime("%H:%M") == "07:30"


def test_what_has_begun_stands_where_it_began_and_what_is_over_comes_no_more() -> None:
    schedule = {"cron": "0 9 * * *", "zone": "UTC"}
    weeks = month_grid([campaign("cancelled", schedule)], date(2026, 3, 1), UTC, NOW)
    slots = [slot for week in weeks for day in week for slot in day.slots]
    assert [(slot.at.day, slot.is_over) for slot in slots] == [(2, True)]


def test_times_end_when_the_schedule_does() -> None:
    schedule = Schedule(cron="0 9 * * *", until=datetime(2026, 3, 13, 9, tzinfo=UTC))
    times = list(schedule.between(NOW, NOW + timedelta(days=30)))
    assert [each.day for each in times] == [12, 13]


def test_a_time_at_the_very_beginning_counts_and_one_at_the_end_does_not() -> None:
    schedule = Schedule(cron="0 12 * * *")
    assert list(schedule.between(NOW, NOW + timedelta(days=1))) == [NOW]


def test_a_cron_expression_that_is_none_has_no_times() -> None:
    assert list(Schedule(cron="every day").between(NOW, NOW + timedelta(days=9))) == []


@given(st.integers(-400, 400))
def test_months_beside_one_another_lead_back(months: int) -> None:
    month = date(2026, 3, 1)
    assert beside(beside(month, months), -months) == month


@pytest.mark.parametrize("text", ["", "2026-13", "nonsense", "0000-01"])
def test_a_month_that_is_none_is_this_one(text: str) -> None:
    assert month_of(text, date(2026, 3, 11)) == date(2026, 3, 1)
    assert month_of("2025-12", date(2026, 3, 11)) == date(2025, 12, 1)


def sent(**fields: str | list[str]) -> Form:
    usual: dict[str, str | list[str]] = {
        "name": "morning",
        "text": "hi",
        "audience": "groups",
        "groups": ["g1", "g2"],
        "when": "at",
        "at": "2026-04-01T08:30",
        "zone": "Asia/Shanghai",
    }
    return Form(
        {
            name: [value] if isinstance(value, str) else value
            for name, value in {**usual, **fields}.items()
        }
    )


def test_a_moment_of_the_form_is_one_of_its_zone() -> None:
    body = definition_of(sent(), SHANGHAI)
    assert body["schedule"] == {"zone": "Asia/Shanghai", "at": "2026-04-01T08:30:00+08:00"}
    assert body["audience"] == {"recipients": [{"group": "g1"}, {"group": "g2"}]}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"when": "now"},
        {"when": "cron", "cron": "30 7 * * *"},
        {"audience": "every_group"},
        {"audience": "segments", "segments": ["vip"]},
        {"variant_0": "for you", "variant_for_0": "segment:vip", "per_minute": "60"},
        {"audience": "segments", "attributes": "city = 上海\nplan = a = b", "groups": "g1"},
        {"variables": "place = 老地方\nfee = 30"},
        {"when": "cron", "cron": "0 9 1 * *", "until": "2026-12-31T23:59"},
        {"when": "weekly", "weekly_days": ["3", "7"], "weekly_time": "19:30"},
        {
            "when": "weekly",
            "weekly_days": "6",
            "weekly_time": "08:05",
            "reminder_0": "tomorrow",
            "reminder_before_0": "1440",
            "reminder_2": "soon",
            "reminder_before_2": "60",
        },
        {"at": "2026-04-01T08:30:15", "reminder_1": "soon", "reminder_before_1": "60"},
        {"quiet_start": "22:00", "quiet_end": "08:00", "holdout": "15", "persona": "lan"},
    ],
)
def test_what_is_composed_is_what_notify_takes_and_comes_back_the_same(
    fields: dict[str, str | list[str]],
) -> None:
    body = definition_of(sent(**fields), SHANGHAI)
    told = NewCampaign.model_validate(body).model_dump_json()
    read = msgspec.json.decode(told, type=Definition)
    again = definition_of(form_of(read, SHANGHAI), SHANGHAI)
    assert NewCampaign.model_validate(again) == NewCampaign.model_validate(body)


def test_what_is_no_number_goes_to_notify_as_it_is() -> None:
    body = definition_of(sent(per_minute="many", holdout="half"), SHANGHAI)
    assert (body["per_minute"], body["holdout"]) == ("many", "half")


def test_the_log_tells_of_runs_in_words_that_are_there() -> None:
    told = [Logged(NOW, what, "") for what in ("run 3 started", "run 3 ended: 41")]
    assert [(each.step, each.run, each.asked) for each in told] == [
        ("started", "3", ""),
        ("ended", "3", "41"),
    ]
    assert {f"campaign_log.{each.step}" for each in told} <= messages().keys()
    assert Logged(NOW, "approve", "key_1").step == "approve"


def test_every_state_has_its_word() -> None:
    wanted = {f"campaign.{state.value}" for state in State}
    wanted |= {f"send.{state.value}" for state in SendState}
    assert wanted - messages().keys() == set()


@pytest.mark.parametrize(
    ("days", "time", "cron"),
    [(["6"], "08:05", "5 8 * * 6"), ([], "08:05", "5 8 * * "), (["1"], "soon", "soon * * 1")],
)
def test_a_weekly_time_is_written_as_cron_and_what_is_none_is_left_to_notify(
    days: list[str], time: str, cron: str
) -> None:
    asked = sent(when="weekly", weekly_days=days, weekly_time=time)
    assert definition_of(asked, SHANGHAI)["schedule"]["cron"] == cron


@given(days=st.sets(st.integers(1, 7), min_size=1), hour=st.integers(0, 23), at=st.integers(0, 59))
def test_a_weekly_time_is_known_again(days: set[int], hour: int, at: int) -> None:
    time = f"{hour:02}:{at:02}"
    weekly = Schedule(cron_of([str(day) for day in sorted(days)], time)).weekly
    assert weekly == (sorted(days), time)


@pytest.mark.parametrize("cron", ["30 7 * * *", "*/5 * * * 1", "0 9 1 * 1", "99 7 * * 1", ""])
def test_what_is_not_weekly_is_not_taken_for_it(cron: str) -> None:
    assert Schedule(cron).weekly is None


def test_nothing_is_reminded_of_what_is_sent_at_once() -> None:
    asked = sent(when="now", reminder_0="soon", reminder_before_0="60", until="2026-12-31T23:59")
    assert definition_of(asked, SHANGHAI)["schedule"] == {"zone": "Asia/Shanghai"}


def test_what_the_form_has_no_room_for_stays_as_it_was() -> None:
    before = {
        "audience": {"recipients": [{"group": "g9"}]},
        "content": {"text": "旧", "variables": {"shop": "A"}},
        "schedule": {"zone": "UTC", "grace_minutes": 5, "reminders": [{"minutes_before": 60}]},
        "frequency": {"pause_seconds": 3600, "quiet": {"start": "22:00", "end": "08:00"}},
    }
    body = with_rest_of(before, definition_of(sent(quiet_start="", quiet_end=""), SHANGHAI))
    assert body["audience"] == definition_of(sent(), SHANGHAI)["audience"]
    assert body["content"] == {"text": "hi"}, "variables were taken out in the form"
    assert body["schedule"]["grace_minutes"] == 5
    assert "reminders" not in body["schedule"]
    assert body["frequency"] == {"pause_seconds": 3600}, "quiet hours were taken out in the form"


def test_what_would_be_lost_in_the_form_does_not_fit_it() -> None:
    def made(**content: object) -> Definition:
        raw = {"name": "n", "audience": {"recipients": [{"group": "g1"}]}, "content": {"text": "t"}}
        return msgspec.convert({**raw, **content}, Definition)

    assert fits(made())
    assert not fits(made(audience={"recipients": [{"group": "g1", "member": "m1"}]}))
    wordings = [{"text": str(number), "segments": ["s"]} for number in range(4)]
    assert fits(made(content={"text": "t", "variants": wordings[:3]}))
    assert not fits(made(content={"text": "t", "variants": wordings}))
    assert not fits(made(content={"text": "t", "variants": [{"text": "v", "groups": ["a", "b"]}]}))
    assert fits(made(content={"text": "t", "variables": {"a": "1 = 1"}}))
    assert not fits(made(content={"text": "t", "variables": {"a": "two\nlines"}}))
    reminders = [{"minutes_before": number, "text": "r"} for number in (10, 60, 120, 1440)]
    assert fits(made(schedule={"cron": "0 9 * * 1", "reminders": reminders[:3]}))
    assert not fits(made(schedule={"cron": "0 9 * * 1", "reminders": reminders}))
