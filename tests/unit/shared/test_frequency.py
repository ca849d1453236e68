"""Caps, pauses and quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shared.events import Millis
from shared.frequency import (
    HORIZON_SECONDS,
    MOST_REMEMBERED,
    Cap,
    Contact,
    Frequency,
    Hindrance,
    QuietHours,
    noted,
)

NOW = Millis(1_760_000_000_000)
HOUR = 3_600_000
SHANGHAI = "Asia/Shanghai"

moments = st.integers(NOW - 40 * 24 * HOUR, NOW)
contacts_strategy = st.lists(moments, max_size=80).map(
    lambda found: _remember([Contact(str(i), at) for i, at in enumerate(sorted(found))])
)
zones = st.sampled_from([SHANGHAI, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
quiet_hours = st.builds(QuietHours, st.integers(0, 1439), st.integers(0, 1439), zones)
frequencies = st.builds(
    Frequency,
    st.lists(st.builds(Cap, st.integers(1, 5), st.integers(1, 10 * 86_400)), max_size=3),
    st.integers(0, 86_400),
    st.none() | quiet_hours,
)


def _remember(contacts: list[Contact]) -> list[Contact]:
    known: list[Contact] = []
    for each in contacts:
        known = noted(known, each)
    return known


def at(zone: str, *parts: int, fold: int = 0) -> Millis:
    moment = datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold)  # type: ignore[arg-type,misc]
    return Millis(int(moment.timestamp() * 1000))


def test_nobody_was_written_to_so_it_may_be_now() -> None:
    limits = Frequency([Cap(1, 86_400)], pause_seconds=3600)
    assert limits.opening([], NOW) == (NOW, None)


def test_a_cap_that_is_full_opens_when_its_earliest_contact_is_old_enough() -> None:
    contacts = [Contact("a", Millis(NOW - 20 * HOUR)), Contact("b", Millis(NOW - HOUR))]
    opening = Frequency([Cap(2, 86_400)]).opening(contacts, NOW)
    assert opening == (NOW + 4 * HOUR, Hindrance.FREQUENCY_CAP)
    assert Frequency([Cap(3, 86_400)]).opening(contacts, NOW) == (NOW, None)


def test_a_pause_counts_from_the_latest_contact() -> None:
    contacts = [Contact("a", Millis(NOW - 20 * HOUR)), Contact("b", Millis(NOW - HOUR))]
    opening = Frequency(pause_seconds=2 * 3600).opening(contacts, NOW)
    assert opening == (NOW + HOUR, Hindrance.PAUSE)


def test_quiet_hours_may_span_midnight() -> None:
    night = QuietHours(22 * 60, 8 * 60, SHANGHAI)
    morning = at(SHANGHAI, 2026, 3, 5, 8)
    assert night.ends(at(SHANGHAI, 2026, 3, 4, 22)) == morning
    assert night.ends(at(SHANGHAI, 2026, 3, 5, 7, 59)) == morning
    assert night.ends(morning) is None
    assert night.ends(at(SHANGHAI, 2026, 3, 4, 21, 59)) is None


def test_quiet_hours_end_once_where_the_clock_is_put_back() -> None:
    night = QuietHours(22 * 60, 2 * 60 + 30, "Europe/Berlin")
    second_time = at("Europe/Berlin", 2026, 10, 25, 2, 10, fold=1)
    assert night.ends(second_time) == at("Europe/Berlin", 2026, 10, 25, 2, 30, fold=1)


def test_an_hour_that_does_not_exist_counts_as_an_hour_later() -> None:
    night = QuietHours(22 * 60, 2 * 60 + 30, "Europe/Berlin")
    before = at("Europe/Berlin", 2026, 3, 29, 1, 59)
    assert night.ends(before) == at("Europe/Berlin", 2026, 3, 29, 3, 30)


def test_quiet_hours_that_end_as_they_start_are_none() -> None:
    assert QuietHours(480, 480, SHANGHAI).ends(NOW) is None


@given(contacts_strategy, frequencies)
def test_at_its_opening_a_contact_is_allowed(contacts: list[Contact], frequency: Frequency) -> None:
    opening = frequency.opening(contacts, NOW)
    assert opening.at >= NOW
    assert (opening.hindrance is None) == (opening.at == NOW)
    assert frequency.opening(contacts, opening.at).at == opening.at


@given(contacts_strategy, frequencies, st.floats(0, 1, exclude_max=True))
def test_before_its_opening_no_contact_is_allowed(
    contacts: list[Contact], frequency: Frequency, part: float
) -> None:
    opening = frequency.opening(contacts, NOW)
    sooner = Millis(NOW + int((opening.at - NOW) * part))
    if NOW < sooner < opening.at and frequency.quiet is None:
        assert frequency.opening(contacts, sooner).hindrance is not None


@given(contacts_strategy, st.builds(Cap, st.integers(1, 5), st.integers(1, 10 * 86_400)))
def test_writing_at_every_opening_never_breaks_a_cap(contacts: list[Contact], cap: Cap) -> None:
    now, sent = NOW, list(contacts)
    for number in range(12):
        now = Frequency([cap]).opening(sent, now).at
        within = [each for each in sent if now - cap.seconds * 1000 < each.at <= now]
        assert len(within) < cap.most
        sent = noted(sent, Contact(f"new-{number}", now))


@given(st.lists(moments, max_size=100))
def test_what_is_remembered_is_bounded_and_in_order(found: list[int]) -> None:
    known = _remember([Contact(str(i), when) for i, when in enumerate(found)])
    assert len(known) <= MOST_REMEMBERED
    assert known == sorted(known, key=lambda each: each.at)
    assert not known or known[0].at > known[-1].at - HORIZON_SECONDS * 1000


def test_the_same_contact_counts_once() -> None:
    once = noted([], Contact("a", NOW))
    assert noted(once, Contact("a", Millis(NOW + 5))) == once


@given(quiet_hours, st.integers(0, 3 * 366 * 24 * 60))
def test_quiet_lasts_less_than_two_days_and_ends_after_now(quiet: QuietHours, minutes: int) -> None:
    now = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000) + minutes * 60_000
    end = quiet.ends(now)
    if end is not None:
        assert now < end <= now + timedelta(days=2).total_seconds() * 1000
        assert quiet.ends(end) is None
