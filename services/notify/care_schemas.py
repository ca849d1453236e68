"""What notify's REST API takes and answers about looking after endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notify.deliveries import State
from services.notify.health import Breaker

DAY_SECONDS = 86_400


class Rotation(BaseModel):
    """How to put a new secret in force."""

    model_config = ConfigDict(extra="forbid")

    grace_seconds: Annotated[int, Field(ge=0, le=30 * DAY_SECONDS)] = Field(
        DAY_SECONDS, description="How long the secret before signs too; 0 after a leak."
    )


class Ping(BaseModel):
    """What came of a test delivery."""

    succeeded: bool
    status: int = Field(description="The receiver's HTTP status; 0: there was no answer.")
    failure: str = Field(description="Why there was no answer; empty: there was one.")
    milliseconds: int
    body: str = Field(description="The start of the answer, up to 1,024 bytes.")
    webhook_id: str


class ReplayRequest(BaseModel):
    """Which deliveries to send once more."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"since": "2026-01-31T08:00:00Z"}]}
    )

    since: AwareDatetime = Field(description="Those accepted since then, oldest first.")
    state: State | None = Field(None, description="Only those in this state.")
    limit: Annotated[int, Field(ge=1, le=5_000)] = 1_000


class ReplayAnswer(BaseModel):
    """How many deliveries will be sent once more."""

    replayed: int
    until: datetime | None = Field(
        description="When the last of them was accepted: where to go on if there are more."
    )


class EndpointReport(BaseModel):
    """How deliveries to an endpoint go."""

    since: datetime = Field(
        description="Later than asked for where there are more than the 20,000 that are counted."
    )
    deliveries: dict[State, int] = Field(description="How many, by state.")
    attempts: int
    mean_ms: float | None = Field(
        description="Mean time from acceptance to success, of the latest 5,000."
    )
    p50_ms: int | None
    p99_ms: int | None
    backlog_age_ms: int | None = Field(
        description="How old the oldest delivery is that is still to be made; null: there is none."
    )
    breaker: Breaker
    failures_in_a_row: int = Field(description="Counted as far as the breaker looks.")
    requests_per_second: float | None = Field(description="The rate in force; null: any.")


class JsonWebKeys(BaseModel):
    """Public keys as RFC 7517 and RFC 8037 write them."""

    keys: list[dict[str, str]]
