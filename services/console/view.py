"""What every page has at hand: who looks, in which language, and how to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.console import csrf
from services.console.catalogue import Language, Translator, chosen, messages
from services.console.client import Caller
from services.console.formats import Format, zone_of
from services.console.forms import Form
from services.console.navigation import shown_to
from services.console.sessions import COOKIE, VISIT_COOKIE, Session
from services.console.shell import Shell, shell_of
from shared.web.scopes import Scope

LANGUAGE_COOKIE: Final = "steward_language"
THEME_COOKIE: Final = "steward_theme"
ZONE_COOKIE: Final = "steward_zone"
NOTICE_COOKIE: Final = "steward_notice"
LIVE_HEADER: Final = "x-live"
"""Marks a request of the script that keeps a page up to date."""
THEMES: Final = ("system", "light", "dark")
_NOTICE_SECONDS: Final = 60


class SignedOutError(Exception):
    """The page is only for who is signed in."""


class ForgedError(Exception):
    """A form did not come from a page of ours."""


class NotAllowedError(Exception):
    """The key lacks the scope that this needs."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.scope = scope


@dataclass(frozen=True)
class View:
    """A request for a page, and what answers it. `session` is None before signing in."""

    request: Request
    shell: Shell
    session: Session | None
    t: Translator
    format: Format
    theme: str

    @classmethod
    def of(cls, request: Request) -> View:
        """Return the view of a request, whoever it is from."""
        shell = shell_of(request)
        cookies = request.cookies
        session = shell.sessions.read(cookies.get(COOKIE), time.time())
        accepted = request.headers.get("accept-language", "")
        t = Translator(chosen(cookies.get(LANGUAGE_COOKIE), accepted))
        zone = zone_of(unquote(cookies.get(ZONE_COOKIE, "")), shell.settings.console_timezone)
        theme = cookies.get(THEME_COOKIE, "")
        return cls(
            request,
            shell,
            session,
            t,
            Format(t, zone, datetime.now(UTC)),
            theme if theme in THEMES else THEMES[0],
        )

    @property
    def language(self) -> Language:
        return self.t.language

    @property
    def csrf(self) -> str:
        """The token that this view's forms carry."""
        if self.session is not None:
            return self.session.csrf
        return self.request.cookies.get(VISIT_COOKIE, "")

    @property
    def is_live(self) -> bool:
        """Whether it is a look of the script that keeps the page up to date."""
        return LIVE_HEADER in self.request.headers

    def may(self, scope: str) -> bool:
        """Whether who looks may do what needs `scope`."""
        return self.session is not None and self.session.may(scope)

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401
        """Answer with a template; it sees `view`, `t`, `fmt`, `may` and what is given here."""
        notice = None if self.is_live else self._notice()
        page = self.shell.templates.get_template(template).render(
            view=self,
            t=self.t,
            fmt=self.format,
            may=self.may,
            notice=notice,
            places=[] if self.session is None else shown_to(self.session),
            path=self.request.url.path,
            **context,
        )
        answer = HTMLResponse(page, status, headers={"cache-control": "no-store"})
        if notice is not None:
            answer.delete_cookie(NOTICE_COOKIE)
        return answer

    def see_other(self, path: str, notice: str = "") -> Response:
        """Send the browser to another page (303), with a message `done.*` to show there."""
        answer = RedirectResponse(path, 303)
        if notice:
            self.keep(answer, NOTICE_COOKIE, notice, seconds=_NOTICE_SECONDS)
        return answer

    def keep(self, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Set a cookie that no script reads and no other site's request carries."""
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            secure=self.shell.settings.console_https,
            httponly=True,
            samesite="strict",
        )

    def _notice(self) -> str | None:
        key = self.request.cookies.get(NOTICE_COOKIE, "")
        return self.t(key) if key.startswith("done.") and key in messages() else None


@dataclass(frozen=True)
class SignedIn(View):
    """A view of somebody who is signed in, with the way to the services."""

    session: Session
    services: Caller


@dataclass(frozen=True)
class Acting(SignedIn):
    """A form that somebody who is signed in has sent from a page of ours."""

    form: Form


def _signed_in(request: Request) -> SignedIn:
    view = View.of(request)
    if view.session is None:
        raise SignedOutError
    trace = request.scope["trace"].header if "trace" in request.scope else ""
    services = view.shell.services.asked_by(view.session.key, trace)
    return SignedIn(**{**vars(view), "session": view.session}, services=services)


async def sent_form(view: View) -> Form:
    """Return the form that was sent. Raises `ForgedError` unless a page of ours has sent it."""
    headers = view.request.headers
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if not csrf.is_ours(origin, site, headers.get("host", "")):
        raise ForgedError
    try:
        form = Form.read(await view.request.body())
    except ValueError:
        raise ForgedError from None
    if not csrf.matches(form[csrf.FIELD], view.csrf):
        raise ForgedError
    return form


def viewing(scope: Scope = Scope.READ) -> Any:  # noqa: ANN401 (what FastAPI takes as a default)
    """Return the dependency of a page: 403 for a key without `scope`."""

    def view(request: Request) -> SignedIn:
        found = _signed_in(request)
        if not found.may(scope):
            raise NotAllowedError(scope)
        return found

    return Depends(view)


def acting(scope: Scope) -> Any:  # noqa: ANN401
    """Return the dependency of a route that changes something, by a key with `scope`."""

    async def act(request: Request) -> Acting:
        found = _signed_in(request)
        form = await sent_form(found)
        if not found.may(scope):
            raise NotAllowedError(scope)
        return Acting(**vars(found), form=form)

    return Depends(act)


Viewing = Annotated[SignedIn, viewing()]
"""The parameter of a page that everybody who is signed in may see."""
