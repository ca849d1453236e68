"""Who may attempt now: slots per endpoint, so that a slow one never delays another. Pure."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from shared.events import EndpointId, Millis, TenantId

T = TypeVar("T")

_SMOOTHING = 0.2
_SHORTEST_DEFERRAL = 1_000
_DEFERRAL_WINDOW = 300_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many attempts run and wait at once in one partition.

    `per_endpoint` run to one endpoint and `running` in all, except that an
    endpoint with none under way may always start one. `waiting_per_endpoint`
    and `waiting` may wait in memory; what exceeds them waits in MongoDB.
    """

    per_endpoint: int = 16
    running: int = 512
    waiting_per_endpoint: int = 2_048
    waiting: int = 8_192


class Admission(StrEnum):
    """What happens to an attempt that asks for a slot."""

    START = "start"
    WAIT = "wait"
    DEFER = "defer"


@dataclass(slots=True)
class _Lane(Generic[T]):
    """One endpoint's attempts: how many run, which wait, and how fast they go.

    At most `most` run, and `window` of them while the receiver has too much to
    do: halved each time it says so, and one more for each round that it does not
    (additive increase, multiplicative decrease).
    """

    tenant: TenantId
    most: int
    window: float
    running: int = 0
    waiting: deque[tuple[str, T]] = field(default_factory=deque)
    typical_ms: float = 100.0
    booked_until: float = 0.0


class Slots(Generic[T]):
    """The attempts of one partition, each known by its delivery's id.

    Freed slots go round the tenants that have attempts waiting, and for each
    round its endpoints.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lanes: dict[EndpointId, _Lane[T]] = {}
        self._turns: OrderedDict[TenantId, OrderedDict[EndpointId, None]] = OrderedDict()
        self._held: set[str] = set()
        self._running = 0

    def holds(self, id: str) -> bool:
        """Whether this delivery's attempt is running or waiting."""
        return id in self._held

    def running(self, endpoint: EndpointId) -> int:
        """Return how many attempts run to this endpoint."""
        lane = self._lanes.get(endpoint)
        return 0 if lane is None else lane.running

    def admit(
        self, endpoint: EndpointId, tenant: TenantId, id: str, attempt: T, most: int
    ) -> Admission:
        """Take an attempt in, to run or to wait; refuse it if there is no room to wait.

        At most `most` run to this endpoint from now on.
        """
        lane = self._lanes.setdefault(endpoint, _Lane(tenant, most, most))
        lane.most, lane.window = most, min(lane.window, most)
        if not lane.waiting and self._may_run(lane):
            self._run(lane)
            self._held.add(id)
            return Admission.START
        waiting = len(self._held) - self._running
        if waiting >= self._limits.waiting:
            return Admission.DEFER
        if len(lane.waiting) >= self._limits.waiting_per_endpoint:
            return Admission.DEFER
        lane.waiting.append((id, attempt))
        self._held.add(id)
        self._turns.setdefault(tenant, OrderedDict())[endpoint] = None
        return Admission.WAIT

    def defer(self, endpoint: EndpointId, now: Millis) -> Millis:
        """Return when to ask again for a refused attempt.

        Refused attempts book the endpoint's time one after the other at the
        rate it has shown, at most five minutes ahead: beyond that they are
        spread over those five minutes, to be booked again.
        """
        lane = self._lanes[endpoint]
        start = now + _SHORTEST_DEFERRAL
        step = lane.typical_ms / lane.window
        lane.booked_until = max(lane.booked_until, start) + step
        return Millis(start + int(lane.booked_until - start) % _DEFERRAL_WINDOW)

    def release(
        self, endpoint: EndpointId, id: str, milliseconds: int, throttled: bool = False
    ) -> list[T]:
        """End a running attempt that took so long; return those that start in its place.

        `throttled` says that the receiver had too much to do. An attempt that
        this object did not start is ignored.
        """
        lane = self._lanes.get(endpoint)
        if lane is None or id not in self._held:
            return []
        lane.running -= 1
        lane.typical_ms += (milliseconds - lane.typical_ms) * _SMOOTHING
        wider = lane.window / 2 if throttled else lane.window + 1 / lane.window
        lane.window = max(1.0, min(wider, float(lane.most)))
        self._running -= 1
        self._held.discard(id)
        started = self._fill(endpoint)
        self._forget_if_idle(endpoint)
        return started

    def drop_waiting(self, endpoint: EndpointId) -> None:
        """Forget what waits for this endpoint; what runs goes on."""
        lane = self._lanes.get(endpoint)
        if lane is not None:
            self._held.difference_update(id for id, _ in lane.waiting)
            lane.waiting.clear()
            self._end_turns(lane.tenant, endpoint)
            self._forget_if_idle(endpoint)

    def _may_run(self, lane: _Lane[T]) -> bool:
        if lane.running == 0:
            return True
        return lane.running < int(lane.window) and self._running < self._limits.running

    def _run(self, lane: _Lane[T]) -> None:
        lane.running += 1
        self._running += 1

    def _fill(self, freed: EndpointId) -> list[T]:
        """Start what the freed slot allows: whose turn it is, where all share the limit."""
        started: list[T] = []
        if self._running + 1 < self._limits.running:
            while one := self._starting(freed):
                started += one
            return started
        for tenant in list(self._turns):
            for endpoint in list(self._turns[tenant]):
                one = self._starting(endpoint)
                if one:
                    started += one
                    if tenant in self._turns:
                        self._turns.move_to_end(tenant)
                    break
        return started

    def _starting(self, endpoint: EndpointId) -> list[T]:
        """Start the endpoint's next attempt, if one waits that may."""
        lane = self._lanes[endpoint]
        if not lane.waiting or not self._may_run(lane):
            return []
        self._run(lane)
        _, attempt = lane.waiting.popleft()
        if lane.waiting:
            self._turns[lane.tenant].move_to_end(endpoint)
        else:
            self._end_turns(lane.tenant, endpoint)
        return [attempt]

    def _end_turns(self, tenant: TenantId, endpoint: EndpointId) -> None:
        endpoints = self._turns.get(tenant)
        if endpoints is not None:
            endpoints.pop(endpoint, None)
            if not endpoints:
                del self._turns[tenant]

    def _forget_if_idle(self, endpoint: EndpointId) -> None:
        lane = self._lanes[endpoint]
        if lane.running == 0 and not lane.waiting and lane.window >= lane.most:
            del self._lanes[endpoint]
