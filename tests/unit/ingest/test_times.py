from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.rejection import RejectedEvent
from services.ingest.times import AHEAD, EARLIEST, LATEST, settle

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp()) * 1000


def test_an_event_without_a_time_happens_now() -> None:
    assert settle(None, NOW) == (NOW_MS, False)


def test_the_zone_does_not_matter() -> None:
    there = timezone(timedelta(hours=8))
    assert settle(NOW.astimezone(there), NOW) == (NOW_MS, False)


def test_a_clock_may_run_five_minutes_ahead_and_no_more() -> None:
    assert settle(NOW + AHEAD, NOW) == (NOW_MS + 300_000, False)
    assert settle(NOW + AHEAD + timedelta(milliseconds=1), NOW) == (NOW_MS + 300_000, True)


@pytest.mark.parametrize("claimed", [EARLIEST - timedelta(seconds=1), LATEST])
def test_a_time_that_no_clock_shows_is_rejected(claimed: datetime) -> None:
    with pytest.raises(RejectedEvent) as raised:
        settle(claimed, NOW)
    assert raised.value.pointer == "/time"


@given(st.integers(0, 3_155_000_000_000))
def test_events_keep_their_order(milliseconds: int) -> None:
    claimed = EARLIEST + timedelta(milliseconds=milliseconds)
    later = claimed + timedelta(milliseconds=1)
    assert settle(claimed, NOW).time <= settle(later, NOW).time <= NOW_MS + 300_000
