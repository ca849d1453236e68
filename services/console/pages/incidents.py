"""Campaigns of spam: the copies of one text, decided on together."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from services.console.answers.cases import Accepted, IncidentDetails, IncidentPage
from services.console.client import Upstream, at, until
from services.console.pages.review import Deciding, Reviewing
from shared.verdicts import Decision

_A_PAGE: Final = 50
DECISIONS: Final = (Decision.ALLOW, Decision.DELETE, Decision.MUTE, Decision.KICK, Decision.BAN)


def routes() -> APIRouter:
    """Return the routes under `/review/campaigns`."""
    router = APIRouter()

    @router.get("/review/campaigns")
    async def campaigns(
        view: Reviewing, cursor: Annotated[str | None, Query(max_length=2000)] = None
    ) -> Response:
        page = await view.services.get(
            Upstream.RULES, "/v1/incidents", IncidentPage, limit=_A_PAGE, cursor=cursor
        )
        return view.render("review/campaigns.html", page=page)

    @router.get("/review/campaigns/{id}")
    async def campaign(view: Reviewing, id: str) -> Response:
        path = at("/v1/incidents/{}", id)
        found = await view.services.get(Upstream.RULES, path, IncidentDetails)
        return view.render("review/campaign.html", campaign=found, decisions=DECISIONS)

    @router.post("/review/campaigns/{id}/confirm")
    async def confirm(act: Deciding, id: str) -> Response:
        """Confirm that it is a campaign; the decision is done about every copy."""
        return await _take(act, id, "confirm", {"decision": act.form["decision"] or "allow"})

    @router.post("/review/campaigns/{id}/overturn")
    async def overturn(act: Deciding, id: str) -> Response:
        """Decide that it is none: what was done about any copy is taken back."""
        return await _take(act, id, "overturn", {})

    return router


async def _take(act: Deciding, id: str, step: str, body: dict[str, object]) -> Response:
    said = {"moderator": act.session.name, "note": act.form["note"], **body}
    path = at("/v1/incidents/{}", id)
    accepted = await act.services.post(Upstream.RULES, f"{path}:{step}", Accepted, said)

    async def is_there() -> bool:
        found = await act.services.get(Upstream.RULES, path, IncidentDetails)
        return accepted.review in {step.id for step in found.steps}

    await until(is_there)
    done = "done.confirmed" if step == "confirm" else "done.overturned"
    return act.see_other(at("/review/campaigns/{}", id), done)
