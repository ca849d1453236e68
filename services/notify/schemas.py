"""What notify's REST API takes and answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.notify.deliveries import LoggedAttempt, State, TrackedDelivery
from services.notify.endpoints import Endpoint, EndpointState, EndpointType
from shared.events import ActionKind, Label, Millis

Pattern = Annotated[
    str, StringConstraints(pattern=r"^[a-z._*]{1,64}$"), Field(examples=["message.*"])
]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Url = Annotated[str, Field(max_length=2048, examples=["https://chat.example.com/hooks/steward"])]
Timeout = Annotated[float, Field(ge=1, le=30, description="Longest wait for an answer, seconds.")]
Description = Annotated[str, Field(max_length=500)]
Options = Annotated[
    dict[str, Annotated[str, Field(max_length=200)]],
    Field(max_length=10, description="What the endpoint's type needs to know."),
]
Credential = Annotated[
    str, Field(max_length=500, description="The platform's token or secret; no answer shows it.")
]


class NewEndpoint(BaseModel):
    """Where to deliver actions, and which of them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://hooks.example.com/steward"}]},
    )

    url: Url
    description: Description = ""
    kinds: Annotated[
        list[Pattern],
        Field(min_length=1, max_length=50, description="Action kinds; `*` is any characters."),
    ] = ["*"]
    groups: Annotated[
        list[GroupName], Field(max_length=500, description="Only these groups; empty: all.")
    ] = []
    labels: Annotated[
        list[Label],
        Field(max_length=50, description="Only actions with one of these labels; empty: all."),
    ] = []
    timeout_seconds: Timeout = 10
    enabled: bool = True
    type: EndpointType = EndpointType.WEBHOOK
    options: Options = {}
    credential: Credential = ""


class EndpointChange(BaseModel):
    """What to change of an endpoint; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    description: Description | None = None
    kinds: Annotated[list[Pattern], Field(min_length=1, max_length=50)] | None = None
    groups: Annotated[list[GroupName], Field(max_length=500)] | None = None
    labels: Annotated[list[Label], Field(max_length=50)] | None = None
    timeout_seconds: Timeout | None = None
    options: Options | None = None
    credential: Credential | None = None
    enabled: bool | None = Field(
        None, description="true also enables what Steward disabled, false delivers no more."
    )


class EndpointAnswer(BaseModel):
    """An endpoint, without its secret."""

    id: str = Field(examples=["ep_5f1d7a84c09b3e62d1a0f7c4"])
    url: str
    description: str
    kinds: list[str]
    groups: list[str]
    labels: list[Label]
    timeout_seconds: float
    enabled: bool
    type: EndpointType
    options: dict[str, str]
    created_at: datetime
    disabled_by_steward: str = Field(
        "", description="Why Steward delivers no more (`status_410`, `failing`); empty: it does."
    )
    failing_since: datetime | None = Field(
        None, description="The first failure since the last success."
    )

    @classmethod
    def of(cls, endpoint: Endpoint, state: EndpointState | None) -> EndpointAnswer:
        """Describe an endpoint and how it is doing."""
        now = state.since(endpoint.enabled_at) if state is not None else None
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            description=endpoint.description,
            kinds=endpoint.kinds,
            groups=endpoint.groups,
            labels=endpoint.labels,
            timeout_seconds=endpoint.timeout_seconds,
            enabled=endpoint.enabled,
            type=endpoint.type,
            options=endpoint.options,
            created_at=moment(endpoint.created_at),
            disabled_by_steward=now.reason if now and now.disabled_at is not None else "",
            failing_since=maybe_moment(now.failing_since if now else None),
        )


class Secret(BaseModel):
    """The secret that signs deliveries (Standard Webhooks)."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class CreatedEndpoint(EndpointAnswer):
    """A new endpoint, with its secret: it is shown in no other answer but `/secret`."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointPage(BaseModel):
    """Endpoints by id; `next` is the cursor of the following page."""

    items: list[EndpointAnswer]
    next: str | None


class AttemptAnswer(BaseModel):
    """One attempt at a delivery."""

    number: int
    at: datetime = Field(description="When its result came.")
    milliseconds: int = Field(description="What it took.")
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

    since: datetime
    items: list[EndpointStats]


def moment(milliseconds: int) -> datetime:
    """Return the moment of a record as REST tells it."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def maybe_moment(milliseconds: Millis | None) -> datetime | None:
    """Return the moment, if there is one."""
    return None if milliseconds is None else moment(milliseconds)


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
