"""What the routes of segments, attributes and steps take and answer."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from services.scoring.profiles.attributes import Attribute, AttributeType
from services.scoring.segments.definitions import Segment, Step


class SegmentBody(BaseModel):
    """A segment as it is defined."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "沉睡的老客户",
                    "condition": "orders >= 2 && days_since_active > 30",
                    "actions": True,
                }
            ]
        },
    )

    condition: str = Field(
        min_length=1,
        max_length=1_000,
        description="Which members: CEL over the signals that `GET /v1/signals` lists.",
    )
    name: str = Field("", max_length=200, description="For people.")
    actions: bool = Field(True, description="Send `segment.entered` and `segment.left`.")

    def segment(self, now: int) -> Segment:
        """Return what is kept of it."""
        return Segment(
            condition=self.condition, name=self.name, actions=self.actions, changed_at=now
        )


class SegmentAnswer(BaseModel):
    """A segment and how many are in it."""

    id: str
    name: str
    condition: str
    actions: bool
    revision: int = Field(description="Counts the conditions that it had.")
    changed_at: datetime
    members: int = Field(description="Memberships in it: somebody in two groups counts twice.")

    @classmethod
    def of(cls, id: str, segment: Segment, members: int) -> SegmentAnswer:
        """Return the answer that tells a segment."""
        changed_at = datetime.fromtimestamp(segment.changed_at / 1000, tz=UTC)
        return cls(
            id=id,
            name=segment.name,
            condition=segment.condition,
            actions=segment.actions,
            revision=segment.revision,
            changed_at=changed_at,
            members=members,
        )


class SegmentList(BaseModel):
    """All of a tenant's segments."""

    items: list[SegmentAnswer]


class InSegment(BaseModel):
    """A member of a group who is in a segment."""

    group: str
    member: str
    name: str
    as_of: datetime = Field(description="When it was judged last.")


class InSegmentPage(BaseModel):
    """Members of a segment."""

    items: list[InSegment]
    next: str | None


class AttributeBody(BaseModel):
    """An attribute as it is declared."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"type": "string", "description": "所在城市"}]},
    )

    type: AttributeType
    description: str = Field("", max_length=500)

    def attribute(self) -> Attribute:
        """Return what is kept of it."""
        return Attribute(type=self.type, description=self.description)


class AttributeAnswer(AttributeBody):
    """An attribute that is declared."""

    name: str

    @classmethod
    def of(cls, name: str, attribute: Attribute) -> AttributeAnswer:
        """Return the answer that tells an attribute."""
        return cls(name=name, type=attribute.type, description=attribute.description)


class AttributeList(BaseModel):
    """All of a tenant's attributes."""

    items: list[AttributeAnswer]


class StepBody(BaseModel):
    """A step as it is defined."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "event": "purchase.made",
                    "condition": "amount >= 10000",
                    "description": "一百元以上的订单",
                }
            ]
        },
    )

    event: str = Field(max_length=100, description="An event type.")
    condition: str = Field(
        "true", min_length=1, max_length=1_000, description="Which of them: CEL over the event."
    )
    description: str = Field("", max_length=500)

    def step(self) -> Step:
        """Return what is kept of it."""
        return Step(event=self.event, condition=self.condition, description=self.description)


class StepAnswer(StepBody):
    """A step that is defined."""

    name: str

    @classmethod
    def of(cls, name: str, step: Step) -> StepAnswer:
        """Return the answer that tells a step."""
        return cls(
            name=name,
            event=step.event,
            condition=step.condition,
            description=step.description,
        )


class StepList(BaseModel):
    """All of a tenant's steps."""

    items: list[StepAnswer]


class Signal(BaseModel):
    """Something that a condition may ask of a member or of an event."""

    name: str
    of: str = Field(description="`member` for segments, `event` for steps.")
    type: str
    meaning: str


class SignalList(BaseModel):
    """Every signal that the tenant's conditions may name."""

    items: list[Signal]
