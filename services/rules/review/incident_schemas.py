"""What the REST routes of incidents take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from services.rules.review.case import CaseState
from services.rules.review.incident import Incident
from services.rules.review.schemas import Body, Measure, StepAnswer, moment
from shared.verdicts import Decision


class IncidentConfirmBody(Body):
    """It is a campaign; `decision` is done about every copy, later ones too."""

    decision: Annotated[
        Measure, Field(description="What is to be done beyond what was done; `allow`: nothing.")
    ] = Decision.ALLOW
    seconds: Annotated[int, Field(ge=0, le=31_536_000, description="Length of a mute.")] = 86_400


class AcceptedIncident(BaseModel):
    """A step that was accepted: the partition's owner applies it, within a second as a rule."""

    incident: str
    review: Annotated[str, Field(description="The id that the incident's `steps` will name.")]


class IncidentSummary(BaseModel):
    """A campaign as one incident."""

    id: str
    state: CaseState
    fingerprint: str
    sample: Annotated[str, Field(description="The beginning of one copy's text.")]
    count: Annotated[int, Field(description="Copies that were found.")]
    groups: int
    first_at: datetime
    last_at: datetime
    assignee: str

    @staticmethod
    def fields(id: str, incident: Incident) -> dict[str, Any]:
        """Return the fields of the summary of an incident."""
        plain = ("state", "fingerprint", "sample", "count", "groups", "assignee")
        return {
            "id": id,
            "first_at": moment(incident.first_at),
            "last_at": moment(incident.last_at),
            **{name: getattr(incident, name) for name in plain},
        }

    @classmethod
    def of(cls, id: str, incident: Incident) -> IncidentSummary:
        """Return an incident as a list shows it."""
        return cls(**cls.fields(id, incident))


class CopyAnswer(BaseModel):
    """One copy of a campaign."""

    flag: str
    acted: Annotated[
        str | None,
        Field(description="The flag by which rules had acted on it, where that is another."),
    ]
    group: str
    member: str
    message: str | None
    time: datetime


class IncidentAnswer(IncidentSummary):
    """An incident with its copies (the first 1,000) and what was decided."""

    decision: Decision
    copies: list[CopyAnswer]
    steps: list[StepAnswer]

    @classmethod
    def of(cls, id: str, incident: Incident) -> IncidentAnswer:
        """Return an incident as REST gives it."""
        return cls(
            **cls.fields(id, incident),
            decision=incident.decision,
            copies=[
                CopyAnswer(**{**msgspec.structs.asdict(copy), "time": moment(copy.time)})
                for copy in incident.copies
            ],
            steps=[StepAnswer.of(done) for done in incident.steps],
        )


class IncidentPage(BaseModel):
    """Some incidents, those that went on latest first, and the cursor of the next ones."""

    items: list[IncidentSummary]
    next: str | None
