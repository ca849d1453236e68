"""The stage, folded without Kafka, MongoDB or HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.attempts import BY_FAILURE, Failure, Result
from services.notify.deliveries import MOST_LOGGED, Attempt, State
from services.notify.endpoints import Subscriptions
from services.notify.retry import RetryPolicy
from services.notify.slots import Limits
from services.notify.terms import STATE, TRACKED
from shared.actions import Delivery
from shared.events import Millis, TenantId
from shared.stream.contracts import Publish
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from tests.unit.notify.builders import NOW, action, delivery, endpoint, record
from tests.unit.notify.life import BROKEN, LEASE_MS, OK, Life


def test_an_action_becomes_one_delivery_for_each_endpoint_that_wants_it() -> None:
    life = Life()
    life.known.subscriptions = Subscriptions.of(
        [endpoint("ep_1"), endpoint("ep_2", kinds=["member.*"]), endpoint("ep_3")]
    )
    outputs = fold(life.partition, [record(action(), trace="t")], life.documents)
    published = [each for each in outputs if isinstance(each, Publish)]
    assert [(each.topic, each.record.key) for each in published] == [
        (Topic.DELIVERIES, "ep_1"),
        (Topic.DELIVERIES, "ep_3"),
    ]
    assert published == fold(life.partition, [record(action(), trace="t")], life.documents)
    assert isinstance(published[0].record, Delivery)
    assert published[0].record.trace == "t"


def test_no_action_reaches_another_tenants_endpoint() -> None:
    outputs = fold(Life().partition, [record(action(tenant=TenantId("other")))], MemoryDocuments())
    assert outputs == []


def test_a_delivery_is_leased_attempted_at_once_and_ends_with_success() -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    assert life.tracked(attempt.id).due_at == NOW + LEASE_MS
    assert life.outcome(attempt, OK, NOW + 50) == []
    ended = life.tracked(attempt.id)
    assert (ended.state, ended.due_at, ended.made) == (State.SUCCEEDED, None, 1)
    assert ended.expires_at == datetime.fromtimestamp((NOW + 50) / 1000, UTC) + timedelta(days=30)
    assert [(each.status, each.body) for each in ended.attempts] == [(200, "ok")]


def test_a_repeated_delivery_is_not_attempted_beside_the_first() -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    assert life.deliver(delivery()) == []
    assert life.outcome(attempt, OK) == []


def test_a_new_delivery_is_attempted_without_asking_for_its_document() -> None:
    read = {kind for kind, _ in Life().partition.keys(record(delivery()))}
    assert read == {STATE}


def test_a_failed_attempt_is_made_again_when_due_and_not_before() -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    life.outcome(attempt, BROKEN, NOW + 10)
    due_at = life.tracked(attempt.id).due_at
    assert due_at is not None
    assert NOW + 5_010 <= due_at <= NOW + 6_011
    assert life.due(attempt.id, due_at - 1) == []
    [second] = life.due(attempt.id, due_at)
    assert second.delivery.made == 1
    assert life.due(attempt.id, due_at + LEASE_MS) == []


def test_an_attempt_lost_in_a_crash_is_made_again_when_its_lease_ends() -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    life.crash()
    [again] = life.due(attempt.id, NOW + LEASE_MS)
    assert again.id == attempt.id
    assert again.delivery.webhook_id == attempt.delivery.webhook_id


def test_a_lease_that_ends_while_the_attempt_is_known_is_only_prolonged() -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    assert life.due(attempt.id, NOW + LEASE_MS) == []
    assert life.tracked(attempt.id).due_at == NOW + 2 * LEASE_MS


def test_after_the_schedule_a_delivery_is_dead_and_its_log_is_bounded() -> None:
    life = Life(policy=RetryPolicy(delays_seconds=(1,) * 20))
    [attempt] = life.deliver(delivery())
    now, made = NOW, 1
    life.outcome(attempt, BROKEN, now)
    while (due_at := life.tracked(attempt.id).due_at) is not None:
        [attempt] = life.due(attempt.id, due_at)
        life.outcome(attempt, BROKEN, due_at)
        made += 1
    ended = life.tracked(attempt.id)
    assert made == ended.made == 21
    assert (ended.state, ended.reason) == (State.DEAD, "attempts_exhausted: status_500")
    assert [each.number for each in ended.attempts] == list(range(22 - MOST_LOGGED, 22))


def test_gone_ends_the_delivery_and_disables_the_endpoint_whose_others_are_held() -> None:
    life = Life(Limits(per_endpoint=1))
    [attempt] = life.deliver(delivery(1))
    assert life.deliver(delivery(2)) == []
    assert life.outcome(attempt, Result(milliseconds=5, status=410), NOW + 1) == []
    assert life.tracked(attempt.id).reason == "status_410"
    assert life.deliver(delivery(3)) == []
    assert life.due(delivery(2).id, NOW + LEASE_MS) == []
    for number in (2, 3):
        held = life.tracked(delivery(number).id)
        assert (held.state, held.reason) == (State.HELD, "endpoint_disabled")
    assert len(life.deliver(delivery(4, to="ep_2"))) == 1


def test_an_endpoint_that_was_enabled_again_is_delivered_to() -> None:
    life = Life()
    [attempt] = life.deliver(delivery(1))
    life.outcome(attempt, Result(milliseconds=5, status=410), NOW + 1)
    life.known.subscriptions = Subscriptions.of([endpoint("ep_1", enabled_at=Millis(NOW + 2))])
    [attempt] = life.deliver(delivery(2))
    life.outcome(attempt, BROKEN, NOW + 9)
    state = life.documents.by_key[STATE, "ep_1"]
    assert (state.disabled_at, state.failing_since) == (None, NOW + 9)


@pytest.mark.parametrize("failure", [f for f in Failure if BY_FAILURE[f].final])
def test_a_final_failure_is_not_tried_again(failure: Failure) -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    life.outcome(attempt, Result(milliseconds=1, failure=failure))
    ended = life.tracked(attempt.id)
    assert (ended.state, ended.reason, ended.due_at) == (State.DEAD, failure.value, None)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 429, 500, 503, 599, 999, 42])
def test_every_other_status_is_tried_again(status: int) -> None:
    life = Life()
    [attempt] = life.deliver(delivery())
    life.outcome(attempt, Result(milliseconds=1, status=status))
    assert life.tracked(attempt.id).state is State.PENDING


def test_an_interrupted_attempt_frees_its_slot_and_starts_nothing() -> None:
    life = Life(Limits(per_endpoint=1))
    [attempt] = life.deliver(delivery(1))
    life.deliver(delivery(2))
    interrupted = Result(milliseconds=1, failure=Failure.INTERRUPTED)
    assert life.outcome(attempt, interrupted, NOW) == []
    assert (STATE, "ep_1") not in life.documents.by_key
    [second] = life.due(delivery(2).id, NOW + LEASE_MS)
    assert second.id == delivery(2).id


def test_an_outcome_from_before_a_crash_counts_but_frees_no_slot() -> None:
    life = Life(Limits(per_endpoint=1))
    [attempt] = life.deliver(delivery(1))
    life.crash()
    [other] = life.deliver(delivery(2))
    assert life.outcome(attempt, OK, NOW) == []
    assert life.tracked(attempt.id).state is State.SUCCEEDED
    assert life.deliver(delivery(3)) == []
    assert [each.id for each in life.outcome(other, OK, NOW)] == [delivery(3).id]


def test_a_slow_endpoint_fills_its_own_slots_and_nobody_elses() -> None:
    life = Life(Limits(per_endpoint=2, running=4, waiting_per_endpoint=2, waiting=4))
    started = [len(life.deliver(delivery(number, to="ep_1"))) for number in range(10)]
    assert started == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert len(life.deliver(delivery(1, to="ep_2"))) == 1
    deferred = life.tracked(delivery(9, to="ep_1").id).due_at
    assert deferred is not None
    assert NOW + 1_000 < deferred < NOW + LEASE_MS


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.booleans()), max_size=120))
def test_whatever_happens_no_delivery_has_two_attempts_under_way_or_is_forgotten(
    steps: list[tuple[int, int, bool]],
) -> None:
    life = Life(
        Limits(per_endpoint=2, waiting_per_endpoint=1),
        RetryPolicy(delays_seconds=(5,) * 3),
    )
    under_way: dict[str, Attempt] = {}
    now = int(NOW)
    for what, number, good in steps:
        now += 2_000
        one = delivery(number)
        started: list[Attempt] = []
        if what == 0:
            started = life.deliver(one)
        elif what == 1 and one.id in under_way:
            started = life.outcome(under_way.pop(one.id), OK if good else BROKEN, now)
        elif what == 2 and (TRACKED, one.id) in life.documents.by_key:
            started = life.due(one.id, now)
        for attempt in started:
            assert attempt.id not in under_way
            under_way[attempt.id] = attempt
    for (kind, id), document in life.documents.by_key.items():
        if kind is TRACKED:
            assert document.state in (State.PENDING, State.SUCCEEDED, State.DEAD)
            assert (document.state is State.PENDING) == (document.due_at is not None)
            assert document.state is State.PENDING or id not in under_way
