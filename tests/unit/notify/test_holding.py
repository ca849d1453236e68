"""Deliveries of an endpoint that is paused, disabled, unverified or left alone."""

from __future__ import annotations

from datetime import timedelta

from services.notify.attempts import Failure, Result
from services.notify.deliveries import State, again
from services.notify.endpoints import Verification
from services.notify.health import HealthPolicy
from shared.actions import Action, ActionKind
from shared.events import Millis
from shared.stream.contracts import Publish
from shared.topics import Topic
from tests.unit.notify.builders import NOW, delivery, endpoint
from tests.unit.notify.life import BROKEN, GONE, OK, Life

LATER = Millis(NOW + 60_000)


def resume(life: Life, number: int) -> int:
    """Ask for a held delivery as the drain does; return how many attempts that starts."""
    id = delivery(number).id
    one = life.tracked(id)
    return len(life.deliver(again(id, one, f"held:{one.held_at}", LATER, "")))


def test_what_comes_during_a_pause_is_held_and_delivered_after_it() -> None:
    life = Life()
    life.know(endpoint(enabled=False))
    assert life.deliver(delivery(1)) == []
    held = life.tracked(delivery(1).id)
    assert (held.state, held.reason, held.made) == (State.HELD, "endpoint_disabled", 0)
    assert resume(life, 1) == 0
    life.know(endpoint())
    assert resume(life, 1) == 1
    assert life.tracked(delivery(1).id).state is State.PENDING


def test_an_endpoint_that_is_not_verified_gets_nothing_until_it_is() -> None:
    life = Life()
    life.know(endpoint(verification=Verification.CHALLENGE))
    assert life.deliver(delivery(1)) == []
    assert life.tracked(delivery(1).id).reason == "endpoint_unverified"
    life.know(endpoint(verification=Verification.CHALLENGE, verified_at=NOW))
    assert resume(life, 1) == 1


def test_what_the_sender_finds_paused_is_held() -> None:
    life = Life()
    [attempt] = life.deliver(delivery(1))
    life.outcome(attempt, Result(milliseconds=0, failure=Failure.ENDPOINT_DISABLED))
    assert life.tracked(attempt.id).state is State.HELD


def test_what_is_held_too_long_is_dead() -> None:
    life = Life()
    life.know(endpoint(enabled=False))
    life.deliver(delivery(1))
    month = timedelta(days=30) // timedelta(milliseconds=1)
    assert life.due(delivery(1).id, NOW + month) == []
    ended = life.tracked(delivery(1).id)
    assert (ended.state, ended.reason) == (State.DEAD, "held_too_long: endpoint_disabled")


def test_the_tenant_is_told_once_when_an_endpoint_is_disabled() -> None:
    life = Life()
    [first] = life.deliver(delivery(1))
    [second] = life.deliver(delivery(2))
    life.outcome(first, GONE, NOW + 1)
    [notice] = [each for each in life.outputs if isinstance(each, Publish)]
    assert notice.topic is Topic.ACTIONS
    assert isinstance(notice.record, Action)
    assert notice.record.kind is ActionKind.OPERATOR_NOTICE
    assert notice.record.details == {"endpoint": "ep_1", "reason": "status_410"}
    life.outcome(second, GONE, NOW + 2)
    assert [each for each in life.outputs if isinstance(each, Publish)] == []


def test_a_dead_delivery_gets_one_more_attempt_when_somebody_asks() -> None:
    life = Life()
    [attempt] = life.deliver(delivery(1))
    life.outcome(attempt, Result(milliseconds=1, failure=Failure.ADDRESS_REFUSED))
    dead = life.tracked(attempt.id)
    assert dead.state is State.DEAD
    [retried] = life.deliver(again(attempt.id, dead, "retry:1", LATER, ""))
    life.outcome(retried, OK, LATER)
    ended = life.tracked(attempt.id)
    assert (ended.state, ended.made) == (State.SUCCEEDED, 2)


def test_what_is_under_way_or_done_is_not_attempted_again_on_request() -> None:
    life = Life()
    [attempt] = life.deliver(delivery(1))
    assert life.deliver(again(attempt.id, attempt.delivery, "retry:0", LATER, "")) == []
    life.outcome(attempt, OK)
    assert life.deliver(again(attempt.id, attempt.delivery, "retry:1", LATER, "")) == []


def test_an_open_breaker_puts_deliveries_off_without_an_attempt_and_then_probes_one() -> None:
    life = Life(health=HealthPolicy(failures=2))
    for number in (1, 2):
        [attempt] = life.deliver(delivery(number))
        life.outcome(attempt, BROKEN, NOW)
    assert life.deliver(delivery(3)) == []
    waiting = life.tracked(delivery(3).id)
    assert waiting.due_at is not None
    assert (waiting.state, waiting.made) == (State.PENDING, 0)
    assert waiting.due_at > NOW + 5_000
    [probe] = life.due(delivery(3).id, waiting.due_at)
    assert life.deliver(delivery(4)) == []
    life.outcome(probe, OK, waiting.due_at)
    assert len(life.deliver(delivery(5))) == 1


def test_an_open_breaker_stops_nobody_elses_deliveries() -> None:
    life = Life(health=HealthPolicy(failures=1))
    [attempt] = life.deliver(delivery(1))
    life.outcome(attempt, BROKEN, NOW)
    assert life.deliver(delivery(2)) == []
    assert len(life.deliver(delivery(2, to="ep_2"))) == 1
