"""The life of one delivery, from accepted to succeeded or dead. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct, structs

from services.notify.attempts import Result, Verdict
from services.notify.retry import RetryPolicy
from shared.actions import Action, Delivery
from shared.events import EndpointId, Millis, TenantId, derive_id

MOST_LOGGED: Final = 12
"""Attempts that are kept in the log of a delivery, the latest."""


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    HELD = "held"
    SUCCEEDED = "succeeded"
    DEAD = "dead"


class LoggedAttempt(Struct, frozen=True, kw_only=True):
    """What is kept of an attempt; `at` is when its result came.

    `answered_ms` is how long the answer's head took, `milliseconds` all of it;
    `request` says what was sent: method, URL and size.
    """

    number: int
    at: Millis
    milliseconds: int
    status: int
    failure: str
    body: str
    answered_ms: int = 0
    request: str = ""


class TrackedDelivery(Struct, frozen=True, kw_only=True):
    """A delivery and everything that was tried for it.

    `webhook_id` is what the receiver drops repeats by: a replay has its own
    `id` and the `webhook_id` of the first. `made` counts attempts, `due_at` is
    when the next is due or, while one is under way, when its lease ends.
    `number` is its place in its `lane`, `held_at` since when it waits for its
    endpoint to return. `expires_at` is when MongoDB may delete it.
    """

    tenant: TenantId
    endpoint: EndpointId
    webhook_id: str
    kind: str
    group: str
    action: Action
    trace: str
    state: State
    created_at: Millis
    due_at: Millis | None
    made: int = 0
    attempts: list[LoggedAttempt] = []
    reason: str = ""
    lane: str = ""
    number: int = 0
    held_at: Millis | None = None
    finished_at: Millis | None = None
    expires_at: datetime | None = None

    @classmethod
    def accept(cls, delivery: Delivery, now: Millis, number: int = 0) -> TrackedDelivery:
        """Begin the life of a delivery, in its lane the one with this number."""
        action = delivery.action
        return cls(
            tenant=action.tenant,
            endpoint=delivery.endpoint,
            webhook_id=webhook_id(action, delivery.endpoint),
            kind=action.kind,
            group=action.group,
            action=action,
            trace=delivery.trace,
            state=State.PENDING,
            created_at=now,
            due_at=None,
            lane=delivery.lane,
            number=number,
        )

    def due(self, moment: Millis) -> TrackedDelivery:
        """Return it with its next moment set."""
        return structs.replace(self, due_at=moment)

    def held(self, reason: str, now: Millis, retention: timedelta) -> TrackedDelivery:
        """Return it as it waits for its endpoint to return, for `retention` at most."""
        until = Millis(now + retention // timedelta(milliseconds=1))
        return structs.replace(self, state=State.HELD, reason=reason, due_at=until, held_at=now)

    def forgotten(self, action: Action) -> TrackedDelivery:
        """Return it with this action in place of its own, and without what receivers answered."""
        attempts = [structs.replace(each, body="") for each in self.attempts]
        return structs.replace(self, action=action, attempts=attempts)

    def revived(self) -> TrackedDelivery:
        """Return it as it is to be attempted again, whatever had become of it."""
        return structs.replace(
            self, state=State.PENDING, reason="", held_at=None, finished_at=None, expires_at=None
        )

    def attempted(
        self, id: str, result: Result, now: Millis, policy: RetryPolicy, retention: timedelta
    ) -> TrackedDelivery:
        """Return the delivery after an attempt that came to `result`."""
        logged = LoggedAttempt(
            number=self.made + 1,
            at=now,
            milliseconds=result.milliseconds,
            status=result.status,
            failure=result.failure or "",
            body=result.body,
            answered_ms=result.answered_ms,
            request=result.request,
        )
        tried = structs.replace(
            self,
            made=self.made + 1,
            attempts=[*self.attempts[1 - MOST_LOGGED :], logged],
            reason="" if result.verdict is Verdict.SUCCEEDED else result.reason,
        )
        if result.verdict is Verdict.SUCCEEDED:
            return tried.finished(State.SUCCEEDED, "", now, retention)
        if result.verdict is Verdict.HELD:
            return self.held(result.reason, now, retention)
        if result.verdict.final:
            return tried.finished(State.DEAD, result.reason, now, retention)
        due_at = policy.next_due(id, tried.made, result, now)
        if due_at is None:
            return tried.finished(
                State.DEAD, f"attempts_exhausted: {result.reason}", now, retention
            )
        return tried.due(due_at)

    def finished(
        self, state: State, reason: str, now: Millis, retention: timedelta
    ) -> TrackedDelivery:
        """Return the delivery at its end; it is kept for `retention` from then."""
        expires_at = datetime.fromtimestamp(now / 1000, tz=UTC) + retention
        return structs.replace(
            self, state=state, reason=reason, due_at=None, finished_at=now, expires_at=expires_at
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A task: make the next attempt at delivery `id`."""

    id: str
    delivery: TrackedDelivery


def delivery_to(endpoint: EndpointId, action: Action, trace: str, lane: str = "") -> Delivery:
    """Return the delivery of an action to an endpoint, always the same one."""
    return Delivery(
        id=webhook_id(action, endpoint),
        endpoint=endpoint,
        time=action.time,
        action=action,
        trace=trace,
        lane=lane,
    )


def again(id: str, tracked: TrackedDelivery, reason: str, now: Millis, trace: str) -> Delivery:
    """Return the request to attempt a delivery now; the same `reason` counts once."""
    return Delivery(
        id=id,
        endpoint=tracked.endpoint,
        time=now,
        action=tracked.action,
        trace=trace,
        lane=tracked.lane,
        again=reason,
    )


def replay_of(tracked: TrackedDelivery, number: int, now: Millis, trace: str) -> Delivery:
    """Return a replay of a delivery by its number: another id, the same `webhook_id`.

    Two requests that see the same number free make the same replay, which is
    delivered once.
    """
    return Delivery(
        id=replay_id(tracked.webhook_id, number),
        endpoint=tracked.endpoint,
        time=now,
        action=tracked.action,
        trace=trace,
    )


def replay_id(webhook_id: str, number: int) -> str:
    """Return the id of a replay of what an endpoint knows as `webhook_id`."""
    return derive_id(webhook_id, "replay", str(number))


def webhook_id(action: Action, endpoint: EndpointId) -> str:
    """Return what an action is called at an endpoint, however often it is sent there."""
    return derive_id(action.id, endpoint)
