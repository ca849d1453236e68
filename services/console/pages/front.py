"""The front door: it leads to the first page."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from services.console.navigation import shown_to
from services.console.view import Viewing


def routes() -> APIRouter:
    """Return the route of `/`."""
    router = APIRouter()

    @router.get("/")
    async def front(view: Viewing) -> Response:
        return RedirectResponse(shown_to(view.session)[0].path, 303)

    return router
