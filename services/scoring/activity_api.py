"""REST: when a group is active, and its health from day to day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.activity import Day, days_of, week_of_hours
from services.scoring.api import AsOf, Explain
from services.scoring.calendar import DAY
from services.scoring.health import WEIGHTS
from services.scoring.store import ScoreStore
from shared.web.auth import Tenanted
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute


class DayHealthPart(BaseModel):
    """A part of a day's health: 0 to 1, and how much it weighs."""

    name: str = Field(examples=["participation"])
    value: float
    weight: int


class DayAnswer(BaseModel):
    """A day of a group, by the tenant's calendar."""

    day: date
    messages: int = Field(description="Members' own.")
    operator_messages: int
    bot_messages: int
    spam: int = Field(description="Messages taken back as spam.")
    active: int = Field(description="Members active that day.")
    health: int | None = Field(description="At the day's last look; null where there was none.")
    explain: list[DayHealthPart] | None = Field(
        None,
        description="Parts whose weighted mean the health is (of a quiet group: at most 50).",
    )

    @classmethod
    def of(cls, day: Day, *, explain: bool) -> DayAnswer:
        """Return a day as REST gives it."""
        parts = [
            DayHealthPart(name=name, value=value, weight=WEIGHTS[name])
            for name, value in day.health_parts.items()
        ]
        known = {name: value for name, value in vars(day).items() if name != "health_parts"}
        known["day"] = datetime.fromtimestamp(day.day * DAY / 1000, UTC).date()
        return cls(**known, explain=parts if explain and parts else None)


class ActivityAnswer(BaseModel):
    """When a group is active."""

    group: str
    days: list[DayAnswer] = Field(description="The last 91 at most, the oldest first.")
    hours: list[list[int]] = Field(
        description="Members' messages of the last two weeks: seven weekdays from Monday on, "
        "24 hours each, by the tenant's clock."
    )


def activity_routes(store: ScoreStore) -> APIRouter:
    """Return the route `/groups/{group}/activity`."""
    router = APIRouter(tags=["groups"], route_class=ShapedRoute)

    @router.get("/groups/{group:path}/activity")
    async def activity(
        tenant: Tenanted, group: str, at: AsOf, explain: Explain = False
    ) -> ActivityAnswer:
        """Tell a group's messages, active members and health by day, and its busy hours."""
        found = await store.group(tenant, group)
        if found is None:
            raise NotFound("There is no such group.")
        watch = await store.watch(tenant, group)
        moment = max(at, found.last_at)
        return ActivityAnswer(
            group=group,
            days=[DayAnswer.of(day, explain=explain) for day in days_of(found, watch, moment)],
            hours=week_of_hours(found, moment),
        )

    return router
