"""Signing in with the identity provider: there, back, and with a key of the person's own."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from msgspec.structs import replace
from structlog import get_logger

from services.console.client import Nothing, Trouble, Upstream, at
from services.console.oidc.configuration import CALLBACK, Oidc
from services.console.oidc.identity import Identity, Refusal, RefusedError, role_in
from services.console.oidc.provider import Provider
from services.console.oidc.request import SignInRequest
from services.console.pages.sign_in import form_page, own_path, session_of
from services.console.roles import SCOPES
from services.console.sealing import UnsealedError
from services.console.sessions import COOKIE, Session, new_token
from services.console.shell import Shell
from services.console.view import View

log = get_logger(__name__)

REQUEST_COOKIE: Final = "steward_sign_in"
REQUEST_SECONDS: Final = 600
"""How long somebody may take at the provider."""
_PATH: Final = "/sign-in/oidc"
_MOST_NAME: Final = 200
_STATUSES: Final = {Refusal.ROLE: 403, Refusal.AWAY: 503}
Told = Annotated[str, Query(max_length=4_000)]


class MadeKey(msgspec.Struct):
    """A key that was made for one session."""

    key: str

    def __repr__(self) -> str:
        return "MadeKey()"


def routes() -> APIRouter:
    """Return the routes that lead to the provider and back."""
    router = APIRouter()

    @router.get(_PATH)
    async def leave(request: Request, to: str = "/") -> Response:
        view = View.of(request)
        _, provider = _configured(view.shell)
        begun = SignInRequest(
            state=new_token(),
            nonce=new_token(),
            verifier=new_token(),
            to=own_path(to),
            until=time.time() + REQUEST_SECONDS,
        )
        try:
            answer = RedirectResponse(await provider.address(begun), 303)
        except RefusedError as refused:
            return _refuse(view, refused)
        _keep(view, answer, begun)
        return answer

    @router.get(CALLBACK)
    async def come_back(
        request: Request, state: Told = "", code: Told = "", error: Told = "", iss: Told = ""
    ) -> Response:
        view = View.of(request)
        oidc, provider = _configured(view.shell)
        try:
            begun = _begun(view, state)
            _check_answer(oidc, code, error, iss)
            session = await _session(view.shell, oidc, await provider.identity(code, begun))
        except RefusedError as refused:
            return _refuse(view, refused)
        return _enter(view, session, begun.to)

    return router


async def revoke(shell: Shell, session: Session) -> None:
    """Make the key of a session that is over worthless, if it was made for it."""
    if not session.issued or shell.oidc is None:
        return
    admin = shell.services.asked_by(shell.oidc.key.get_secret_value())
    try:
        path = at("/v1/keys/{}", session.key_id)
        await admin.call(Upstream.INGEST, "DELETE", path, Nothing)
    except Trouble as trouble:
        log.warning("key_not_revoked", key=session.key_id, status=trouble.status)


def _configured(shell: Shell) -> tuple[Oidc, Provider]:
    if shell.oidc is None or shell.provider is None:
        raise HTTPException(404)
    return shell.oidc, shell.provider


def _begun(view: View, state: str) -> SignInRequest:
    """Return the sign-in that this browser has begun. Raises `RefusedError` if it is another."""
    cookie = view.request.cookies.get(REQUEST_COOKIE, "")
    try:
        begun = msgspec.json.decode(view.shell.requests.open(cookie), type=SignInRequest)
    except (UnsealedError, msgspec.MsgspecError):
        raise RefusedError(Refusal.STATE, "this browser has begun none") from None
    if time.time() >= begun.until or not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise RefusedError(Refusal.STATE, "it is over, or of another browser")
    return begun


def _check_answer(oidc: Oidc, code: str, error: str, issuer: str) -> None:
    """Raise `RefusedError` unless the provider that was asked (RFC 9207) sent back a code."""
    if error or not code or issuer not in ("", oidc.issuer):
        told = error[:100] or "no code, or it is another provider"
        raise RefusedError(Refusal.PROVIDER, told)


async def _session(shell: Shell, oidc: Oidc, identity: Identity) -> Session:
    """Return a session with a key of the person's own, which is good as long as it."""
    role = role_in(identity.claims, oidc.claim, oidc.roles)
    until = time.time() + shell.settings.console_session_hours * 3600
    admin = shell.services.asked_by(oidc.key.get_secret_value())
    wanted = {
        "name": f"oidc:{identity.subject}"[:_MOST_NAME],
        "scopes": sorted(SCOPES[role]),
        "expires_at": datetime.fromtimestamp(until, UTC),
    }
    try:
        made = await admin.post(Upstream.INGEST, "/v1/keys", MadeKey, wanted)
        session = await session_of(shell, made.key)
    except Trouble as trouble:
        raise RefusedError(Refusal.AWAY, f"no key was made: {trouble}") from None
    name = identity.name[:_MOST_NAME]
    return replace(session, name=name, until=min(until, session.until), issued=True)


def _enter(view: View, session: Session, to: str) -> Response:
    """Sign in, and have the page itself lead on.

    After a redirect from the provider's site the browser would not send the
    session's cookie, which is for this site's own requests alone.
    """
    answer = view.render("signed_in.html", to=to)
    seconds = int(session.until - time.time())
    view.keep(answer, COOKIE, view.shell.sessions.write(session), seconds=seconds)
    answer.delete_cookie(REQUEST_COOKIE, path=_PATH)
    return answer


def _refuse(view: View, refused: RefusedError) -> Response:
    log.warning("sign_in_refused", refusal=refused.refusal, detail=refused.detail)
    status = _STATUSES.get(refused.refusal, 401)
    answer = form_page(view, to="/", refusal=refused.refusal, status=status)
    answer.delete_cookie(REQUEST_COOKIE, path=_PATH)
    return answer


def _keep(view: View, answer: Response, begun: SignInRequest) -> None:
    """Keep a request in a cookie that the way back from the provider's site carries."""
    answer.set_cookie(
        REQUEST_COOKIE,
        view.shell.requests.close(msgspec.json.encode(begun)),
        max_age=REQUEST_SECONDS,
        path=_PATH,
        secure=view.shell.settings.console_https,
        httponly=True,
        samesite="lax",
    )
