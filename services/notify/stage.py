"""What notify does with actions and deliveries: match, attempt, record, attempt again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from services.notify import metrics
from services.notify.attempts import NOT_THE_ENDPOINTS_FAULT, THROTTLES, Failure, Result, Verdict
from services.notify.deliveries import Attempt, State, TrackedDelivery, delivery_to
from services.notify.endpoints import Endpoint
from services.notify.health import Breaker, EndpointState
from services.notify.lanes import LaneState, Turns, lane_of
from services.notify.matching import receivers
from services.notify.notices import disabled
from services.notify.pace import slots_of
from services.notify.reading import keys_of
from services.notify.slots import Admission, Slots
from services.notify.terms import LANE, STATE, TRACKED, Knows, Terms, after_the_pause, lease_seconds
from shared.actions import Action, Delivery
from shared.events import Millis, TenantId
from shared.stream.contracts import (
    Documents,
    Due,
    Input,
    Key,
    Kind,
    Outcome,
    Output,
    Perform,
    Publish,
    Record,
)
from shared.topics import Topic

KINDS: Final[Sequence[Kind[Any]]] = (TRACKED, STATE, LANE)


class NotifyPartition:
    """One partition's share: groups whose actions it matches, endpoints that it delivers to.

    In memory it has only the attempts under way and those waiting for a slot
    or for their turn. If it is lost, the leases in MongoDB run out and the
    attempts are made again under the same `webhook-id`.
    """

    def __init__(self, endpoints: Knows, terms: Terms) -> None:
        self._endpoints = endpoints
        self._terms = terms
        self._slots: Slots[Attempt] = Slots(terms.limits)
        self._turns: Turns[Attempt] = Turns(terms.limits.waiting)

    def keys(self, item: Input) -> Iterator[Key]:
        return keys_of(item)

    def rebuild(self, record: Record) -> None:
        """Do nothing: attempts under way are not in the log."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        match item:
            case Record(value=Action() as action):
                return self._match(action, item.trace)
            case Record(value=Delivery(forget=True) as delivery):
                return self._forget(delivery, item.appended, documents)
            case Record(value=Delivery() as delivery) if delivery.again:
                return self._again(delivery, item.appended, documents)
            case Record(value=Delivery() as delivery):
                return self._accept(delivery, item.appended, documents)
            case Due(id=id, document=TrackedDelivery()):
                return self._due(id, item.now, documents)
            case Outcome(task=Attempt() as attempt, result=Result() as result):
                return self._attempted(attempt, result, item.now, documents)
            case _:
                raise TypeError(f"notify has no use for {item!r}")

    def _match(self, action: Action, trace: str) -> list[Output]:
        """Make one delivery for each endpoint that wants the action."""
        return [
            Publish(
                Topic.DELIVERIES,
                delivery_to(endpoint.id, action, trace, lane_of(endpoint, action)),
            )
            for endpoint in receivers(action, self._endpoints.subscriptions)
        ]

    def _accept(self, delivery: Delivery, now: Millis, documents: Documents) -> list[Output]:
        """Record a new delivery and attempt it.

        Only in a lane, where a repetition would take a second number, is it
        looked for first (decision 16).
        """
        if self._holds(delivery.id):
            return []
        number = 0
        if delivery.lane:
            if documents.get(TRACKED, delivery.id) is not None:
                return []
            lane = _lane(delivery.lane, delivery.action.tenant, documents).entered()
            documents.put(LANE, delivery.lane, lane)
            number = lane.taken
        return self._proceed(
            delivery.id, TrackedDelivery.accept(delivery, now, number), now, documents
        )

    def _again(self, delivery: Delivery, now: Millis, documents: Documents) -> list[Output]:
        """Attempt a delivery now that waits or is dead; one under way or done stays as it is."""
        tracked = documents.get(TRACKED, delivery.id)
        if tracked is None or tracked.state is State.SUCCEEDED or self._holds(delivery.id):
            return []
        return self._proceed(delivery.id, tracked.revived(), now, documents)

    def _forget(self, delivery: Delivery, now: Millis, documents: Documents) -> list[Output]:
        """Forget the member of a delivery; one that still waits ends with that."""
        tracked = documents.get(TRACKED, delivery.id)
        if tracked is None:
            return []
        nameless = tracked.forgotten(delivery.action)
        if tracked.finished_at is not None:
            documents.put(TRACKED, delivery.id, nameless)
            return []
        self._turns.next(tracked.lane, tracked.number)
        return self._give_up(delivery.id, nameless, "member_erased", now, documents)

    def _due(self, id: str, now: Millis, documents: Documents) -> list[Output]:
        """Attempt again, unless the attempt whose lease has ended is still known here."""
        tracked = documents.get(TRACKED, id)
        if tracked is None or tracked.due_at is None or tracked.due_at > now:
            return []
        if tracked.state is State.HELD:
            reason = f"held_too_long: {tracked.reason}"
            return self._give_up(id, tracked, reason, now, documents)
        if self._holds(id):
            documents.put(
                TRACKED, id, self._leased(tracked, self._not_before(tracked, now, documents))
            )
            return []
        return self._proceed(id, tracked, now, documents)

    def _proceed(
        self, id: str, tracked: TrackedDelivery, now: Millis, documents: Documents
    ) -> list[Output]:
        """Lease the delivery and attempt it, as soon as it is its turn and there is a slot."""
        state = self._state(tracked, documents)
        unavailable = self._unavailable(tracked, state)
        if unavailable is not None:
            documents.put(TRACKED, id, tracked.held(unavailable, now, self._terms.retention))
            return []
        if self._is_cut_off(tracked, state, now):
            documents.put(TRACKED, id, tracked.due(after_the_pause(id, tracked, state, now)))
            return []
        leased = self._leased(tracked, self._not_before(tracked, now, documents))
        documents.put(TRACKED, id, leased)
        attempt = Attempt(id, leased)
        if tracked.lane and not _lane(tracked.lane, tracked.tenant, documents).may_attempt(
            tracked.number
        ):
            self._turns.wait(tracked.endpoint, tracked.lane, tracked.number, id, attempt)
            return []
        return self._admit(attempt, now, documents)

    def _admit(self, attempt: Attempt, now: Millis, documents: Documents) -> list[Output]:
        """Start an attempt, or have it wait for a slot: in memory, or if that is full, later."""
        tracked = attempt.delivery
        known = self._known(tracked)
        most = self._terms.limits.per_endpoint
        most = most if known is None else slots_of(known, most)
        match self._slots.admit(tracked.endpoint, tracked.tenant, attempt.id, attempt, most):
            case Admission.START:
                return [Perform(attempt)]
            case Admission.DEFER:
                metrics.DEFERRED.inc()
                moment = self._slots.defer(tracked.endpoint, now)
                documents.put(TRACKED, attempt.id, tracked.due(moment))
        return []

    def _attempted(
        self, attempt: Attempt, result: Result, now: Millis, documents: Documents
    ) -> list[Output]:
        """Write down what came of an attempt, and start those that waited for its end."""
        endpoint = attempt.delivery.endpoint
        tracked = documents.get(TRACKED, attempt.id)
        outputs: list[Output] = []
        after = None
        if tracked is not None and tracked.state is State.PENDING:
            after = tracked.attempted(
                attempt.id, result, now, self._terms.policy, self._terms.retention
            )
            self._end(attempt.id, after, documents)
            outputs += self._learn(attempt.id, after, result, now, documents)
        state = self._state(attempt.delivery, documents)
        if (
            result.failure is Failure.INTERRUPTED
            or self._unavailable(attempt.delivery, state) is not None
            or state.breaker(now) is not Breaker.CLOSED
        ):
            self._slots.drop_waiting(endpoint)
            self._turns.drop(endpoint)
        throttled = result.status in THROTTLES
        started = self._slots.release(endpoint, attempt.id, result.milliseconds, throttled)
        outputs += [Perform(each) for each in started]
        if after is not None and after.finished_at is not None and after.lane:
            following = self._turns.next(after.lane, after.number + 1)
            if following is not None:
                outputs += self._admit(following, now, documents)
        return outputs

    def _end(self, id: str, tracked: TrackedDelivery, documents: Documents) -> None:
        """Write down where a delivery stands after an attempt; its lane goes on or waits."""
        documents.put(TRACKED, id, tracked)
        if tracked.lane:
            lane = _lane(tracked.lane, tracked.tenant, documents)
            if tracked.finished_at is not None:
                lane = lane.passed(tracked.number)
            elif tracked.state is State.PENDING and tracked.due_at is not None:
                lane = lane.blocked(tracked.number, tracked.due_at)
            documents.put(LANE, tracked.lane, lane)
        if tracked.finished_at is not None:
            metrics.DELIVERIES.labels(tracked.state).inc()
            if tracked.state is State.SUCCEEDED:
                metrics.DELIVERY_SECONDS.observe((tracked.finished_at - tracked.created_at) / 1000)

    def _give_up(
        self, id: str, tracked: TrackedDelivery, reason: str, now: Millis, documents: Documents
    ) -> list[Output]:
        """End a delivery that no further attempt is made at; its lane goes on."""
        self._end(id, tracked.finished(State.DEAD, reason, now, self._terms.retention), documents)
        following = self._turns.next(tracked.lane, tracked.number + 1)
        return [] if following is None else self._admit(following, now, documents)

    def _learn(
        self,
        id: str,
        tracked: TrackedDelivery,
        result: Result,
        now: Millis,
        documents: Documents,
    ) -> list[Output]:
        """Note what the attempt showed about its endpoint; tell the tenant if it is disabled."""
        if result.failure in NOT_THE_ENDPOINTS_FAULT or result.verdict is Verdict.HELD:
            return []
        before = self._state(tracked, documents)
        after = before.after(result.verdict, result.reason, now, self._terms.health)
        if after == before:
            return []
        documents.put(STATE, tracked.endpoint, after)
        if after.openings > before.openings:
            metrics.BREAKER_OPENED.inc()
        if after.disabled_at is None or before.disabled_at is not None:
            return []
        metrics.ENDPOINTS_DISABLED.labels(after.reason).inc()
        return [Publish(Topic.ACTIONS, disabled(id, tracked, after.reason, now))]

    def _holds(self, id: str) -> bool:
        """Whether this delivery is under way, or waits here for a slot or its turn."""
        return self._slots.holds(id) or self._turns.holds(id)

    def _unavailable(self, tracked: TrackedDelivery, state: EndpointState) -> Failure | None:
        """Say why the endpoint's deliveries are held, if they are."""
        known = self._known(tracked)
        if state.disabled_at is not None or (known is not None and not known.enabled):
            return Failure.ENDPOINT_DISABLED
        if known is not None and not known.is_verified:
            return Failure.ENDPOINT_UNVERIFIED
        return None

    def _is_cut_off(self, tracked: TrackedDelivery, state: EndpointState, now: Millis) -> bool:
        """Whether the breaker puts this off: it is open, or its one probe is under way."""
        match state.breaker(now):
            case Breaker.OPEN:
                return True
            case Breaker.HALF_OPEN:
                return self._slots.running(tracked.endpoint) > 0
            case Breaker.CLOSED:
                return False

    def _not_before(self, tracked: TrackedDelivery, now: Millis, documents: Documents) -> Millis:
        """Return from when the lease counts: the lane may be waiting for its first."""
        if not tracked.lane:
            return now
        return max(now, _lane(tracked.lane, tracked.tenant, documents).blocked_until)

    def _leased(self, tracked: TrackedDelivery, start: Millis) -> TrackedDelivery:
        """Return the delivery with the moment from which another owner may attempt it."""
        seconds = lease_seconds(self._known(tracked), self._terms.limits)
        return tracked.due(Millis(start + int(seconds * 1000)))

    def _known(self, tracked: TrackedDelivery) -> Endpoint | None:
        return self._endpoints.subscriptions.by_id.get(tracked.endpoint)

    def _state(self, tracked: TrackedDelivery, documents: Documents) -> EndpointState:
        """Return how the endpoint is doing since it was last enabled."""
        state = documents.get(STATE, tracked.endpoint) or EndpointState(tenant=tracked.tenant)
        known = self._known(tracked)
        return state if known is None else state.since(known.enabled_at)


def _lane(id: str, tenant: TenantId, documents: Documents) -> LaneState:
    return documents.get(LANE, id) or LaneState(tenant=tenant)
