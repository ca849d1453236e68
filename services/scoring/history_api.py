"""REST: a member's layer and score day by day, and the part they play week by week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter
from msgspec.structs import replace
from pydantic import BaseModel, Field

from services.scoring.acts import WEEKS_TOLD
from services.scoring.api import AsOf
from services.scoring.calendar import DAYS_KEPT
from services.scoring.layers import Layer, LivedDay, days_lived
from services.scoring.member import Member
from services.scoring.parts import LivedWeek, Part, weeks_lived
from services.scoring.segments.store import DefinitionStore
from services.scoring.store import ScoreStore
from shared.web.auth import Tenanted
from shared.web.problems import NotFound

_EPOCH: Final = date(1970, 1, 1)


class DayAnswer(BaseModel):
    """How a member stood in a group on a day of the tenant's time zone."""

    day: date
    layer: Layer
    score: float
    active_days_28: int

    @classmethod
    def of(cls, lived: LivedDay) -> DayAnswer:
        """Return a day as REST gives it."""
        return cls(
            day=_date(lived.day),
            layer=lived.layer,
            score=round(lived.score, 1),
            active_days_28=lived.active_days,
        )


class WeekAnswer(BaseModel):
    """The part that a member played in a group, as of the last day of a week (from Monday)."""

    first_day: date
    last_day: date = Field(description="Sunday; of the current week the day that is told of.")
    part: Part
    confidence: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, lived: LivedWeek) -> WeekAnswer:
        """Return a week as REST gives it."""
        return cls(
            first_day=_date(lived.first_day),
            last_day=_date(lived.last_day),
            part=lived.casting.part,
            confidence=round(lived.casting.confidence, 3),
        )


class GroupHistory(BaseModel):
    """A member's days and weeks in one group, the earliest first."""

    group: str
    days: list[DayAnswer] = Field(description=f"The last {DAYS_KEPT}, from the first act on.")
    parts: list[WeekAnswer] = Field(
        description=f"The last {WEEKS_TOLD} weeks, from that of the first act on."
    )


class MemberHistory(BaseModel):
    """A member's days and weeks in each group, by the group's id."""

    member: str
    groups: list[GroupHistory]


def history_routes(store: ScoreStore, definitions: DefinitionStore) -> APIRouter:
    """Return the route of members' history; to be served before those that end in a member."""
    router = APIRouter()

    @router.get("/members/{member:path}/history", tags=["members"])
    async def history(tenant: Tenanted, member: str, at: AsOf) -> MemberHistory:
        """Tell a member's layer and score on each of the last days, and the part of each week.

        They are told by what is kept now: spam that was found later has left no trace in them.
        """
        memberships = await store.memberships(tenant, member)
        if not memberships:
            raise NotFound("There is no such member.")
        offset = (await definitions.clock(tenant)).offset(at)
        groups = [_history(replace(each, offset=offset), at) for each in memberships]
        return MemberHistory(member=member, groups=groups)

    return router


def _history(membership: Member, at: int) -> GroupHistory:
    return GroupHistory(
        group=membership.group,
        days=[DayAnswer.of(day) for day in days_lived(membership, at)],
        parts=[WeekAnswer.of(week) for week in weeks_lived(membership, at)],
    )


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
