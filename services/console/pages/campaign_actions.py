"""Campaigns being written, approved, paused and cancelled."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Response

from services.console.answers.campaigns import (
    Campaign,
    Definition,
    PersonaPage,
    SegmentList,
)
from services.console.answers.composing import (
    REMINDERS,
    VARIANTS,
    definition_of,
    fits,
    form_of,
    with_rest_of,
)
from services.console.answers.groups import GroupPage
from services.console.client import Nothing, Trouble, Upstream, at, attempt, together
from services.console.formats import zone_of
from services.console.forms import Form
from services.console.view import Acting, SignedIn, acting, viewing
from shared.web.scopes import Scope

_MOST_GROUPS = 200
_MOST_PERSONAS = 100
_LOOKS = 50
_BETWEEN_LOOKS = 0.2
"""How often, and how many seconds apart, a new campaign is looked for: 10 s at most."""
MINUTES_BEFORE: Final = (1_440, 60, 10, 30, 180, 2_880)
"""How long before it the form reminds of an activity; the first are what it proposes."""
Writer = Annotated[Acting, acting(Scope.CAMPAIGNS_WRITE)]
Approver = Annotated[Acting, acting(Scope.CAMPAIGNS_APPROVE)]
Author = Annotated[SignedIn, viewing(Scope.CAMPAIGNS_WRITE)]


def routes() -> APIRouter:
    """Return the routes that change campaigns."""
    router = APIRouter()
    _add_writing(router)

    @router.post("/campaigns/{id}/approve")
    async def approve(act: Approver, id: str) -> Response:
        return await _move(act, id, "approve")

    @router.post("/campaigns/{id}/resume")
    async def resume(act: Approver, id: str) -> Response:
        return await _move(act, id, "resume")

    @router.post("/campaigns/{id}/pause")
    async def pause(act: Writer, id: str) -> Response:
        return await _move(act, id, "pause")

    @router.post("/campaigns/{id}/cancel")
    async def cancel(act: Writer, id: str) -> Response:
        return await _move(act, id, "cancel")

    return router


def _add_writing(router: APIRouter) -> None:
    @router.get("/campaigns/new")
    async def compose(view: Author, day: date | None = None) -> Response:
        fields = {"zone": [str(view.format.zone)], "when": ["now" if day is None else "at"]}
        if day is not None:
            fields["at"] = [f"{day}T09:00"]
        return await _composer(view, Form(fields))

    @router.post("/campaigns/new")
    async def create(act: Writer) -> Response:
        return await _save(act, "POST", "/v1/campaigns")

    @router.get("/campaigns/{id}/edit")
    async def edit(view: Author, id: str) -> Response:
        found = await view.services.get(Upstream.NOTIFY, at("/v1/campaigns/{}", id), Campaign)
        if not fits(found.definition):
            return view.see_other(at("/campaigns/{}", id), "done.campaign_beyond_form")
        schedule = found.definition.schedule
        zone = zone_of(schedule.zone, str(view.format.zone))
        return await _composer(view, form_of(found.definition, zone), id=id)

    @router.post("/campaigns/{id}/edit")
    async def change(act: Writer, id: str) -> Response:
        return await _save(act, "PATCH", at("/v1/campaigns/{}", id), id)


async def _save(act: Acting, method: str, path: str, id: str | None = None) -> Response:
    zone = zone_of(act.form["zone"], str(act.format.zone))
    body = definition_of(act.form, zone)
    if id is not None:
        before = await act.services.get(Upstream.NOTIFY, path, dict[str, Any])
        if not fits(msgspec.convert(before["definition"], Definition, strict=False)):
            return act.see_other(at("/campaigns/{}", id), "done.campaign_beyond_form")
        body = with_rest_of(before["definition"], body)
    try:
        saved = await act.services.call(Upstream.NOTIFY, method, path, Campaign, body=body)
    except Trouble as trouble:
        if trouble.status not in (409, 422):
            raise
        return await _composer(act, act.form, id=id, trouble=trouble)
    await _until_told(act, saved.id)
    return act.see_other(at("/campaigns/{}", saved.id), "done.campaign_saved")


async def _until_told(act: Acting, id: str) -> None:
    """Wait until a campaign that was just written can be read; its owner takes a moment."""
    for _ in range(_LOOKS):
        try:
            await act.services.get(Upstream.NOTIFY, at("/v1/campaigns/{}", id), Nothing)
        except Trouble as trouble:
            if trouble.status != 404:
                raise
            await asyncio.sleep(_BETWEEN_LOOKS)
        else:
            return


async def _move(act: Acting, id: str, move: str) -> Response:
    await act.services.post(Upstream.NOTIFY, at("/v1/campaigns/{}", id) + f":{move}", Nothing)
    return act.see_other(at("/campaigns/{}", id), f"done.campaign.{move}")


async def _composer(
    view: SignedIn, form: Form, *, id: str | None = None, trouble: Trouble | None = None
) -> Response:
    """Answer with the form, and what notify found wrong with it."""
    ask = view.services.get
    personas, groups, segments = await together(
        ask(Upstream.NOTIFY, "/v1/personas", PersonaPage, limit=_MOST_PERSONAS),
        attempt(ask(Upstream.SCORING, "/v1/groups", GroupPage, limit=_MOST_GROUPS)),
        attempt(ask(Upstream.SCORING, "/v1/segments", SegmentList)),
    )
    known = [each.group for each in groups.items] if isinstance(groups, GroupPage) else []
    return view.render(
        "campaigns/compose.html",
        422 if trouble else 200,
        form=form,
        id=id,
        trouble=trouble,
        personas=personas.items,
        groups=sorted({*known, *form.every("groups")}),
        segments=segments.items if isinstance(segments, SegmentList) else [],
        variants=range(VARIANTS),
        reminders=range(REMINDERS),
        before=MINUTES_BEFORE,
    )
