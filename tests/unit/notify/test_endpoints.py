"""Which endpoint gets which action, and when an endpoint is disabled."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.attempts import Verdict
from services.notify.endpoints import Subscriptions, kinds_matching
from services.notify.health import Breaker, EndpointState, HealthPolicy
from shared.actions import ActionKind
from shared.events import Millis, TenantId
from shared.verdicts import Label
from tests.unit.notify.builders import NOW, TENANT, action, endpoint

DAY = 86_400_000
POLICY = HealthPolicy()


@pytest.mark.parametrize(
    ("patterns", "kinds"),
    [
        (["*"], set(ActionKind)),
        (["message.*"], {kind for kind in ActionKind if kind.startswith("message.")}),
        (["*.delete", "group.alert"], {ActionKind.MESSAGE_DELETE, ActionKind.GROUP_ALERT}),
        (["message.se*d"], {ActionKind.MESSAGE_SEND}),
        (["message"], set()),
        (["message?delete"], set()),
        ([""], set()),
    ],
)
def test_a_star_stands_for_any_characters_and_nothing_else_is_special(
    patterns: list[str], kinds: set[ActionKind]
) -> None:
    assert kinds_matching(patterns) == kinds


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, True),
        ({"kinds": ["message.*"]}, True),
        ({"kinds": ["member.*"]}, False),
        ({"groups": ["g1", "g2"]}, True),
        ({"groups": ["g2"]}, False),
        ({"labels": [Label.GAMBLING, Label.FRAUD]}, True),
        ({"labels": [Label.PORN]}, False),
        ({"enabled": False}, True),
        ({"condition": 'action.labels.contains("fraud") && action.text == ""'}, True),
        ({"condition": 'action.group == "g2"'}, False),
        ({"tenant": TenantId("other")}, False),
    ],
)
def test_filters_narrow_what_an_endpoint_gets(filters: dict[str, Any], wanted: bool) -> None:
    subscriptions = Subscriptions.of([endpoint(**filters)])
    found = subscriptions.wanting(action(labels=[Label.FRAUD]))
    assert [each.id for each in found] == (["ep_1"] if wanted else [])


def state(**values: Millis | None) -> EndpointState:
    return EndpointState(tenant=TENANT, **values)  # type: ignore[arg-type]


def test_a_success_ends_a_time_of_failure() -> None:
    failing = state().after(Verdict.RETRY, "status_500", NOW, POLICY)
    assert failing.failing_since == NOW
    assert failing.after(Verdict.SUCCEEDED, "", NOW, POLICY) == state()
    assert state().after(Verdict.SUCCEEDED, "", NOW, POLICY) == state()


def test_five_days_of_failure_disable_an_endpoint_and_not_a_moment_less() -> None:
    failing = state(failing_since=NOW)
    almost = failing.after(Verdict.RETRY, "timeout", Millis(NOW + 5 * DAY - 1), POLICY)
    assert almost.disabled_at is None
    ended = failing.after(Verdict.RETRY, "timeout", Millis(NOW + 5 * DAY), POLICY)
    assert (ended.disabled_at, ended.reason) == (NOW + 5 * DAY, "failing")


def test_gone_disables_at_once() -> None:
    gone = state().after(Verdict.GONE, "status_410", NOW, POLICY)
    assert (gone.disabled_at, gone.reason) == (NOW, "status_410")


def test_enabling_again_forgives_what_was_before() -> None:
    disabled = state(failing_since=NOW, disabled_at=Millis(NOW + 10))
    assert disabled.since(NOW) is disabled
    assert disabled.since(Millis(NOW + 10)) is disabled
    assert disabled.since(Millis(NOW + 11)) == state()


def failing(times: int, start: EndpointState | None = None, at: int = NOW) -> EndpointState:
    one = start or state()
    for _ in range(times):
        one = one.after(Verdict.RETRY, "status_500", Millis(at), POLICY)
    return one


def test_failures_in_a_row_open_the_breaker_and_a_success_between_them_does_not() -> None:
    almost = failing(POLICY.failures - 1)
    assert almost.breaker(NOW) is Breaker.CLOSED
    assert failing(1, almost).breaker(NOW) is Breaker.OPEN
    recovered = almost.after(Verdict.SUCCEEDED, "", NOW, POLICY)
    assert failing(1, recovered).breaker(NOW) is Breaker.CLOSED


def test_an_open_breaker_lets_a_probe_through_and_waits_twice_as_long_when_it_fails() -> None:
    once = failing(POLICY.failures)
    assert once.open_until == NOW + 5_000
    assert failing(3, once) == once
    assert once.breaker(Millis(NOW + 5_000)) is Breaker.HALF_OPEN
    twice = failing(1, once, NOW + 5_000)
    assert twice.open_until == NOW + 5_000 + 10_000
    assert twice.after(Verdict.SUCCEEDED, "", Millis(NOW + 20_000), POLICY) == state()


def test_the_pause_of_a_breaker_grows_to_five_minutes_and_no_further() -> None:
    one, now = failing(POLICY.failures), int(NOW)
    for _ in range(100):
        now = one.open_until
        one = failing(1, one, now)
    assert one.open_until == now + 300_000
