"""Signing out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.console.pages.oidc import revoke
from services.console.sessions import COOKIE
from services.console.view import View, sent_form


def routes() -> APIRouter:
    """Return the route of signing out."""
    router = APIRouter()

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        view = View.of(request)
        await sent_form(view)
        if view.session is not None:
            await revoke(view.shell, view.session)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return router
