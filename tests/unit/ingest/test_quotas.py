from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.quotas import DAY_SECONDS, OverQuota, Quotas
from shared.events import TenantId
from shared.web.keys import ApiKey, Limits


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def key_with(id: str = "key_1", **limits: int) -> ApiKey:
    return ApiKey(
        id=id,
        hash="",
        tenant=TenantId("acme"),
        name="",
        last_four="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        limits=Limits(**limits),
    )


def test_requests_beyond_the_limit_are_told_to_wait_and_pass_when_they_did() -> None:
    watch = Watch()
    quotas, key = Quotas(watch), key_with(requests_per_second=2)
    quotas.begin(key)
    quotas.begin(key)
    with pytest.raises(OverQuota) as refused:
        quotas.begin(key)
    assert refused.value.status == 429
    assert refused.value.headers == {
        "Retry-After": "1",
        "RateLimit-Policy": '"requests-per-second";q=2;qu="requests";w=1',
        "RateLimit": '"requests-per-second";r=0;t=1',
    }
    watch.now += 0.5
    quotas.begin(key)


def test_events_are_counted_not_only_requests() -> None:
    quotas, key = Quotas(Watch()), key_with(events_per_second=10, events_per_day=1_000)
    quotas.begin(key)
    quotas.spend(key, 7)
    assert quotas.headers(key)["RateLimit"] == (
        '"events-per-second";r=3;t=1, "events-per-day";r=993;t=605'
    )
    with pytest.raises(OverQuota):
        quotas.spend(key, 4)
    quotas.spend(key, 3)
    with pytest.raises(OverQuota):
        quotas.begin(key)  # before its body is read


def test_a_batch_larger_than_the_quota_passes_and_is_paid_off_afterwards() -> None:
    watch = Watch()
    quotas, key = Quotas(watch), key_with(events_per_second=10)
    quotas.spend(key, 35)
    watch.now += 2.4
    with pytest.raises(OverQuota):
        quotas.spend(key, 1)
    watch.now += 0.2
    quotas.spend(key, 1)


def test_a_day_s_quota_says_how_long_until_the_next_event() -> None:
    quotas, key = Quotas(Watch()), key_with(events_per_day=24)
    quotas.spend(key, 24)
    with pytest.raises(OverQuota) as refused:
        quotas.begin(key)
    assert refused.value.headers["Retry-After"] == str(DAY_SECONDS // 24)


def test_keys_do_not_share_and_new_limits_count_at_once() -> None:
    quotas = Quotas(Watch())
    quotas.spend(key_with(events_per_second=1), 1)
    quotas.spend(key_with("key_2", events_per_second=1), 1)
    with pytest.raises(OverQuota):
        quotas.spend(key_with(events_per_second=1), 1)
    quotas.spend(key_with(events_per_second=5), 1)


def test_a_key_without_limits_is_neither_counted_nor_told() -> None:
    quotas, key = Quotas(Watch()), key_with()
    quotas.begin(key)
    quotas.spend(key, 10**9)
    assert quotas.headers(key) == {}


@given(
    quota=st.integers(1, 50),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 80)), max_size=40),
)
def test_no_more_passes_than_the_quota_the_time_and_one_oversized_batch_allow(
    quota: int, steps: list[tuple[float, int]]
) -> None:
    watch = Watch()
    start = watch.now
    quotas, key = Quotas(watch), key_with(events_per_second=quota)
    passed = 0
    for seconds, events in steps:
        watch.now += seconds
        try:
            quotas.spend(key, events)
        except OverQuota:
            continue
        passed += events
        assert passed <= quota * (1 + watch.now - start) + max(0, events - quota) + 1e-6
