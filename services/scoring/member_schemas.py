"""What scoring's REST API answers about members."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, Field

from services.scoring.boards import Measure
from services.scoring.layers import Layer, standing_of
from services.scoring.member import Member
from services.scoring.risk import Risk, churn_risk
from shared.events import Role


class ScorePart(BaseModel):
    """Points that a source contributes to a score, decayed to the moment asked for."""

    source: str = Field(examples=["recognition"])
    points: float


class NextLayer(BaseModel):
    """What the next layer asks for."""

    layer: Layer
    active_days: int
    score: float


class MemberExplanation(BaseModel):
    """What makes up a member's score and layer."""

    score: list[ScorePart]
    half_life_days: int = 30
    active_days_28: int
    next_layer: NextLayer | None
    sinks_in_days: int | None = Field(
        None, description="After how many days the layer is lost if nothing changes."
    )
    recognition_trust: float = Field(
        description="How credible the recognition is, 0 to 1: by how many, on how many days."
    )


class MemberAnswer(BaseModel):
    """A member in one group."""

    member: str
    group: str
    name: str
    role: str
    layer: Layer
    score: float = Field(description="Points with a half-life of 30 days.")
    score_7: float = Field(description="Points with a half-life of 7 days.")
    score_90: float = Field(description="Points with a half-life of 90 days.")
    active_days: int = Field(description="Days with an act, ever.")
    active_days_28: int
    checkin_streak: int
    present: bool = Field(description="Seen in the group and not left.")
    first_seen: datetime | None
    last_seen: datetime | None
    counts: dict[str, int] = Field(examples=[{"messages": 41, "replies_received": 12}])
    flags: dict[str, int]
    churn_risk: Risk | None = Field(
        None,
        description="How likely the member is silent in this group for the next 90 days, by what "
        "they did in it. Not told of who was not active in the last 30 days, nor of bots and "
        "those who run the group.",
    )
    explain: MemberExplanation | None = None

    @classmethod
    def of(cls, member: Member, at: int, *, explain: bool) -> MemberAnswer:
        """Tell a member as of `at` (ms), or of the latest hour that touched them if later."""
        day = member.day(at)
        standing = standing_of(member, at)
        presence = member.presence
        return cls(
            member=member.member,
            group=member.group,
            name=member.name,
            role=member.role,
            layer=standing.layer,
            score=round(standing.score, 1),
            score_7=round(member.score.over_week(day, member.trust), 1),
            score_90=round(member.score.over_quarter(day, member.trust), 1),
            active_days=presence.active_days_ever,
            active_days_28=standing.active_days,
            checkin_streak=presence.streak(day),
            present=member.is_present,
            first_seen=_moment(member.first_seen) if member.first_seen else None,
            last_seen=_moment(member.last_seen) if member.last_seen else None,
            counts=member.counts,
            flags=member.flags,
            churn_risk=churn_risk([member], at, explain=explain)
            if member.role is Role.MEMBER
            else None,
            explain=_explanation(member, at, day) if explain else None,
        )


class MemberDetails(BaseModel):
    """A member across a tenant's groups, the group with the highest score first."""

    member: str
    name: str
    score: float = Field(description="The sum of the scores in the groups.")
    churn_risk: Risk | None = Field(
        None,
        description="How likely the member is silent in all groups for the next 90 days. "
        "Not told of who was not active in the last 30 days.",
    )
    groups: list[MemberAnswer]

    @classmethod
    def of(cls, memberships: list[Member], at: int, *, explain: bool) -> MemberDetails:
        """Put together what the groups know; there is at least one."""
        answers = [MemberAnswer.of(member, at, explain=explain) for member in memberships]
        answers.sort(key=lambda answer: (-answer.score, answer.group))
        latest = max(memberships, key=lambda member: member.named_at)
        return cls(
            member=latest.member,
            name=latest.name,
            score=round(sum(answer.score for answer in answers), 1),
            churn_risk=churn_risk(memberships, at, explain=explain),
            groups=answers,
        )


class Ranked(BaseModel):
    """One line of a leaderboard."""

    value: float = Field(description="What is ranked by: the score at `at`, or the count.")
    member: MemberAnswer


class MemberPage(BaseModel):
    """A page of members."""

    items: list[MemberAnswer]
    next: str | None


class Leaderboard(BaseModel):
    """A page of a leaderboard, the best first."""

    by: Measure
    items: list[Ranked]
    next: str | None


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1000, tz=UTC)


def _explanation(member: Member, at: int, day: int) -> MemberExplanation:
    standing = standing_of(member, at)
    bar = standing.next
    parts = member.score.parts(day, member.trust).items()
    return MemberExplanation(
        score=[ScorePart(source=source, points=round(points, 1)) for source, points in parts],
        active_days_28=standing.active_days,
        sinks_in_days=standing.sinks_in,
        recognition_trust=round(member.trust, 3),
        next_layer=bar and NextLayer(layer=bar.layer, active_days=bar.active_days, score=bar.score),
    )
