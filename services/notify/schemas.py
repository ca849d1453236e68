"""What notify's REST API takes and answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.notify.endpoints import Endpoint, EndpointType, Ordering, Scheme, Verification
from services.notify.health import Breaker, EndpointState
from shared.events import Millis
from shared.verdicts import Label

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

Headers = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")],
        Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,500}$")],
    ],
    Field(max_length=20, description="Headers that every request carries."),
]
Condition = Annotated[
    str,
    Field(max_length=1_000, examples=["action.seconds >= 600"], description="CEL on the action."),
]
Rate = Annotated[
    float, Field(ge=0, le=10_000, description="Most requests a second; 0: any number.")
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
    headers: Headers = {}
    condition: Condition = ""
    ordering: Ordering = Ordering.NONE
    thin: bool = Field(False, description="Send a link to the delivery instead of its content.")
    rate: Rate = 0
    signature: Scheme = Scheme.V1
    verification: Verification | None = Field(
        None, description="What it must answer before the first delivery; the operator's default."
    )


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
    headers: Headers | None = None
    condition: Condition | None = None
    ordering: Ordering | None = None
    thin: bool | None = None
    rate: Rate | None = None
    verification: Verification | None = None
    enabled: bool | None = Field(
        None, description="true also enables what Steward disabled; false holds what comes."
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
    headers: dict[str, str]
    condition: str
    ordering: Ordering
    thin: bool
    rate: float
    signature: Scheme
    verification: Verification
    verified: bool = Field(description="False: deliveries are held until it is verified.")
    created_at: datetime
    breaker: Breaker = Field(description="open, half_open: it fails, and is left alone a while.")
    disabled_by_steward: str = Field(
        "", description="Why Steward delivers no more (`status_410`, `failing`); empty: it does."
    )
    failing_since: datetime | None = Field(
        None, description="The first failure since the last success."
    )

    @classmethod
    def of(cls, endpoint: Endpoint, state: EndpointState | None, at: Millis) -> EndpointAnswer:
        """Describe an endpoint and how it is doing at a moment."""
        healthy = EndpointState(tenant=endpoint.tenant)
        now = healthy if state is None else state.since(endpoint.enabled_at)
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
            headers=endpoint.headers,
            condition=endpoint.condition,
            ordering=endpoint.ordering,
            thin=endpoint.thin,
            rate=endpoint.rate,
            signature=endpoint.signature,
            verification=endpoint.verification,
            verified=endpoint.is_verified,
            breaker=now.breaker(at),
            created_at=moment(endpoint.created_at),
            disabled_by_steward=now.reason if now.disabled_at is not None else "",
            failing_since=maybe_moment(now.failing_since),
        )


class Secret(BaseModel):
    """What verifies deliveries: the shared secret, for `v1a` the public key (`whpk_`)."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class CreatedEndpoint(EndpointAnswer):
    """A new endpoint, with its secret: it is shown in no other answer but `/secret`."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointPage(BaseModel):
    """Endpoints by id; `next` is the cursor of the following page."""

    items: list[EndpointAnswer]
    next: str | None


def moment(milliseconds: int) -> datetime:
    """Return the moment of a record as REST tells it."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def maybe_moment(milliseconds: Millis | None) -> datetime | None:
    """Return the moment, if there is one."""
    return None if milliseconds is None else moment(milliseconds)
