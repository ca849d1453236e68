"""Groups: the list, worst first."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.console.answers.groups import GroupPage
from services.console.client import Upstream
from services.console.view import Viewing

Order = Literal["health", "group"]
_A_PAGE = 50


def routes() -> APIRouter:
    """Return the routes under `/groups`."""
    router = APIRouter()

    @router.get("/groups")
    async def groups(
        view: Viewing,
        sort: Order = "health",
        cursor: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> Response:
        page = await view.services.get(
            Upstream.SCORING, "/v1/groups", GroupPage, sort=sort, limit=_A_PAGE, cursor=cursor
        )
        query = urlencode({"sort": sort})
        return view.render("groups/list.html", page=page, sort=sort, query=query)

    return router
