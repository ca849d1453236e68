"""Slots: an endpoint's attempts are bounded, and nobody waits for another's slowness."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from services.notify.slots import Admission, Limits, Slots
from shared.events import EndpointId, Millis, TenantId

SLOW, QUICK = EndpointId("slow"), EndpointId("quick")
NOW = Millis(1_700_000_000_000)
TENANT = TenantId("acme")
T = TypeVar("T")


def admit(
    slots: Slots[T], endpoint: EndpointId, id: str, attempt: T, tenant: TenantId = TENANT
) -> Admission:
    return slots.admit(endpoint, tenant, id, attempt, slots._limits.per_endpoint)


def fill(slots: Slots[str], endpoint: EndpointId, count: int) -> list[Admission]:
    ids = [f"{endpoint}{number}" for number in range(count)]
    return [admit(slots, endpoint, id, id) for id in ids]


def test_an_endpoint_has_so_many_slots_and_the_rest_waits_then_defers() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=2, waiting_per_endpoint=3))
    admitted = fill(slots, SLOW, 6)
    assert admitted == [Admission.START] * 2 + [Admission.WAIT] * 3 + [Admission.DEFER]
    assert slots.holds("slow4")
    assert not slots.holds("slow5")


def test_a_full_endpoint_does_not_keep_another_from_starting() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=2, running=2, waiting_per_endpoint=3, waiting=3))
    fill(slots, SLOW, 9)
    assert admit(slots, QUICK, "q", "q") is Admission.START


def test_a_freed_slot_goes_to_the_endpoints_next_attempt_in_order() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=1))
    fill(slots, SLOW, 3)
    assert slots.release(SLOW, "slow0", 5) == ["slow1"]
    assert slots.release(SLOW, "slow1", 5) == ["slow2"]
    assert slots.release(SLOW, "slow2", 5) == []
    assert not slots.holds("slow2")


def test_under_the_common_limit_freed_slots_go_round() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=4, running=4))
    fill(slots, SLOW, 6)
    assert fill(slots, QUICK, 3) == [Admission.START, Admission.WAIT, Admission.WAIT]
    assert slots.release(SLOW, "slow0", 5) == []  # the exception for `quick` is paid back
    assert slots.release(SLOW, "slow1", 5) == ["slow4"]
    assert slots.release(SLOW, "slow2", 5) == ["quick1"]
    assert slots.release(SLOW, "slow3", 5) == ["slow5"]


def test_a_tenant_with_many_endpoints_gets_no_more_freed_slots_than_another() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=8, running=8))
    many, one = TenantId("many"), TenantId("one")
    for number in range(8):
        for endpoint in range(4):
            admit(slots, EndpointId(f"m{endpoint}"), f"m{endpoint}-{number}", "many", many)
    for number in range(8):
        admit(slots, EndpointId("o"), f"o-{number}", "one", one)
    running = [f"m{endpoint}-{number}" for number in range(2) for endpoint in range(4)]
    served = [slots.release(EndpointId(id[:2]), id, 5) for id in running]
    assert [each for started in served for each in started].count("one") >= 3


def test_a_receiver_with_too_much_to_do_gets_half_as_much_at_once_and_slowly_more_again() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=8))
    fill(slots, SLOW, 40)
    assert slots.release(SLOW, "slow0", 5, throttled=True) == []
    started = [slots.release(SLOW, f"slow{number}", 5) for number in range(1, 8)]
    assert slots.running(SLOW) == 5
    assert sum(map(len, started)) == 5


def test_a_receiver_that_only_complains_still_gets_one_at_a_time() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=8))
    fill(slots, SLOW, 20)
    started = [f"slow{number}" for number in range(8)]
    for _ in range(15):
        started += slots.release(SLOW, started.pop(0), 5, throttled=True)
    assert slots.running(SLOW) == 1


def test_what_was_not_started_here_is_not_released() -> None:
    slots: Slots[str] = Slots(Limits())
    assert slots.release(SLOW, "unknown", 5) == []
    fill(slots, SLOW, 1)
    assert slots.release(SLOW, "unknown", 5) == []
    assert slots.holds("slow0")


def test_waiting_attempts_can_be_dropped_at_once() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=1))
    fill(slots, SLOW, 5)
    slots.drop_waiting(SLOW)
    assert not slots.holds("slow3")
    assert slots.release(SLOW, "slow0", 5) == []


def test_deferred_attempts_book_the_endpoints_time_one_after_the_other() -> None:
    slots: Slots[str] = Slots(Limits(per_endpoint=1, waiting_per_endpoint=1))
    fill(slots, SLOW, 2)
    booked = [slots.defer(SLOW, NOW) for _ in range(10_000)]
    assert booked[:3] == [NOW + 1_100, NOW + 1_200, NOW + 1_300]
    assert all(NOW + 1_000 <= moment < NOW + 302_000 for moment in booked)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 40)), max_size=200))
def test_whatever_comes_slots_are_neither_lost_nor_exceeded(
    steps: list[tuple[bool, int, int]],
) -> None:
    limits = Limits(per_endpoint=2, running=5, waiting_per_endpoint=3, waiting=8)
    slots: Slots[tuple[EndpointId, str]] = Slots(limits)
    running: set[tuple[EndpointId, str]] = set()
    waiting: set[tuple[EndpointId, str]] = set()
    for arrives, number, step in steps:
        endpoint = EndpointId(f"e{number}")
        if arrives:
            attempt = (endpoint, f"{endpoint}/{step}")
            if slots.holds(attempt[1]):
                continue
            admission = admit(slots, endpoint, attempt[1], attempt)
            {Admission.START: running, Admission.WAIT: waiting}.get(admission, set()).add(attempt)
        elif running:
            ended = sorted(running)[step % len(running)]
            running.remove(ended)
            started = slots.release(*ended, 10)
            assert waiting.issuperset(started)
            waiting.difference_update(started)
            running.update(started)
        per_endpoint = [sum(each[0] == f"e{n}" for each in running) for n in range(5)]
        assert max(per_endpoint) <= limits.per_endpoint
        assert len(waiting) <= limits.waiting
        assert len(running) <= limits.running + 4
        for name in {each[0] for each in waiting}:
            assert any(each[0] == name for each in running), "a lane waits though nothing runs"
    while running:
        ended = running.pop()
        started = slots.release(*ended, 10)
        waiting.difference_update(started)
        running.update(started)
    assert not waiting
