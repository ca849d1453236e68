"""What the REST routes of reviews take and give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.rules.review.case import Case, CaseState, Done, Reason
from shared.actions import ActionKind
from shared.reviews import Reviewer, ReviewStep, Teaches
from shared.verdicts import Decision, Label

Moderator = Annotated[
    str,
    Field(max_length=200, description="Who decides; empty: the key itself.", examples=["anna"]),
]
Note = Annotated[str, Field(max_length=2_000, description="What is to be known about it.")]


Measure = Literal[
    Decision.ALLOW,
    Decision.WARN,
    Decision.DELETE,
    Decision.MUTE,
    Decision.KICK,
    Decision.BAN,
]
"""What a moderator may ask for: nothing more (`allow`), or what is done to a message or member."""


def moment(millis: int) -> datetime:
    """Return a moment given in ms as REST gives it."""
    return datetime.fromtimestamp(millis / 1000, UTC)


class Body(BaseModel):
    """What every step is told with: who takes it, and why."""

    model_config = ConfigDict(extra="forbid")

    moderator: Moderator = ""
    note: Note = ""


class OpenBody(Body):
    """Who asks for it, and why."""


class AssignBody(Body):
    """Who is to look at it; empty: nobody any more."""

    assignee: Annotated[str, Field(max_length=200)] = ""


class ConfirmBody(Body):
    """The verdict was right; `decision` asks for more than it led to."""

    decision: Annotated[
        Measure, Field(description="What is to be done beyond what was done; `allow`: nothing.")
    ] = Decision.ALLOW
    seconds: Annotated[int, Field(ge=0, le=31_536_000, description="Length of a mute.")] = 86_400
    teaches: Annotated[
        Teaches, Field(description="Whether the text or the conduct was decided on.")
    ] = Teaches.AUTO


class OverturnBody(Body):
    """The verdict was wrong: everything that it led to is taken back."""

    teaches: Annotated[
        Teaches, Field(description="Whether the text or the conduct was decided on.")
    ] = Teaches.AUTO


class AppealBody(BaseModel):
    """The member's appeal, posted by the platform."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "这是我自己的店，群主同意的"}]}
    )

    note: Note = ""


class BulkBody(Body):
    """One decision for many cases."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"cases": ["a-case"], "step": "confirmed"}]},
    )

    cases: Annotated[list[str], Field(min_length=1, max_length=200, description="Their ids.")]
    step: Literal["assigned", "confirmed", "overturned"]
    assignee: Annotated[str, Field(max_length=200)] = ""
    decision: Measure = Decision.ALLOW
    seconds: Annotated[int, Field(ge=0, le=31_536_000)] = 86_400
    teaches: Teaches = Teaches.AUTO


class Accepted(BaseModel):
    """A step that was accepted: the partition's owner applies it, within a second as a rule."""

    case: Annotated[str, Field(description="The case, at `/v1/cases/{case}`.")]
    review: Annotated[str, Field(description="The id that the case's `steps` will name.")]


class BulkResult(BaseModel):
    """What became of one case of a bulk decision: a review, or why there is none."""

    case: str
    review: str | None = None
    refused: str | None = None


class BulkAnswer(BaseModel):
    """What became of each case, in the order asked."""

    results: list[BulkResult]


class StepAnswer(BaseModel):
    """One step of a case or incident."""

    id: str
    step: ReviewStep
    by: str
    key: str
    time: datetime
    note: str

    @classmethod
    def of(cls, done: Done) -> StepAnswer:
        """Return a step as REST gives it."""
        who = done.by.name or done.by.key
        return cls(
            id=done.id,
            step=done.step,
            by=who,
            key=done.by.key,
            time=moment(done.time),
            note=done.note,
        )


class CaseSummary(BaseModel):
    """A case, as the queue shows it."""

    id: str
    state: CaseState
    reason: Reason
    group: str
    member: str
    message: str | None
    labels: list[Label]
    rules: list[str]
    risk: float
    rank: Annotated[float, Field(description="Place in the queue: greater first.")]
    text: Annotated[str, Field(description="The beginning of what was said.")]
    flag: str
    opened_at: datetime
    assignee: str
    reporters: int
    appealed: bool
    overdue: bool
    answer_until: Annotated[datetime | None, Field(description="When an appeal is to be decided.")]

    @staticmethod
    def fields(id: str, case: Case) -> dict[str, Any]:
        """Return the fields of the summary of a case."""
        event = case.evidence.flag.event
        return {
            "id": id,
            "text": str(getattr(event, "text", getattr(event, "name", "")))[:200],
            "opened_at": moment(case.opened_at),
            "reporters": len(case.reporters),
            "answer_until": None if case.due_at is None else moment(case.due_at),
            **{name: getattr(case, name) for name in _PLAIN},
        }

    @classmethod
    def of(cls, id: str, case: Case) -> CaseSummary:
        """Return a case as the queue shows it."""
        return cls(**cls.fields(id, case))


_PLAIN = (
    "state",
    "reason",
    "group",
    "member",
    "message",
    "labels",
    "rules",
    "risk",
    "rank",
    "flag",
    "assignee",
    "appealed",
    "overdue",
)


class CasePage(BaseModel):
    """Some cases, and the cursor of the next ones."""

    items: list[CaseSummary]
    next: str | None


class InForce(BaseModel):
    """A flag in force, and what the platform was asked to do because of it."""

    flag: str
    decision: Decision
    actions: list[ActionKind]


class CaseAnswer(CaseSummary):
    """A case with its evidence, frozen when it was opened, and everything that was done."""

    evidence: dict[str, Any]
    digest: Annotated[str, Field(description="SHA-256 of the evidence, as the audit log has it.")]
    reported_by: list[str]
    decided_by: str | None
    decided_at: datetime | None
    appeal_until: datetime
    in_force: list[InForce]
    lesson: Annotated[
        bool | None, Field(description="What the classifier learned: bad, fine, or nothing.")
    ]
    steps: list[StepAnswer]

    @classmethod
    def of(cls, id: str, case: Case) -> CaseAnswer:
        """Return a case as REST gives it."""
        return cls(
            **cls.fields(id, case),
            evidence=msgspec.to_builtins(case.evidence),
            digest=case.evidence.digest,
            reported_by=case.reporters,
            decided_by=None if case.decided_by is None else _name(case.decided_by),
            decided_at=None if case.decided_at is None else moment(case.decided_at),
            appeal_until=moment(case.appeal_until),
            in_force=[
                InForce(flag=each.flag.id, decision=each.flag.decision, actions=each.actions)
                for each in case.taken
            ],
            lesson=case.lesson,
            steps=[StepAnswer.of(done) for done in case.steps],
        )


def _name(by: Reviewer) -> str:
    return by.name or by.key
