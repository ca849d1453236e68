"""REST: when a group is active, and its health from day to day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.activity import Day, days_of, week_of_hours
from services.scoring.api import AsOf
from services.scoring.calendar import DAY
from services.scoring.store import ScoreStore
from shared.web.auth import Tenanted
from shared.web.problems import NotFound
from shared.web.shaping import ShapedRoute


class DayAnswer(BaseModel):
    """A day of a group, by the tenant's calendar."""

    day: date
    messages: int = Field(description="Members' own.")
    operator_messages: int
    bot_messages: int
    spam: int = Field(description="Messages taken back as spam.")
    active: int = Field(description="Members active that day.")
    health: int | None = Field(description="At the day's last look; null where there was none.")

    @classmethod
    def of(cls, day: Day) -> DayAnswer:
        """Return a day as REST gives it."""
        return cls(**{**vars(day), "day": datetime.fromtimestamp(day.day * DAY / 1000, UTC).date()})


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
    async def activity(tenant: Tenanted, group: str, at: AsOf) -> ActivityAnswer:
        """Tell a group's messages, active members and health by day, and its busy hours."""
        found = await store.group(tenant, group)
        if found is None:
            raise NotFound("There is no such group.")
        watch = await store.watch(tenant, group)
        moment = max(at, found.last_at)
        return ActivityAnswer(
            group=group,
            days=[DayAnswer.of(day) for day in days_of(found, watch, moment)],
            hours=week_of_hours(found, moment),
        )

    return router
