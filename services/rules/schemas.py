"""What the REST routes of rules take and give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.rules.check import Checked, Context
from services.rules.vocabulary import Subject
from shared.events import GroupId, Media, Role, TenantId
from shared.verdicts import Decision, Flag, Label


class Writer(BaseModel):
    """What is known of a text's writer, for rules that ask: nothing is looked up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    removals: Annotated[
        int, Field(ge=0, le=1_000_000, description="Earlier removals in the group that count.")
    ] = 0
    age: Annotated[
        int | None,
        Field(ge=0, le=10**10, description="Seconds since they joined; null: that was not seen."),
    ] = None


class CheckRequest(BaseModel):
    """A text to judge, and what is known about it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "加.薇.信 abc12345 领红包"},
                {"text": "加.薇.信 abc12345", "group": "market-7", "member": {"removals": 1}},
            ]
        },
    )

    text: Annotated[str, Field(max_length=20_000, description="The text.")]
    group: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="The group to judge it in: by the version that is in force there, with "
            "its override and canaries. Without one, as in a group that nothing singles out.",
        ),
    ] = None
    about: Annotated[
        Literal["message", "join", "rename", "request"],
        Field(description="A message, the name of a joiner or member, or a stranger's request."),
    ] = "message"
    role: Annotated[Role, Field(description="What its writer is in the group.")] = Role.MEMBER
    media: Annotated[Media, Field(description="What the message consists of.")] = Media.TEXT
    reply: Annotated[bool, Field(description="Whether it answers another message.")] = False
    mentions: Annotated[int, Field(ge=0, le=1000, description="Members that it mentions.")] = 0
    invited: Annotated[bool, Field(description="Whether a joiner was invited by another.")] = False
    member: Annotated[Writer, Field(description="What is known of its writer.")] = Writer()

    def context(self, tenant: TenantId) -> Context:
        """Return what is known about the text, as rules take it."""
        return Context(
            tenant=tenant,
            group=GroupId(self.group or ""),
            about=Subject(self.about),
            role=self.role,
            media=self.media,
            reply=self.reply,
            mentions=self.mentions,
            invited=self.invited,
            removals=self.member.removals,
            age=self.member.age,
        )


class SpanAnswer(BaseModel):
    """A stretch of the original text, in Unicode code points, and what was seen there."""

    start: int
    end: int
    what: str


class HitAnswer(BaseModel):
    """A rule that fired: what it added to the risk, why, and the values that made it fire."""

    rule: str
    label: Label
    weight: float
    because: str
    values: dict[str, str | float | int | bool]


class CheckAnswer(BaseModel):
    """The verdict on a text by itself: without windows or its writer's past."""

    normalised: Annotated[str, Field(description="The text as it was read.")]
    risk: Annotated[float, Field(ge=0, le=1, description="0: nothing was seen; 1: certain.")]
    decision: Decision
    labels: list[Label]
    hits: list[HitAnswer]
    spans: list[SpanAnswer]
    rule_set: Annotated[str, Field(examples=["default@0123456789ab"])]
    override: Annotated[
        list[str] | None,
        Field(description="The `groups` of the rule set's override that counted, if one did."),
    ]
    canaries: Annotated[
        list[str], Field(description="Rules on trial as canaries that are in force in the group.")
    ]

    @classmethod
    def of(cls, checked: Checked) -> CheckAnswer:
        """Return the answer to a check."""
        verdict = msgspec.to_builtins(checked.verdict)
        return cls(
            normalised=checked.normalised,
            risk=checked.verdict.risk,
            decision=checked.verdict.decision,
            labels=checked.verdict.labels,
            hits=[{"values": {}, **hit} for hit in verdict["hits"]],
            spans=verdict["spans"],
            rule_set=checked.verdict.rule_set,
            override=checked.override,
            canaries=checked.canaries,
        )


class CheckBatch(BaseModel):
    """Texts to judge, each by itself: up to 100, with 50,000 characters together."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"texts": [{"text": "大家早上好"}, {"text": "加.薇.信"}]}]},
    )

    texts: Annotated[list[CheckRequest], Field(min_length=1, max_length=100)]

    @field_validator("texts")
    @classmethod
    def _together(cls, texts: list[CheckRequest]) -> list[CheckRequest]:
        if sum(len(each.text) for each in texts) > MOST_CHARACTERS:
            raise ValueError(f"the texts have more than {MOST_CHARACTERS} characters together")
        return texts


MOST_CHARACTERS = 50_000
"""Of the texts of one batch, so that it is judged in a fraction of a second."""


class CheckBatchAnswer(BaseModel):
    """The verdicts, in the order asked."""

    results: list[CheckAnswer]


class FlagAnswer(BaseModel):
    """A flag: what is wrong with an event, and why it was thought so."""

    id: str
    time: datetime
    group: str
    member: str
    labels: list[Label]
    risk: float
    decision: Decision
    spam: Annotated[bool, Field(description="The event earned nothing; its points go back.")]
    campaign: Annotated[str | None, Field(description="The campaign that it is part of.")] = None
    rule_set: str
    hits: list[HitAnswer]
    spans: list[SpanAnswer]
    event: Annotated[dict[str, Any], Field(description="The event that was flagged.")]

    @classmethod
    def of(cls, flag: Flag) -> FlagAnswer:
        """Return a flag as REST gives it."""
        plain = msgspec.to_builtins(flag)
        return cls(
            **{
                **plain,
                "time": datetime.fromtimestamp(flag.time / 1000, UTC),
                "group": flag.event.group,
                "member": flag.event.member,
                "hits": [{"values": {}, **hit} for hit in plain.get("hits", [])],
                "spans": plain.get("spans", []),
            }
        )


class FlagPage(BaseModel):
    """Some flags, latest first, and the cursor of the next ones."""

    items: list[FlagAnswer]
    next: str | None
