"""Groups, as scoring tells them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class HealthPart(Struct, frozen=True):
    """One part of a group's health: 0 to 1, and how much it weighs."""

    name: str
    value: float
    weight: int
    because: str


class Talk(Struct, frozen=True):
    """How evenly a group talks."""

    people: int
    top_four_share: float
    gini: float
    half_by: float


class Silence(Struct, frozen=True):
    """How long members have been silent, and what is usual, in hours."""

    hours: int
    usual_hours: int
    quiet_after_hours: int


class Arrivals(Struct, frozen=True):
    """Members who arrived in the last two weeks, a day ago or longer."""

    arrived: int
    wrote: int
    answered: int


class Risk(Struct, frozen=True):
    """A probability, and the 95 % interval of its fit."""

    probability: float
    low: float
    high: float


class Group(Struct, frozen=True):
    """A group's state; counts cover 28 days unless their names say otherwise."""

    group: str
    health: int
    stage: str
    because: str
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
    flags: dict[str, int]
    first_seen: datetime
    last_seen: datetime
    ends_at: datetime | None = None
    quiet_risk: Risk | None = None
    explain: list[HealthPart] | None = None


class GroupPage(Struct, frozen=True):
    """Some groups, and the cursor of the next ones."""

    items: list[Group]
    next: str | None = None
