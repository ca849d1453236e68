"""How fast an endpoint is sent to, and what it must answer before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.attempts import Result
from services.notify.endpoints import Endpoint
from services.notify.ownership import (
    RefusedError,
    challenge,
    check_challenge,
    granted,
    handshake,
)
from services.notify.pace import Pacer, rate_of, slots_of
from shared.events import EndpointId
from shared.signing import verify
from tests.unit.notify.builders import NOW, SECRET, endpoint

EP = EndpointId("ep_1")
TAKEN = Result(milliseconds=1, status=200)


@given(st.lists(st.floats(0, 3), min_size=1, max_size=100), st.floats(0.1, 1_000))
def test_requests_are_never_closer_together_than_the_rate_allows(
    gaps: list[float], rate: float
) -> None:
    pacer, now, last = Pacer(), 0.0, -1e9
    for gap in gaps:
        now += gap
        start = now + pacer.wait(EP, rate, now)
        assert start >= now
        assert start - last >= 1 / rate - 1e-6
        last = start


def test_without_a_rate_nothing_waits_and_endpoints_do_not_wait_for_each_other() -> None:
    pacer = Pacer()
    assert [pacer.wait(EP, None, 0) for _ in range(3)] == [0, 0, 0]
    assert pacer.wait(EP, 1, 0) == 0
    assert pacer.wait(EP, 1, 0) == 1
    assert pacer.wait(EndpointId("ep_2"), 1, 0) == 0


@pytest.mark.parametrize(
    ("one", "rate", "slots"),
    [
        (endpoint(), None, 16),
        (endpoint(rate=3), 3, 6),
        (endpoint(rate=0.1), 0.1, 2),
        (endpoint(rate=100), 100, 16),
        (endpoint(rate=5, allowed_rate=2), 2, 4),
        (endpoint(allowed_rate=0.5), 0.5, 2),
    ],
)
def test_the_slowest_of_the_limits_counts(one: Endpoint, rate: float | None, slots: int) -> None:
    assert rate_of(one) == rate
    assert slots_of(one, 16) == slots


def test_a_challenge_is_signed_and_its_answer_must_have_the_nonce() -> None:
    request = challenge(endpoint(), "nonce-1", NOW // 1000)
    assert verify([SECRET], request.headers, request.body, NOW // 1000)
    for body in ("nonce-1", " nonce-1\n", '{"challenge": "nonce-1"}'):
        check_challenge(Result(milliseconds=1, status=200, body=body), "nonce-1")


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, ""), (200, "nonce-2"), (200, '{"challenge": 1}'), (200, "[]"), (500, "nonce-1")],
)
def test_any_other_answer_to_a_challenge_is_a_refusal(status: int, body: str) -> None:
    with pytest.raises(RefusedError):
        check_challenge(Result(milliseconds=1, status=status, body=body), "nonce-1")


def test_a_handshake_grants_a_rate_in_requests_a_minute() -> None:
    request = handshake(endpoint(rate=2), "steward.example")
    assert request.method == "OPTIONS"
    assert request.headers["webhook-request-origin"] == "steward.example"
    assert request.headers["webhook-request-rate"] == "120"
    for origin in ("steward.example", "*"):
        told = {"webhook-allowed-origin": origin, "webhook-allowed-rate": "90"}
        assert granted(TAKEN, told, "steward.example") == 1.5
    assert granted(TAKEN, {"webhook-allowed-origin": "*"}, "steward.example") == 0


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"webhook-allowed-origin": "other.example"},
        {"webhook-allowed-origin": "*", "webhook-allowed-rate": "0"},
        {"webhook-allowed-origin": "*", "webhook-allowed-rate": "-5"},
        {"webhook-allowed-origin": "*", "webhook-allowed-rate": "lots"},
        {"webhook-allowed-origin": "*", "webhook-allowed-rate": "٣"},
    ],
)
def test_any_other_answer_to_a_handshake_is_a_refusal(told: dict[str, str]) -> None:
    with pytest.raises(RefusedError):
        granted(TAKEN, told, "steward.example")
