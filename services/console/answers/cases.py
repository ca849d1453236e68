"""Cases, campaigns and flags, as rules tells them."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct


class Span(Struct, frozen=True):
    """Characters `start` to `end` of a text, and what was seen there."""

    start: int
    end: int
    what: str


class Hit(Struct, frozen=True):
    """A rule that fired: what it added to the risk, and the values that made it fire."""

    rule: str
    label: str
    weight: float
    because: str = ""
    values: dict[str, str | float | int | bool] = {}


class Event(Struct, frozen=True):
    """The event that was flagged; `text` is what was said, `name` what somebody is called."""

    type: str
    group: str
    time: int
    text: str = ""
    name: str = ""
    message: str | None = None

    @property
    def said(self) -> str:
        return self.text or self.name

    @property
    def moment(self) -> datetime:
        return moment(self.time)


class CaseFlag(Struct, frozen=True):
    """The flag as it was when the case was opened."""

    id: str
    event: Event
    decision: str
    risk: float
    rule_set: str
    hits: list[Hit] = []
    spans: list[Span] = []
    campaign: str | None = None


class Said(Struct, frozen=True):
    """A message that came before."""

    member: str
    time: int
    text: str

    @property
    def moment(self) -> datetime:
        return moment(self.time)


class Evidence(Struct, frozen=True):
    """What a case is judged by."""

    flag: CaseFlag
    before: list[Said] = []


class Step(Struct, frozen=True):
    """What somebody did with a case."""

    id: str
    step: str
    by: str
    time: datetime
    note: str = ""


class InForce(Struct, frozen=True):
    """A flag in force, and the actions that it led to."""

    flag: str
    decision: str
    actions: list[str]


class CaseSummary(Struct, frozen=True):
    """A case, as the queue shows it."""

    id: str
    state: str
    reason: str
    group: str
    member: str
    labels: list[str]
    rules: list[str]
    risk: float
    text: str
    flag: str
    opened_at: datetime
    assignee: str
    reporters: int
    appealed: bool
    overdue: bool
    message: str | None = None
    answer_until: datetime | None = None


class Case(CaseSummary, frozen=True, kw_only=True):
    """A case with its evidence, and everything that was done."""

    evidence: Evidence
    digest: str
    reported_by: list[str]
    in_force: list[InForce]
    steps: list[Step]
    appeal_until: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    lesson: bool | None = None


class CasePage(Struct, frozen=True):
    """Some cases, and the cursor of the next ones."""

    items: list[CaseSummary]
    next: str | None = None


class Accepted(Struct, frozen=True):
    """The id of a step that was accepted."""

    review: str


class BulkResult(Struct, frozen=True):
    """What became of one case of many."""

    case: str
    review: str | None = None
    refused: str | None = None


class BulkAnswer(Struct, frozen=True):
    """What became of each case."""

    results: list[BulkResult]


class Incident(Struct, frozen=True):
    """A campaign as one incident."""

    id: str
    state: str
    fingerprint: str
    sample: str
    count: int
    groups: int
    first_at: datetime
    last_at: datetime


class IncidentPage(Struct, frozen=True):
    """Some campaigns."""

    items: list[Incident]
    next: str | None = None


class Copy(Struct, frozen=True):
    """One copy of a campaign."""

    flag: str
    group: str
    member: str
    time: datetime


class IncidentDetails(Incident, frozen=True, kw_only=True):
    """A campaign with its copies."""

    decision: str
    copies: list[Copy]
    steps: list[Step]


class Flag(Struct, frozen=True):
    """Something of a member's that was flagged."""

    id: str
    time: datetime
    group: str
    labels: list[str]
    risk: float
    decision: str
    event: Event
    hits: list[Hit] = []


class FlagPage(Struct, frozen=True):
    """Some flags, latest first."""

    items: list[Flag]
    next: str | None = None


def moment(millis: int) -> datetime:
    """Return a moment given in ms since 1970."""
    return datetime.fromtimestamp(millis / 1000, UTC)
