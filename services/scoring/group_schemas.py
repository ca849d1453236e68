"""What scoring's REST API answers about groups."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, Field

from services.scoring.group import Group
from services.scoring.health import health_of
from services.scoring.lifecycle import LifeStage, stage_of
from services.scoring.pulse import Pulse, pulse_of
from services.scoring.risk import Risk, quiet_risk


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


class GroupPage(BaseModel):
    """A page of groups; ask again with `cursor` set to `next`."""

    items: list[GroupAnswer]
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
