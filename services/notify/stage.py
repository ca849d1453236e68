"""What notify does with actions and deliveries: match, attempt, record, attempt again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from services.notify import metrics
from services.notify.attempts import Failure, Result
from services.notify.connectors.registry import BY_TYPE
from services.notify.deliveries import Attempt, State, TrackedDelivery, delivery_to
from services.notify.endpoints import EndpointState, Subscriptions
from services.notify.retry import RetryPolicy
from services.notify.slots import Admission, Limits, Slots
from shared.events import Action, Delivery, Millis, Topic
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

TRACKED: Final = Kind("deliveries", TrackedDelivery, timed=True)
STATE: Final = Kind("endpoint_states", EndpointState)
KINDS: Final[Sequence[Kind[TrackedDelivery] | Kind[EndpointState]]] = (TRACKED, STATE)

LEASE_MARGIN_SECONDS: Final = 5.0
"""How much longer than the endpoint's timeout an attempt's lease is."""
LONGEST_TIMEOUT_SECONDS: Final = 30.0
"""The timeout of an endpoint that is not known here yet."""


NOT_THE_ENDPOINTS_FAULT: Final = frozenset(
    {
        Failure.INTERRUPTED,
        Failure.INTERNAL,
        Failure.UNSUPPORTED,
        Failure.REFUSED,
        Failure.ENDPOINT_REMOVED,
        Failure.ENDPOINT_DISABLED,
    }
)
"""Failures that say nothing about how the endpoint is doing."""


class Knows(Protocol):
    """Who wants which actions, as of now."""

    subscriptions: Subscriptions


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules that deliveries go by."""

    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Limits = field(default_factory=Limits)
    retention: timedelta = timedelta(days=30)


class NotifyPartition:
    """One partition's share: groups whose actions it matches, endpoints that it delivers to.

    In memory it has only the attempts under way and those waiting for a slot.
    If it is lost, the leases in MongoDB run out and the attempts are made again
    under the same `webhook-id`.
    """

    def __init__(self, endpoints: Knows, terms: Terms) -> None:
        self._endpoints = endpoints
        self._terms = terms
        self._slots: Slots[Attempt] = Slots(terms.limits)

    def keys(self, item: Input) -> Iterator[Key]:
        match item:
            case Record(value=Delivery() as delivery):
                yield TRACKED, delivery.id
                yield STATE, delivery.endpoint
            case Due(id=id, document=TrackedDelivery() as tracked):
                yield TRACKED, id
                yield STATE, tracked.endpoint
            case Outcome(task=Attempt() as attempt):
                yield TRACKED, attempt.id
                yield STATE, attempt.delivery.endpoint

    def rebuild(self, record: Record) -> None:
        """Do nothing: attempts under way are not in the log."""

    def apply(self, item: Input, documents: Documents) -> Iterable[Output]:
        match item:
            case Record(value=Action() as action):
                return self._match(action, item.trace)
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
            Publish(Topic.DELIVERIES, delivery_to(endpoint.id, action, trace))
            for endpoint in self._endpoints.subscriptions.wanting(action)
            if action.kind in BY_TYPE[endpoint.type].kinds
        ]

    def _accept(self, delivery: Delivery, now: Millis, documents: Documents) -> list[Output]:
        """Record a new delivery and attempt it; one that is recorded already is a repetition."""
        if documents.get(TRACKED, delivery.id) is not None:
            return []
        return self._proceed(delivery.id, TrackedDelivery.accept(delivery, now), now, documents)

    def _due(self, id: str, now: Millis, documents: Documents) -> list[Output]:
        """Attempt again, unless the attempt whose lease has ended is still known here."""
        tracked = documents.get(TRACKED, id)
        if tracked is None or tracked.due_at is None or tracked.due_at > now:
            return []
        if self._slots.holds(id):
            documents.put(TRACKED, id, self._leased(tracked, now))
            return []
        return self._proceed(id, tracked, now, documents)

    def _proceed(
        self, id: str, tracked: TrackedDelivery, now: Millis, documents: Documents
    ) -> list[Output]:
        """Lease the delivery and attempt it, as soon as its endpoint has a free slot."""
        if self._is_disabled(tracked, documents):
            reason = Failure.ENDPOINT_DISABLED
            self._end(
                id, tracked.finished(State.DEAD, reason, now, self._terms.retention), documents
            )
            return []
        leased = self._leased(tracked, now)
        documents.put(TRACKED, id, leased)
        attempt = Attempt(id, leased)
        match self._slots.admit(tracked.endpoint, id, attempt):
            case Admission.START:
                return [Perform(attempt)]
            case Admission.DEFER:
                metrics.DEFERRED.inc()
                moment = self._slots.defer(tracked.endpoint, now)
                documents.put(TRACKED, id, tracked.due(moment))
        return []

    def _leased(self, tracked: TrackedDelivery, now: Millis) -> TrackedDelivery:
        """Return the delivery with the moment from which another owner may attempt it."""
        known = self._endpoints.subscriptions.by_id.get(tracked.endpoint)
        timeout = LONGEST_TIMEOUT_SECONDS if known is None else known.timeout_seconds
        return tracked.due(Millis(now + int((timeout + LEASE_MARGIN_SECONDS) * 1000)))

    def _attempted(
        self, attempt: Attempt, result: Result, now: Millis, documents: Documents
    ) -> list[Output]:
        """Write down what came of an attempt, and start those that waited for its slot."""
        endpoint = attempt.delivery.endpoint
        tracked = documents.get(TRACKED, attempt.id)
        if tracked is not None and tracked.state is State.PENDING:
            after = tracked.attempted(
                attempt.id, result, now, self._terms.policy, self._terms.retention
            )
            self._end(attempt.id, after, documents)
            self._learn(after, result, now, documents)
        if result.failure is Failure.INTERRUPTED or self._is_disabled(attempt.delivery, documents):
            self._slots.drop_waiting(endpoint)
        started = self._slots.release(endpoint, attempt.id, result.milliseconds)
        return [Perform(each) for each in started]

    def _end(self, id: str, tracked: TrackedDelivery, documents: Documents) -> None:
        """Write a delivery down, and count it if it has come to its end."""
        documents.put(TRACKED, id, tracked)
        if tracked.finished_at is not None:
            metrics.DELIVERIES.labels(tracked.state).inc()
            if tracked.state is State.SUCCEEDED:
                metrics.DELIVERY_SECONDS.observe((tracked.finished_at - tracked.created_at) / 1000)

    def _learn(
        self, tracked: TrackedDelivery, result: Result, now: Millis, documents: Documents
    ) -> None:
        """Note what the attempt showed about its endpoint."""
        if result.failure in NOT_THE_ENDPOINTS_FAULT:
            return
        before = self._state(tracked, documents)
        after = before.after(result.verdict, result.reason, now, self._terms.policy)
        if after == before:
            return
        documents.put(STATE, tracked.endpoint, after)
        if after.disabled_at is not None and after.disabled_at != before.disabled_at:
            metrics.ENDPOINTS_DISABLED.labels(after.reason).inc()

    def _is_disabled(self, tracked: TrackedDelivery, documents: Documents) -> bool:
        return self._state(tracked, documents).disabled_at is not None

    def _state(self, tracked: TrackedDelivery, documents: Documents) -> EndpointState:
        """Return how the endpoint is doing since it was last enabled."""
        state = documents.get(STATE, tracked.endpoint) or EndpointState(tenant=tracked.tenant)
        known = self._endpoints.subscriptions.by_id.get(tracked.endpoint)
        return state if known is None else state.since(known.enabled_at)
