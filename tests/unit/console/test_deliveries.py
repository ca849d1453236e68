"""Endpoints and deliveries as the console reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.console.answers.deliveries import (
    Attempt,
    Delivery,
    Endpoint,
    Standing,
    State,
    StateCount,
    Traffic,
    lines_of,
)
from services.console.catalogue import messages
from services.notify.attempts import Failure
from services.notify.deliveries import State as NotifyState
from services.notify.endpoints import EndpointType, Ordering, Scheme
from services.notify.health import Breaker
from shared.actions import ActionKind
from tests.unit.console.endpoints import endpoint

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def delivery(id: str, minutes_ago: int, reason: str, endpoint: str = "ep_1") -> Delivery:
    return Delivery(
        id=id,
        webhook_id=id,
        replay=False,
        endpoint=endpoint,
        kind="member.warn",
        group="g",
        state=State.DEAD,
        reason=reason,
        attempts_made=3,
        created_at=NOW - timedelta(minutes=minutes_ago),
    )


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({}, Standing.ACTIVE),
        ({"failing_since": NOW}, Standing.FAILING),
        ({"failing_since": NOW, "breaker": "half_open"}, Standing.PROBING),
        ({"failing_since": NOW, "breaker": "open"}, Standing.RESTING),
        ({"verified": False, "breaker": "open"}, Standing.UNVERIFIED),
        ({"enabled": False, "verified": False}, Standing.PAUSED),
        ({"enabled": False, "disabled_by_steward": "failing"}, Standing.DISABLED),
    ],
)
def test_what_stops_every_delivery_is_told_before_what_slows_them(
    values: dict[str, Any], standing: Standing
) -> None:
    assert endpoint(**values).standing is standing


def test_every_state_of_a_breaker_has_its_word() -> None:
    told = {endpoint(breaker=breaker.value).standing for breaker in Breaker}
    assert told == {Standing.ACTIVE, Standing.RESTING, Standing.PROBING}


def test_an_endpoint_is_called_by_its_description_else_by_its_host() -> None:
    assert endpoint(description="shop").title == "shop"
    assert endpoint().title == "hooks.example.com"


def test_the_success_rate_counts_only_what_has_ended() -> None:
    counts = [
        StateCount("ep_1", State.SUCCEEDED, 8),
        StateCount("ep_2", State.SUCCEEDED, 1),
        StateCount("ep_1", State.DEAD, 1),
        StateCount("ep_1", State.HELD, 5),
        StateCount("ep_1", State.PENDING, 2),
    ]
    traffic = Traffic.of(counts)
    assert traffic.success_rate == 0.9
    assert (traffic.total, traffic.backlog) == (17, 7)
    assert Traffic({State.HELD: 3}).success_rate is None


def test_endpoints_that_need_a_person_come_first_with_their_latest_failure() -> None:
    endpoints = [endpoint("ep_1", description="a"), endpoint("ep_2", breaker="open")]
    failures = [
        delivery("new", 1, "status_500"),
        delivery("old", 9, "timeout"),
        delivery("waits", 0, ""),
    ]
    lines = lines_of(endpoints, [StateCount("ep_2", State.HELD, 4)], failures)
    assert [line.endpoint.id for line in lines] == ["ep_2", "ep_1"]
    assert lines[1].failure is not None
    assert lines[1].failure.id == "new"
    assert (lines[0].failure, lines[0].traffic.backlog) == (None, 4)


@pytest.mark.parametrize(
    ("status", "failure", "succeeded"),
    [(204, "", True), (302, "", False), (500, "", False), (0, "timeout", False)],
)
def test_an_attempt_succeeds_with_an_answer_of_two_hundred_and_some(
    status: int, failure: str, succeeded: bool
) -> None:
    attempt = Attempt(1, NOW, 5, 4, "POST", status, failure, "")
    assert attempt.succeeded is succeeded


def test_the_console_knows_the_words_of_notify() -> None:
    assert {state.value for state in State} == {state.value for state in NotifyState}
    families = {
        "delivery": State,
        "standing": Standing,
        "reason": Failure,
        "action": ActionKind,
        "ordering": Ordering,
        "signature": Scheme,
        "endpoint_type": EndpointType,
    }
    wanted = {f"{family}.{each.value}" for family, kinds in families.items() for each in kinds}
    assert wanted - messages().keys() == set()


def test_fields_that_the_console_does_not_know_are_left_out() -> None:
    told = msgspec.json.encode({**msgspec.to_builtins(endpoint()), "headers": {}, "new": 1})
    assert msgspec.json.decode(told, type=Endpoint) == endpoint()
