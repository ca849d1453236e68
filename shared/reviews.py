"""What people decide about flags: on its way from REST to the partition's owner."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from shared.events import Count, Group, Id, Member, Name, Tenant, Time, group_key
from shared.verdicts import Decision, Flag


class ReviewStep(StrEnum):
    """What a person did with a case or an incident."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"
    APPEALED = "appealed"


class Teaches(StrEnum):
    """What a decision was about, and so whether the classifier may learn from the text."""

    AUTO = "auto"
    CONTENT = "content"
    CONDUCT = "conduct"


class Reviewer(Struct, frozen=True):
    """Who did it: the API key, and the person who it says is behind it (nobody: the key itself)."""

    key: Id
    name: Name = ""

    def is_same_as(self, other: Reviewer) -> bool:
        """Whether the two may be one person: a key without a name stands for all its people."""
        if self.name and other.name:
            return self.name == other.name
        return self.key == other.key


class _Reviewed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What a person did about what was flagged; the owner of the record's key applies it."""

    id: str
    tenant: Tenant
    time: Time
    by: Reviewer
    note: Annotated[str, Meta(max_length=2_000)] = ""

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return self.tenant


class CaseReviewed(_Reviewed, frozen=True, kw_only=True, tag="case.reviewed"):
    """A person did `step` with the case of a flag; the group's partition has the case.

    `member` is whom the case is about. `decision` is what a confirming moderator
    asks for beyond what the flag led to, `seconds` the length of a mute. `subject`
    is the flag itself, where it is so new that its document may not be there yet.
    `campaign` is the incident that was decided on, where that leads to this decision.
    """

    group: Group
    case: Id
    flag: Id
    member: Member
    step: ReviewStep
    assignee: Name = ""
    decision: Decision = Decision.ALLOW
    seconds: Count = 0
    teaches: Teaches = Teaches.AUTO
    subject: Flag | None = None
    campaign: Id | None = None

    @property
    def key(self) -> str:
        return group_key(self.tenant, self.group)


class _OfIncident(_Reviewed, frozen=True, kw_only=True):
    fingerprint: Name

    @property
    def key(self) -> str:
        return f"{self.tenant}/{self.fingerprint}"


class IncidentReviewed(_OfIncident, frozen=True, kw_only=True, tag="incident.reviewed"):
    """A person did `step` with a campaign; the partition of its sightings has the incident."""

    step: ReviewStep
    assignee: Name = ""
    decision: Decision = Decision.ALLOW
    seconds: Count = 0


class IncidentSpread(_OfIncident, frozen=True, kw_only=True, tag="incident.spread"):
    """Rules found more copies of a campaign, and flagged them.

    `acted` are the flags by which they had acted on copies before they knew of a
    campaign, without what explains them.
    """

    flags: list[Flag]
    acted: list[Flag] = []


class IncidentForgets(_OfIncident, frozen=True, kw_only=True, tag="incident.forgets"):
    """A member of a group is to be forgotten among a campaign's copies."""

    group: Group
    member: Member


class TrustChanged(_Reviewed, frozen=True, kw_only=True, tag="trust.changed"):
    """A member, in one group or all of them, is trusted from now on, or no longer."""

    member: Member
    trusted: bool
    group: Group | None = None


class Audited(_Reviewed, frozen=True, kw_only=True, tag="audited"):
    """Something was done by REST that belongs into the audit log: `what`, to which `subject`."""

    what: Name
    subject: Id
    detail: dict[Name, Name] = {}


Review = CaseReviewed | IncidentReviewed | IncidentSpread | IncidentForgets | TrustChanged | Audited
"""The closed set of what is on the topic `reviews`."""
