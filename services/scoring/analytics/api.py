"""REST: funnels, cohorts, repurchase and lifetime value, counted from members' profiles."""

from __future__ import annotations

from datetime import date
from time import time
from typing import Annotated, Final

from fastapi import APIRouter, Query
from msgspec.structs import asdict

from services.scoring.analytics import funnel as funnels
from services.scoring.analytics.cohorts import Cohorts
from services.scoring.analytics.days import REACH, Period, date_of, day_number
from services.scoring.analytics.revenue import Revenue
from services.scoring.analytics.schemas import (
    CohortAnswer,
    CohortRow,
    FunnelAnswer,
    FunnelStage,
    RevenueAnswer,
    RevenueSummary,
    WorthRow,
)
from services.scoring.clock import TenantClock
from services.scoring.profiles.purchases import MONTHS_KEPT
from services.scoring.profiles.steps import STEPS
from services.scoring.profiles.store import ProfileStore
from services.scoring.segments.store import DefinitionStore
from shared.events import EVENT_TYPES, TenantId
from shared.web.auth import Tenanted
from shared.web.problems import Problem
from shared.web.shaping import ShapedRoute

_DEFAULT_DAYS: Final = 90
GroupFilter = Annotated[str | None, Query(max_length=200, description="Only this group.")]
SegmentFilter = Annotated[
    str | None, Query(max_length=40, description="Only members of this segment, as it is now.")
]
StepQuery = Annotated[
    str, Query(max_length=200, description="A step; `a|b` is either. See `/v1/steps`.")
]


def analytics_routes(profiles: ProfileStore, definitions: DefinitionStore) -> APIRouter:
    """Return the routes `/funnel`, `/cohorts` and `/revenue`."""
    router = APIRouter(tags=["analytics"], route_class=ShapedRoute)
    _add_funnel(router, profiles, definitions)
    _add_cohorts(router, profiles, definitions)
    _add_revenue(router, profiles, definitions)
    return router


def _add_funnel(router: APIRouter, profiles: ProfileStore, definitions: DefinitionStore) -> None:
    @router.get("/funnel")
    async def funnel(
        tenant: Tenanted,
        step: Annotated[
            list[str],
            Query(
                min_length=1,
                max_length=funnels.MOST_STEPS,
                description="Steps in order; `a|b` is either.",
            ),
        ] = list(funnels.DEFAULT),  # noqa: B006
        first: Annotated[date | None, Query(description="Default: 89 days before `last`.")] = None,
        last: Annotated[date | None, Query(description="Default: today.")] = None,
        within_days: Annotated[int, Query(ge=1, le=365)] = 30,
        group: GroupFilter = None,
        segment: SegmentFilter = None,
    ) -> FunnelAnswer:
        """Tell how many members took each step after the ones before, within so many days."""
        await _check_steps(definitions, tenant, "step", step)
        start, end = _span(first, last, _today(await definitions.clock(tenant)))
        counted = funnels.Funnel(step, start, end, within_days)
        async for member in profiles.by_member(tenant, group, segment):
            counted.add(member)
        items = [FunnelStage(**asdict(each)) for each in counted.stages()]
        return FunnelAnswer(
            first=date_of(start), last=date_of(end), within_days=within_days, items=items
        )


def _add_cohorts(router: APIRouter, profiles: ProfileStore, definitions: DefinitionStore) -> None:
    @router.get("/cohorts")
    async def cohorts(
        tenant: Tenanted,
        by: Period = Period.MONTH,
        periods: Annotated[int, Query(ge=1, le=60, description="How many, the current last.")] = 12,
        step: StepQuery = "active",
        group: GroupFilter = None,
        segment: SegmentFilter = None,
    ) -> CohortAnswer:
        """Tell how many of those who arrived in a period took a step in the periods after."""
        await _check_steps(definitions, tenant, "step", [step])
        clock = await definitions.clock(tenant)
        today = _today(clock)
        first = max(by.start(by.of(today) - periods + 1), today - REACH + 1)
        counted = Cohorts(step, by, first, today, clock)
        async for member in profiles.by_member(tenant, group, segment):
            counted.add(member)
        items = [CohortRow(**asdict(each)) for each in counted.rows()]
        return CohortAnswer(step=step, items=items)


def _add_revenue(router: APIRouter, profiles: ProfileStore, definitions: DefinitionStore) -> None:
    @router.get("/revenue")
    async def revenue(
        tenant: Tenanted,
        currency: Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217.")] = "CNY",
        months: Annotated[int, Query(ge=1, le=MONTHS_KEPT, description="Cohorts to tell.")] = 12,
        group: GroupFilter = None,
        segment: SegmentFilter = None,
    ) -> RevenueAnswer:
        """Tell repurchase, and what members spent by the month of their arrival."""
        clock = await definitions.clock(tenant)
        today = _today(clock)
        counted = Revenue(currency, Period.MONTH.of(today) - months + 1, today, clock)
        async for member in profiles.by_member(tenant, group, segment):
            counted.add(member)
        return RevenueAnswer(
            currency=currency,
            summary=RevenueSummary(**asdict(counted.summary())),
            items=[WorthRow(**asdict(each)) for each in counted.cohorts()],
        )


async def _check_steps(
    definitions: DefinitionStore, tenant: TenantId, field: str, steps: list[str]
) -> None:
    """Raise `Problem` (422) where there is no such step."""
    own = (await definitions.get(tenant)).steps
    named = [part for step in steps for part in step.split("|")]
    unknown = [name for name in named if name not in {*STEPS, *EVENT_TYPES, *own}]
    if unknown:
        wrong = [{"field": field, "detail": f"there is no step `{name}`"} for name in unknown]
        raise Problem(422, "Invalid request", errors=wrong)


def _span(first: date | None, last: date | None, today: int) -> tuple[int, int]:
    end = today if last is None else day_number(last)
    start = end - _DEFAULT_DAYS + 1 if first is None else day_number(first)
    if not 0 <= end - start < REACH:
        detail = f"`first` to `last` must be 1 to {REACH} days"
        raise Problem(422, "Invalid request", errors=[{"field": "first", "detail": detail}])
    return start, end


def _today(clock: TenantClock) -> int:
    return clock.day(int(time() * 1000))
