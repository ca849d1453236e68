"""REST: a member's layer and score, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter
from msgspec.structs import replace
from pydantic import BaseModel, Field

from services.scoring.api import AsOf
from services.scoring.calendar import DAYS_KEPT
from services.scoring.layers import Layer, LivedDay, days_lived
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
            day=_EPOCH + timedelta(days=lived.day),
            layer=lived.layer,
            score=round(lived.score, 1),
            active_days_28=lived.active_days,
        )


class GroupHistory(BaseModel):
    """A member's days in one group, the earliest first."""

    group: str
    days: list[DayAnswer] = Field(description=f"The last {DAYS_KEPT}, from the first act on.")


class MemberHistory(BaseModel):
    """A member's days in each group, by the group's id."""

    member: str
    groups: list[GroupHistory]


def history_routes(store: ScoreStore, definitions: DefinitionStore) -> APIRouter:
    """Return the route of members' days; to be served before those that end in a member."""
    router = APIRouter()

    @router.get("/members/{member:path}/history", tags=["members"])
    async def history(tenant: Tenanted, member: str, at: AsOf) -> MemberHistory:
        """Tell a member's layer and score on each of the last days.

        They are told by what is kept now: spam that was found later has left no trace in them.
        """
        memberships = await store.memberships(tenant, member)
        if not memberships:
            raise NotFound("There is no such member.")
        offset = (await definitions.clock(tenant)).offset(at)
        groups = [
            GroupHistory(
                group=each.group,
                days=[DayAnswer.of(day) for day in days_lived(replace(each, offset=offset), at)],
            )
            for each in memberships
        ]
        return MemberHistory(member=member, groups=groups)

    return router
