"""Campaigns: the list, the calendar, one campaign and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.console.answers.campaigns import (
    Campaign,
    CampaignPage,
    DryRun,
    PersonaPage,
    Preview,
    Results,
    SegmentList,
    SentPage,
)
from services.console.answers.months import beside, month_grid, month_of
from services.console.client import Upstream, at, attempt, together
from services.console.view import SignedIn, Viewing

_A_PAGE = 50
_ON_CALENDAR = 200
_MESSAGES = 50
_PERSONAS = 100
Cursor = Annotated[str | None, Query(max_length=2000)]
Name = Annotated[str, Query(max_length=200)]


class Asked(BaseModel):
    """Whose reading of a campaign is asked for, and in whose name; empty is not asked for."""

    group: Annotated[str, Field(max_length=200)] = ""
    member: Annotated[str, Field(max_length=200)] = ""
    segment: Annotated[str, Field(max_length=200)] = ""
    persona: Annotated[str, Field(max_length=64)] = ""

    @property
    def given(self) -> dict[str, str]:
        """What is asked for, as notify and the page's own address name it."""
        return {name: value for name, value in self.model_dump().items() if value}


def routes() -> APIRouter:
    """Return the routes under `/campaigns` that show something."""
    router = APIRouter()

    @router.get("/campaigns")
    async def campaigns(view: Viewing, cursor: Cursor = None) -> Response:
        page = await view.services.get(
            Upstream.NOTIFY, "/v1/campaigns", CampaignPage, limit=_A_PAGE, cursor=cursor
        )
        return view.render("campaigns/list.html", page=page)

    @router.get("/campaigns/calendar")
    async def calendar(view: Viewing, month: Name = "") -> Response:
        page = await view.services.get(
            Upstream.NOTIFY, "/v1/campaigns", CampaignPage, limit=_ON_CALENDAR
        )
        today = view.format.now.astimezone(view.format.zone).date()
        shown = month_of(month, today)
        return view.render(
            "campaigns/calendar.html",
            weeks=month_grid(page.items, shown, view.format.zone, view.format.now),
            month=shown,
            before=_written(beside(shown, -1)),
            after=_written(beside(shown, 1)),
            today=today,
        )

    @router.get("/campaigns/{id}")
    async def campaign(
        view: Viewing, id: str, asked: Annotated[Asked, Query()], cursor: Cursor = None
    ) -> Response:
        return await _campaign_page(view, id, asked, cursor)

    return router


async def _campaign_page(view: SignedIn, id: str, asked: Asked, cursor: str | None) -> Response:
    path = at("/v1/campaigns/{}", id)
    ask = view.services.get
    found = await ask(Upstream.NOTIFY, path, Campaign)
    dry_run, results, messages, personas, segments, preview = await together(
        attempt(ask(Upstream.NOTIFY, f"{path}/dry-run", DryRun)),
        attempt(ask(Upstream.NOTIFY, f"{path}/results", Results)),
        attempt(ask(Upstream.NOTIFY, f"{path}/messages", SentPage, limit=_MESSAGES, cursor=cursor)),
        attempt(ask(Upstream.NOTIFY, "/v1/personas", PersonaPage, limit=_PERSONAS)),
        attempt(ask(Upstream.SCORING, "/v1/segments", SegmentList)),
        attempt(_preview(view, path, asked)),
    )
    return view.render(
        "campaigns/campaign.html",
        campaign=found,
        dry_run=dry_run,
        results=results,
        messages=messages,
        personas=personas.items if isinstance(personas, PersonaPage) else [],
        segments=segments.items if isinstance(segments, SegmentList) else [],
        preview=preview,
        wanted=asked,
        query=urlencode(asked.given),
    )


async def _preview(view: SignedIn, path: str, asked: Asked) -> Preview | None:
    """Return what somebody would read, if it was asked for."""
    if not asked.given:
        return None
    return await view.services.get(Upstream.NOTIFY, f"{path}/preview", Preview, **asked.given)


def _written(month: date) -> str:
    return f"{month:%Y-%m}"
