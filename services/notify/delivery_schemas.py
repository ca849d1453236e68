"""What notify's REST API takes and answers about deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from services.notify.deliveries import LoggedAttempt, State, TrackedDelivery
from services.notify.schemas import maybe_moment, moment
from shared.actions import ActionKind


class AttemptAnswer(BaseModel):
    """One attempt at a delivery."""

    number: int
    at: datetime = Field(description="When its result came.")
    milliseconds: int = Field(description="What it took.")
    answered_ms: int = Field(description="What it took until the answer began.")
    request: str = Field(description="What was sent: method, URL and size.")
    status: int = Field(description="The receiver's HTTP status; 0: there was no answer.")
    failure: str = Field(description="Why there was no answer; empty: there was one.")
    body: str = Field(description="The start of the answer, up to 1,024 bytes.")

    @classmethod
    def of(cls, logged: LoggedAttempt) -> AttemptAnswer:
        """Describe an attempt."""
        return cls(**{**msgspec.structs.asdict(logged), "at": moment(logged.at)})


class DeliveryAnswer(BaseModel):
    """A delivery and where it stands."""

    id: str
    webhook_id: str = Field(description="What the receiver sees in the header `webhook-id`.")
    replay: bool = Field(description="Whether it repeats an earlier delivery on request.")
    endpoint: str
    kind: ActionKind
    group: str
    state: State
    reason: str = Field(description="Why it is dead, or what the last attempt failed on.")
    attempts_made: int
    created_at: datetime
    due_at: datetime | None = Field(description="When the next attempt is due.")
    finished_at: datetime | None

    @classmethod
    def of(cls, id: str, tracked: TrackedDelivery) -> DeliveryAnswer:
        """Describe a delivery."""
        return cls(**_delivery_fields(id, tracked))


class DeliveryDetails(DeliveryAnswer):
    """A delivery with its action and the latest attempts."""

    action: dict[str, Any]
    attempts: list[AttemptAnswer]

    @classmethod
    def of(cls, id: str, tracked: TrackedDelivery) -> DeliveryDetails:
        """Describe a delivery in full."""
        return cls(
            **_delivery_fields(id, tracked),
            action=msgspec.to_builtins(tracked.action),
            attempts=[AttemptAnswer.of(each) for each in tracked.attempts],
        )


class DeliveryPage(BaseModel):
    """Deliveries, latest first; `next` is the cursor of the following page."""

    items: list[DeliveryAnswer]
    next: str | None


class Replayed(BaseModel):
    """The delivery that a replay made; it is to be found by its id within a second."""

    id: str
    webhook_id: str


class EndpointStats(BaseModel):
    """How deliveries to one endpoint went."""

    endpoint: str
    state: State
    deliveries: int
    attempts: int
    mean_ms: float | None = Field(description="Mean time from acceptance to the end.")
    oldest_due_at: datetime | None = Field(description="When the longest overdue one was due.")


class Stats(BaseModel):
    """How deliveries went since a moment, by endpoint and state."""

    since: datetime = Field(
        description="Later than asked for where there are more than the 100,000 that are counted."
    )
    items: list[EndpointStats]


def _delivery_fields(id: str, tracked: TrackedDelivery) -> dict[str, Any]:
    return {
        "id": id,
        "webhook_id": tracked.webhook_id,
        "replay": id != tracked.webhook_id,
        "endpoint": tracked.endpoint,
        "kind": tracked.kind,
        "group": tracked.group,
        "state": tracked.state,
        "reason": tracked.reason,
        "attempts_made": tracked.made,
        "created_at": moment(tracked.created_at),
        "due_at": maybe_moment(tracked.due_at),
        "finished_at": maybe_moment(tracked.finished_at),
    }
