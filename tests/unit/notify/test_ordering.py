"""Ordered deliveries: one after the other in their lane, whatever fails, waits or crashes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.deliveries import Attempt, State, delivery_to
from services.notify.endpoints import Ordering
from services.notify.lanes import lane_of
from services.notify.retry import RetryPolicy
from services.notify.slots import Limits
from shared.actions import Delivery
from shared.events import EndpointId, GroupId
from tests.unit.notify.builders import NOW, action, endpoint
from tests.unit.notify.life import BROKEN, LEASE_MS, OK, Life

EP = EndpointId("ep_1")


def ordered(number: int, group: str = "g1", ordering: Ordering = Ordering.GROUP) -> Delivery:
    one = action(number, group=GroupId(group))
    return delivery_to(EP, one, "", lane_of(endpoint(ordering=ordering), one))


def test_the_next_of_a_group_is_attempted_once_the_one_before_has_succeeded() -> None:
    life = Life()
    [first] = life.deliver(ordered(1))
    assert life.deliver(ordered(2)) == []
    assert life.deliver(ordered(3)) == []
    [second] = life.outcome(first, OK, NOW + 5)
    assert second.id == ordered(2).id
    [third] = life.outcome(second, OK, NOW + 9)
    assert third.id == ordered(3).id


def test_another_group_does_not_wait() -> None:
    life = Life()
    life.deliver(ordered(1))
    assert len(life.deliver(ordered(2, "g2"))) == 1


def test_in_strict_order_another_group_waits_too() -> None:
    life = Life()
    [first] = life.deliver(ordered(1, "g1", Ordering.STRICT))
    assert life.deliver(ordered(2, "g2", Ordering.STRICT)) == []
    assert len(life.outcome(first, OK)) == 1


def test_a_failing_first_holds_up_its_lane_until_it_is_dead() -> None:
    life = Life(policy=RetryPolicy(delays_seconds=(60,)))
    [first] = life.deliver(ordered(1))
    life.deliver(ordered(2))
    assert life.outcome(first, BROKEN, NOW + 10) == []
    due_at = life.tracked(first.id).due_at
    assert due_at is not None
    assert life.due(ordered(2).id, NOW + LEASE_MS) == []
    waiting = life.tracked(ordered(2).id).due_at
    assert waiting is not None
    assert waiting >= due_at
    [again] = life.due(first.id, due_at)
    [second] = life.outcome(again, BROKEN, due_at)
    assert second.id == ordered(2).id
    assert life.tracked(first.id).state is State.DEAD


def test_a_restart_does_not_let_a_later_one_pass() -> None:
    life = Life()
    life.deliver(ordered(1))
    life.deliver(ordered(2))
    life.crash()
    assert life.deliver(ordered(3)) == []
    assert life.due(ordered(2).id, NOW + LEASE_MS) == []
    [first] = life.due(ordered(1).id, NOW + LEASE_MS)
    [second] = life.outcome(first, OK, NOW + LEASE_MS)
    assert second.id == ordered(2).id


class World:
    """A partition, what is under way, and what has come to its end in each lane."""

    def __init__(self, most: int) -> None:
        self.life = Life(Limits(waiting=most), RetryPolicy(delays_seconds=(5, 5)))
        self.under_way: list[Attempt] = []
        self.finished: dict[str, list[int]] = {}
        self.now = int(NOW)
        self.count = 0

    def start(self, attempts: list[Attempt]) -> None:
        for one in attempts:
            assert one.delivery.number == len(self.finished.get(one.delivery.lane, [])) + 1
            self.under_way.append(one)

    def deliver(self, group: int) -> None:
        self.count += 1
        self.start(self.life.deliver(ordered(self.count, f"g{group}")))

    def end(self, good: bool) -> None:
        if not self.under_way:
            return
        one = self.under_way.pop(0)
        started = self.life.outcome(one, OK if good else BROKEN, self.now)
        tracked = self.life.tracked(one.id)
        if tracked.finished_at is not None:
            self.finished.setdefault(tracked.lane, []).append(tracked.number)
        self.start(started)

    def crash(self) -> None:
        self.life.crash()
        self.under_way.clear()

    def wait(self, milliseconds: int) -> None:
        self.now += milliseconds
        for id in self.life.all_due(self.now):
            self.start(self.life.due(id, self.now))


@pytest.mark.parametrize("most", [0, 1, 5])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("deliver"), st.integers(0, 2)),
            st.tuples(st.just("end"), st.booleans()),
            st.tuples(st.just("wait"), st.just(8_000)),
            st.just(("crash",)),
        ),
        max_size=60,
    )
)
def test_whatever_happens_a_lane_keeps_its_order_and_comes_to_its_end(
    most: int, steps: list[tuple[Any, ...]]
) -> None:
    world = World(most)
    for what, *given_values in steps:
        world.now += 1_000
        getattr(world, what)(*given_values)
    for _ in range(world.count * 6 + 6):
        while world.under_way:
            world.end(good=True)
        world.wait(40_000)
    assert sum(map(len, world.finished.values())) == world.count
    assert all(done == sorted(done) for done in world.finished.values())
