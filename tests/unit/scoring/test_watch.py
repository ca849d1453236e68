from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.scoring.calendar import DAY, HOUR
from services.scoring.stage import GROUPS, WATCHES, ScoringPartition, group_id
from services.scoring.watch import Watch, arm, heard
from shared.actions import Action
from shared.events import BaseEvent, GroupId, MemberJoined, Millis, TenantId
from shared.stream.contracts import Due, Publish
from shared.stream.memory import MemoryDocuments, fold
from tests.unit.scoring.builders import MONDAY, chatter, folded, said

ID = group_id("acme", "g1")


def look(documents: MemoryDocuments, now: int) -> list[Action]:
    """Have a timer go off at its moment."""
    watch = documents.by_key[WATCHES, ID]
    documents.by_key[WATCHES, ID] = replace(watch, due_at=Millis(now))
    return look_late(documents, now)


def look_late(documents: MemoryDocuments, now: int) -> list[Action]:
    """Have the timer go off at a moment, whenever it was due."""
    due = Due(WATCHES, ID, documents.by_key[WATCHES, ID], Millis(now))
    outputs = fold(ScoringPartition(), [due], documents)
    return [output.record for output in outputs if isinstance(output, Publish)]  # type: ignore[misc]


def watched(documents: MemoryDocuments, until: int) -> list[Action]:
    """Let every timer go off at its time, up to a moment."""
    actions: list[Action] = []
    while (due_at := documents.by_key[WATCHES, ID].due_at) is not None and due_at <= until:
        actions += look(documents, due_at)
        assert (documents.by_key[WATCHES, ID].due_at or until) > due_at
    return actions


def kinds(actions: list[Action]) -> list[object]:
    return [action.details["alert"] for action in actions]


def test_a_group_that_falls_silent_is_reported_once_in_both_languages() -> None:
    documents = folded(chatter(days=20))
    (alert,) = watched(documents, MONDAY + 60 * DAY)
    assert alert.details["alert"] == "quiet"
    last = MONDAY + 19 * DAY + 17 * HOUR
    assert DAY < alert.time - last < 3 * DAY, "nights of 16 hours are usual here"
    assert "没有成员发言" in str(alert.details["reason_zh"])
    assert "No member has written" in str(alert.details["reason_en"])


def test_a_slow_group_is_given_more_time() -> None:
    weekly: list[BaseEvent] = [
        said(f"m{n % 5}", MONDAY + week * 7 * DAY + n * 60_000)
        for week in range(10)
        for n in range(9)
    ]
    last = MONDAY + 63 * DAY
    (alert,) = watched(folded(weekly), last + 100 * DAY)
    assert alert.time - last > 14 * DAY


def test_a_new_group_that_goes_quiet_in_the_middle_of_its_first_day_is_reported() -> None:
    morning: list[BaseEvent] = [
        said(f"m{n % 6}", MONDAY + 8 * HOUR + n * 5 * 60_000) for n in range(40)
    ]
    (alert,) = watched(folded(morning), MONDAY + DAY)
    assert alert.time <= MONDAY + 23 * HOUR


def test_old_news_is_not_reported() -> None:
    assert look(folded(chatter(days=20)), MONDAY + 90 * DAY) == []


def test_a_replay_gives_the_same_alert_again() -> None:
    first, second = (look(folded(chatter(days=20)), MONDAY + 23 * DAY) for _ in range(2))
    assert first == second
    assert look(folded(chatter(days=20)), MONDAY + 23 * DAY + HOUR)[0].id == first[0].id


def test_where_only_four_people_talk_the_owner_is_told_not_too_often() -> None:
    listeners: list[BaseEvent] = [
        MemberJoined(
            id=f"j{n}", source="s", tenant="acme", group="g1", member=f"l{n}", time=MONDAY - DAY
        )
        for n in range(30)
    ]
    documents = folded([*listeners, *chatter(days=50, people=4)])
    alerts = [
        alert
        for day in range(30, 50)
        for alert in look(documents, MONDAY + 50 * DAY + day)
        if alert.details["alert"] == "few_talkers"
    ]
    assert len(alerts) == 1
    assert "34" in str(alerts[0].details["reason_zh"])


def test_unanswered_newcomers_are_reported() -> None:
    start = MONDAY + 10 * DAY
    newcomers: list[BaseEvent] = []
    for n in range(3):
        fields = {"source": "s", "tenant": "acme", "group": "g1", "member": f"new{n}"}
        newcomers.append(MemberJoined(id=f"j{n}", time=start, **fields))
        newcomers.append(said(f"new{n}", start + HOUR))
    greeting = said("member-1", start, reply_to_member="member-2")
    documents = folded([*chatter(days=14), *newcomers, greeting])
    alerts = look(documents, start + 30 * HOUR)
    assert kinds(alerts) == ["newcomers_unanswered"]
    assert alerts[0].details["unanswered"] == 3
    silent_platform = folded([*chatter(days=14), *newcomers])
    assert look(silent_platform, start + 30 * HOUR) == [], "it never tells of answers"


def test_after_a_silence_that_was_broken_the_next_is_reported() -> None:
    documents = folded(chatter(days=20))
    first = watched(documents, MONDAY + 30 * DAY)
    back = [said(f"m{n % 9}", MONDAY + (31 + n // 20) * DAY + n * HOUR // 2) for n in range(100)]
    records = folded([*chatter(days=20), *back])
    documents.by_key[GROUPS, ID] = records.by_key[GROUPS, ID]
    watch = documents.by_key[WATCHES, ID]
    documents.by_key[WATCHES, ID] = arm(watch, back[-1].time, back[-2].time)
    second = watched(documents, MONDAY + 80 * DAY)
    assert kinds(first) == kinds(second) == ["quiet"]
    assert first[0].id != second[0].id


def test_the_watch_is_armed_for_the_end_of_the_first_hour_not_seen_yet() -> None:
    blank = Watch(tenant=TenantId("acme"), group=GroupId("g1"))
    later = arm(blank, MONDAY + 3 * HOUR, 0)
    one, two = arm(blank, MONDAY + 5, 0), arm(later, MONDAY + 5, MONDAY + 3 * HOUR)
    assert one.due_at == two.due_at == MONDAY + HOUR
    seen = Watch(tenant=blank.tenant, group=blank.group, checked_at=MONDAY + HOUR)
    assert arm(seen, MONDAY + 5, MONDAY + 6) is seen


def unanswered(start: int, backfill: bool = False) -> list[BaseEvent]:
    """Three newcomers to a group where others are answered, and 30 hours more of talk."""
    fields: dict[str, Any] = {"source": "s", "tenant": "acme", "group": "g1"}
    fields["backfill"] = backfill
    events: list[BaseEvent] = [said("member-1", start, reply_to_member="member-2", **fields)]
    for n in range(3):
        events.append(MemberJoined(id=f"j{n}", member=f"new{n}", time=start, **fields))
        events.append(said(f"new{n}", start + HOUR, **fields))
    return [*events, said("member-3", start + 30 * HOUR, **fields)]


LIVE_TENANT = MONDAY + 900 * DAY


def test_a_tenant_whose_events_lag_behind_the_clock_is_warned_in_its_own_time() -> None:
    start = MONDAY + 10 * DAY
    documents = folded([*chatter(days=11), *unanswered(start)])
    (alert,) = look_late(documents, LIVE_TENANT)
    assert alert.details["alert"] == "newcomers_unanswered"
    assert alert.time == start + 31 * HOUR
    watch = documents.by_key[WATCHES, ID]
    next_event = said("member-1", start + 40 * HOUR)
    assert heard(watch, next_event, start + 30 * HOUR).due_at == start + 41 * HOUR


def test_a_group_that_was_looked_at_now_goes_on_with_events_that_lag() -> None:
    documents = folded(chatter(days=12))
    look(documents, LIVE_TENANT)
    event = said("member-1", MONDAY + 13 * DAY)
    watch = heard(documents.by_key[WATCHES, ID], event, MONDAY + 12 * DAY)
    assert watch.due_at == MONDAY + 13 * DAY + HOUR


def test_of_history_nothing_is_said_until_live_events_come() -> None:
    start = MONDAY + 10 * DAY
    history = [*(replace(one, backfill=True) for one in chatter(11)), *unanswered(start, True)]
    documents = folded(history)
    assert look_late(documents, LIVE_TENANT) == []
    watch = documents.by_key[WATCHES, ID]
    assert (watch.checked_at, watch.due_at) == (start + 31 * HOUR, None)
    assert watch.health > 0, "as of its end, not as of a clock years later"

    live = [*history, said("member-1", start + 32 * HOUR, id="live")]
    documents = folded(live)
    (alert,) = look(documents, start + 33 * HOUR)
    assert alert.details["alert"] == "newcomers_unanswered"


@given(st.permutations([True, True, False]))
def test_whether_only_history_is_known_does_not_depend_on_the_order(told: list[bool]) -> None:
    events = [said(f"m{n}", MONDAY + n, backfill=backfill) for n, backfill in enumerate(told)]
    watch = folded(events).by_key[WATCHES, ID]
    assert not watch.history


def test_a_dead_group_is_no_longer_watched() -> None:
    documents = folded(chatter(days=3))
    watched(documents, MONDAY + 400 * DAY)
    assert documents.by_key[WATCHES, ID].due_at is None


def test_a_watch_without_its_group_is_a_fault_that_names_it() -> None:
    due = Due(WATCHES, ID, None, Millis(MONDAY))
    with pytest.raises(LookupError, match="g1"):
        fold(ScoringPartition(), [due], MemoryDocuments())
