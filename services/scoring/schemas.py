"""What scoring's REST API answers."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, Field

from services.scoring.boards import Measure
from services.scoring.group import Group
from services.scoring.health import health_of
from services.scoring.layers import Layer, standing_of
from services.scoring.lifecycle import LifeStage, stage_of
from services.scoring.member import Member
from services.scoring.pulse import Pulse, pulse_of
from services.scoring.risk import Risk, churn_risk, quiet_risk


class HealthPart(BaseModel):
    """One part of a group's health: 0 to 1, how much it weighs, and why."""

    name: str = Field(examples=["participation"])
    value: float
    weight: int
    because: str = Field(examples=["14 of 60 members were active in 28 days"])


class Talk(BaseModel):
    """How evenly a group talks: a mean of the last four weeks, weighted by their messages."""

    people: int = Field(description="Who wrote in a week.")
    top_four_share: float = Field(description="Share of the messages of the four busiest.")
    gini: float = Field(description="0: all wrote alike; 1: one alone (a lower bound).")
    half_by: float = Field(description="The fewest people who wrote half of the messages.")


class Silence(BaseModel):
    """How long members have been silent, and what is usual, in hours."""

    hours: int
    usual_hours: int
    quiet_after_hours: int


class Arrivals(BaseModel):
    """Members who arrived in the last two weeks, a day ago or longer."""

    arrived: int
    wrote: int
    answered: int = Field(description="Those who wrote and got an answer within 24 hours.")


class GroupAnswer(BaseModel):
    """A group's state; counts cover 28 days unless their names say otherwise."""

    group: str
    at: datetime = Field(description="The moment that the figures are for.")
    health: int = Field(ge=0, le=100)
    stage: LifeStage
    because: str = Field(description="Why it is in this stage.")
    ends_at: datetime | None = Field(None, description="For groups that have an end date.")
    members: int
    active_today: int
    active_7_days: int
    active_28_days: int
    speaking_ratio: float
    messages_7_days: int
    messages: int
    operator_messages: int
    operator_share: float
    bot_messages: int
    spam: int
    spam_share: float
    silence: Silence
    talk: Talk
    newcomers: Arrivals
    flags: dict[str, int] = Field(description="Flags by label, ever.")
    first_seen: datetime
    last_seen: datetime
    quiet_risk: Risk | None = Field(
        None,
        description="How likely nobody writes for the next 28 days. Not told of a group "
        "younger than 56 days, or in which no member wrote for 28 days.",
    )
    explain: list[HealthPart] | None = Field(None, description="What makes up the health.")

    @classmethod
    def of(cls, group: Group, at: int, *, explain: bool) -> GroupAnswer:
        """Tell a group as of `at` (ms)."""
        pulse = pulse_of(group, at)
        health = health_of(pulse)
        stage, because = stage_of(pulse)
        parts = [
            HealthPart(name=part.name, value=part.value, weight=part.weight, because=part.because)
            for part in health.parts
        ]
        return cls(
            group=group.group,
            at=_moment(pulse.at),
            health=health.score,
            stage=stage,
            because=because,
            members=group.members,
            active_today=pulse.active_today,
            active_7_days=pulse.active_week,
            active_28_days=pulse.active_month,
            speaking_ratio=round(pulse.speaking_ratio, 3),
            messages_7_days=pulse.messages_week,
            messages=pulse.messages,
            operator_messages=pulse.operator_messages,
            operator_share=round(pulse.operator_share, 3),
            bot_messages=pulse.bot_messages,
            spam=pulse.spam,
            spam_share=round(pulse.spam_share, 3),
            silence=_silence(pulse),
            talk=_talk(pulse),
            newcomers=_arrivals(pulse),
            flags=group.flags,
            first_seen=_moment(group.first_at),
            last_seen=_moment(group.last_at),
            quiet_risk=quiet_risk(pulse, explain=explain),
            explain=parts if explain else None,
        )


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


class GroupPage(BaseModel):
    """A page of groups; ask again with `cursor` set to `next`."""

    items: list[GroupAnswer]
    next: str | None


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


def _silence(pulse: Pulse) -> Silence:
    rhythm = pulse.rhythm
    return Silence(
        hours=rhythm.silent, usual_hours=rhythm.usual, quiet_after_hours=rhythm.quiet_after
    )


def _talk(pulse: Pulse) -> Talk:
    talkers = pulse.talkers
    return Talk(
        people=talkers.people,
        top_four_share=round(talkers.top_share, 3),
        gini=round(talkers.gini, 3),
        half_by=round(talkers.half, 1),
    )


def _arrivals(pulse: Pulse) -> Arrivals:
    newcomers = pulse.newcomers
    return Arrivals(arrived=newcomers.arrived, wrote=newcomers.spoke, answered=newcomers.answered)


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
