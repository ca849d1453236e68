"""The retry law: never earlier than scheduled, jitter only adds, Retry-After to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.attempts import Failure, Result
from services.notify.retry import RetryPolicy
from shared.events import Millis
from shared.retry_after import retry_after

NOW = Millis(1_700_000_000_000)  # Tue, 14 Nov 2023 22:13:20 GMT
POLICY = RetryPolicy()
REFUSED = Result(milliseconds=5, status=500)


def result(status: int, asked: str = "") -> Result:
    return Result(milliseconds=5, status=status, retry_after=asked)


def test_the_default_schedule_is_the_documented_one() -> None:
    documented = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
    assert POLICY.delays_seconds == documented


@given(st.text(min_size=1), st.integers(1, 8), st.integers(0, 2**45))
def test_a_retry_is_never_early_and_at_most_a_fifth_late(
    delivery: str, made: int, now: int
) -> None:
    wait = POLICY.delays_seconds[made - 1] * 1000
    due = POLICY.next_due(delivery, made, REFUSED, Millis(now))
    assert due is not None
    assert now + wait <= due <= now + wait * 1.2 + 1


@given(st.text(min_size=1), st.integers(1, 8))
def test_the_same_attempt_is_always_due_at_the_same_moment(delivery: str, made: int) -> None:
    moments = {POLICY.next_due(delivery, made, REFUSED, NOW) for _ in range(3)}
    assert len(moments) == 1


def test_jitter_spreads_deliveries_over_its_whole_span() -> None:
    waits = [(POLICY.next_due(f"d{n}", 1, REFUSED, NOW) or 0) - NOW for n in range(2_000)]
    assert min(waits) < 5_050
    assert max(waits) > 5_950
    assert 5_450 < sum(waits) / len(waits) < 5_550


def test_after_the_ninth_attempt_there_is_no_more() -> None:
    assert POLICY.next_due("d", 8, REFUSED, NOW) is not None
    assert POLICY.next_due("d", 9, REFUSED, NOW) is None
    assert POLICY.next_due("d", 9, result(503, "1"), NOW) is None


@pytest.mark.parametrize("status", [429, 503])
@given(seconds=st.integers(0, 86_400))
def test_retry_after_in_seconds_is_obeyed_exactly(status: int, seconds: int) -> None:
    assert POLICY.next_due("d", 1, result(status, str(seconds)), NOW) == NOW + seconds * 1000


def test_retry_after_as_a_date_is_obeyed_exactly() -> None:
    asked = result(503, "Tue, 14 Nov 2023 22:15:00 GMT")
    assert POLICY.next_due("d", 1, asked, NOW) == NOW + 100_000


def test_retry_after_is_capped() -> None:
    policy = RetryPolicy(retry_after_cap_seconds=60)
    assert policy.next_due("d", 1, result(429, "61"), NOW) == NOW + 60_000


@pytest.mark.parametrize("status", [500, 502, 504, 404, 301])
def test_retry_after_counts_on_no_other_status(status: int) -> None:
    due = POLICY.next_due("d", 1, result(status, "86400"), NOW)
    assert due is not None
    assert due <= NOW + 6_001


def test_a_failure_without_an_answer_follows_the_schedule() -> None:
    due = POLICY.next_due("d", 2, Result(milliseconds=1, failure=Failure.TIMEOUT), NOW)
    assert due is not None
    assert due >= NOW + 30_000


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", 0),
        (" 7 ", 7_000),
        ("Tue, 14 Nov 2023 22:13:21 GMT", 1_000),
        ("Tuesday, 14-Nov-23 22:13:21 GMT", 1_000),
        ("Tue Nov 14 22:13:21 2023", 1_000),
        ("Tue, 14 Nov 2023 21:00:00 GMT", 0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("٧", None),
        ("9" * 13, None),
        ("Tue, 99 Nov 2023 22:13:21 GMT", None),
    ],
)
def test_retry_after_is_read_as_http_defines_it(value: str, wait: int | None) -> None:
    assert retry_after(value, NOW) == wait


@given(st.text())
def test_no_retry_after_raises_or_goes_back_in_time(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or wait >= 0
