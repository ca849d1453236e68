"""Signing in with an API key, and what somebody prefers: language, theme."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.console.catalogue import Language
from services.console.client import Trouble, Upstream
from services.console.oidc.identity import Refusal
from services.console.sessions import COOKIE, VISIT_COOKIE, Session, new_token
from services.console.shell import Shell, shell_of
from services.console.view import (
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    THEMES,
    View,
    sent_form,
)
from shared.web.scopes import Scope

_YEAR_SECONDS: Final = 31_536_000
_LONGEST_KEY: Final = 200


class KnownKey(msgspec.Struct):
    """What ingest says of the key that asks."""

    id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]


async def session_of(shell: Shell, key: str) -> Session:
    """Return a new session of an API key. Raises `Trouble` for a key that opens nothing."""
    caller = shell.services.asked_by(key)
    known = await caller.get(Upstream.INGEST, "/v1/key", KnownKey)
    return Session(
        key=key,
        key_id=known.id,
        tenant=known.tenant,
        name=known.name,
        scopes=known.scopes,
        csrf=new_token(),
        until=time.time() + shell.settings.console_session_hours * 3600,
    )


def own_path(path: str) -> str:
    """Return a path of the console; its front page for whatever leads elsewhere."""
    leads_out = path.startswith(("//", "/\\")) or not path.startswith("/") or not path.isprintable()
    return "/" if leads_out or path.startswith("/sign-") else path


def routes() -> APIRouter:
    """Return the routes of signing in and of preferences."""
    router = APIRouter()

    @router.get("/sign-in")
    async def ask(request: Request, link: str = "", to: str = "/", over: str = "") -> Response:
        view = View.of(request)
        if link:
            return _follow(view, link)
        if view.session is not None and not over:
            return RedirectResponse(own_path(to), 303)
        return form_page(view, to=to, over=bool(over))

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        view = View.of(request)
        form = await sent_form(view)
        try:
            session = await session_of(view.shell, form["key"][:_LONGEST_KEY])
        except Trouble as trouble:
            status = 503 if trouble.is_away else 401
            return form_page(view, to=form["to"], trouble=trouble, status=status)
        return _enter(view, session, form["to"])

    _add_links(router)
    _add_preferences(router)
    return router


def _add_links(router: APIRouter) -> None:
    @router.post("/sign-in/link", include_in_schema=False)
    async def make_link(request: Request) -> Response:
        """Make a link that signs in once, for a program on this machine that holds a key."""
        shell = shell_of(request)
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if not _is_local(request) or kind.lower() != "bearer":
            return Response(status_code=404)
        try:
            session = await session_of(shell, key)
        except Trouble as trouble:
            status = 503 if trouble.is_away else 401
            return JSONResponse({"title": trouble.title, "status": status}, status)
        return JSONResponse({"path": f"/sign-in?link={shell.links.make(session)}"}, 201)


def _add_preferences(router: APIRouter) -> None:
    @router.post("/preferences")
    async def prefer(request: Request) -> Response:
        view = View.of(request)
        form = await sent_form(view)
        back = form["to"] if form["to"].startswith("/sign-in") else own_path(form["to"])
        answer = RedirectResponse(back, 303)
        if form["language"] in set(Language):
            view.keep(answer, LANGUAGE_COOKIE, form["language"], seconds=_YEAR_SECONDS)
        if form["theme"] in THEMES:
            view.keep(answer, THEME_COOKIE, form["theme"], seconds=_YEAR_SECONDS)
        return answer


def form_page(
    view: View,
    *,
    to: str,
    over: bool = False,
    trouble: Trouble | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    """Answer with the form, and with the cookie that its token has to match."""
    token = view.request.cookies.get(VISIT_COOKIE, "") or new_token()
    answer = view.render(
        "sign_in.html",
        status,
        to=own_path(to),
        over=over,
        trouble=trouble,
        refusal=refusal,
        with_provider=view.shell.oidc is not None,
        token=token,
    )
    view.keep(answer, VISIT_COOKIE, token)
    return answer


def _enter(view: View, session: Session, to: str) -> Response:
    answer = RedirectResponse(own_path(to), 303)
    seconds = int(session.until - time.time())
    view.keep(answer, COOKIE, view.shell.sessions.write(session), seconds=seconds)
    answer.delete_cookie(VISIT_COOKIE)
    return answer


def _follow(view: View, link: str) -> Response:
    session = view.shell.links.use(link) if _is_local(view.request) else None
    if session is None:
        return form_page(view, to="/", over=True)
    return _enter(view, session, "/")


def _is_local(request: Request) -> bool:
    """Whether the request comes from this machine, and not by way of a proxy."""
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
