"""What notify tells of waiting deliveries and endpoints adds up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.backlog import AGES, by_age, by_state
from services.notify.statistics.store import Opened
from shared.events import EndpointId, Millis
from tests.unit.notify.builders import NOW, endpoint


def test_endpoints_are_counted_by_the_age_of_what_waits_for_them() -> None:
    ages = [0, 59.9, 60, 3_599, 3_600, 86_400, 9e9]
    assert by_age(ages) == {"under_1m": 2, "1m_to_1h": 2, "1h_to_1d": 1, "over_1d": 2}


@given(st.lists(st.floats(min_value=0, max_value=1e12)))
def test_every_waiting_endpoint_has_one_age(ages: list[float]) -> None:
    counts = by_age(ages)
    assert list(counts) == [name for name, _ in AGES]
    assert sum(counts.values()) == len(ages)


def test_every_endpoint_is_in_one_state() -> None:
    known = [
        endpoint("ep_1"),
        endpoint("ep_2"),
        endpoint("ep_3"),
        endpoint("ep_4", enabled=False),
        endpoint("ep_5"),
        endpoint("ep_6", enabled_at=Millis(NOW + 10)),
    ]
    disabled = {EndpointId("ep_5"): Millis(NOW + 5), EndpointId("ep_6"): Millis(NOW + 5)}
    states = by_state(known, Opened(open=1, half_open=1), disabled)
    assert states == {"closed": 2, "open": 1, "half_open": 1, "disabled": 1, "paused": 1}
    assert sum(states.values()) == len(known), "ep_6 was enabled again since"
