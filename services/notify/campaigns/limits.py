"""How often a recipient may be written to, as REST takes and tells it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.frequency import HORIZON_SECONDS, MOST_REMEMBERED, Frequency

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
STRICT = ConfigDict(extra="forbid")


class CapBody(BaseModel):
    """At most so many messages within any so many seconds."""

    model_config = STRICT

    most: Annotated[int, Field(ge=1, le=MOST_REMEMBERED)]
    seconds: Annotated[int, Field(ge=1, le=HORIZON_SECONDS)]


class QuietBody(BaseModel):
    """Nothing is said from `start` until `end`, local time."""

    model_config = STRICT

    start: Clock = Field(examples=["22:00"])
    end: Clock = Field(examples=["08:00"])
    zone: Annotated[str, StringConstraints(max_length=200)]


class FrequencyBody(BaseModel):
    """How often one recipient may be written to, by whatever part of Steward."""

    model_config = STRICT

    caps: Annotated[list[CapBody], Field(max_length=5)] = []
    pause_seconds: Annotated[int, Field(ge=0, le=HORIZON_SECONDS)] = 0
    quiet: QuietBody | None = None


def frequency_fields(body: FrequencyBody) -> dict[str, Any]:
    """Return limits as the records have them: quiet hours in minutes after midnight."""
    fields = body.model_dump(exclude_none=True)
    if body.quiet is not None:
        clocks = {"start": body.quiet.start, "end": body.quiet.end}
        fields["quiet"] |= {name: _minute(clock) for name, clock in clocks.items()}
    return fields


def frequency_body(frequency: Frequency) -> FrequencyBody:
    """Return limits as REST tells them: quiet hours by the clock."""
    fields: dict[str, Any] = msgspec.to_builtins(frequency)
    if frequency.quiet is not None:
        fields["quiet"] |= {
            name: "{:02}:{:02}".format(*divmod(fields["quiet"][name], 60))
            for name in ("start", "end")
        }
    return FrequencyBody.model_validate(fields)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
