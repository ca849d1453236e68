"""The console, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as ConnectionScope
from structlog import get_logger

from services.console.assets import STATIC
from services.console.client import Trouble
from services.console.headers import SecurityHeaders
from services.console.pages import PAGES
from services.console.sessions import COOKIE
from services.console.settings import ConsoleSettings
from services.console.shell import Shell
from services.console.view import (
    ForgedError,
    NotAllowedError,
    SignedOutError,
    View,
)
from shared.settings import Settings
from shared.web.bounds import Bounds
from shared.web.direct import Application
from shared.web.health import Health
from shared.web.middleware import Observe

log = get_logger(__name__)

NAME: Final = "console"
_FOREVER: Final = "public, max-age=31536000, immutable"


def create_app(settings: Settings) -> FastAPI:
    """Return the application of the console; all it knows of the services is their REST."""
    own = ConsoleSettings.extending(settings)
    shell = Shell.of(own)
    draining = [False]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("service_started", secret_given=bool(own.console_secret.get_secret_value()))
        yield
        draining[0] = True
        log.info("service_stopping")
        await shell.close()

    app = Application(
        title="Steward console",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.shell = shell
    app.state.service = NAME
    app.add_middleware(Bounds)
    app.add_middleware(Observe, service=NAME)
    app.add_middleware(SecurityHeaders, https=own.console_https)
    health = Health([], None, lambda: draining[0])
    app.add_route("/healthz", health.alive)
    app.add_route("/readyz", health.ready)
    app.add_route("/metrics", health.metrics)
    app.mount(shell.assets.prefix, _Kept(directory=STATIC))
    for routes in PAGES:
        app.include_router(routes())
    _install_errors(app)
    return app


class _Kept(StaticFiles):
    """Static files whose address changes with their content: browsers keep them."""

    async def get_response(self, path: str, scope: ConnectionScope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = _FOREVER
        return answer


def _install_errors(app: FastAPI) -> None:
    app.add_exception_handler(SignedOutError, _sign_in)
    app.add_exception_handler(ForgedError, _say_forged)
    app.add_exception_handler(NotAllowedError, _say_not_allowed)
    app.add_exception_handler(Trouble, _say_trouble)
    app.add_exception_handler(HTTPException, _say_missing)
    app.add_exception_handler(RequestValidationError, _say_unfit)


async def _sign_in(request: Request, _: Exception) -> Response:
    """Ask who it is; a script or a form is told plainly."""
    view = View.of(request)
    if request.method != "GET" or view.is_live:
        return _error(view, 401, "error.signed_out")
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/sign-in?to={quote(request.url.path + query)}", 303)


async def _say_forged(request: Request, _: Exception) -> Response:
    return _error(View.of(request), 403, "error.forged")


async def _say_not_allowed(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowedError)
    return _error(View.of(request), 403, "error.not_allowed", scope=error.scope)


async def _say_trouble(request: Request, error: Exception) -> Response:
    """Say what a service refused, and where; a key that is no longer good signs out."""
    assert isinstance(error, Trouble)
    view = View.of(request)
    if error.status == 401:
        answer: Response = RedirectResponse("/sign-in?over=1", 303)
        if request.method != "GET" or view.is_live:
            answer = _error(view, 401, "error.signed_out")
        answer.delete_cookie(COOKIE)
        return answer
    status = 503 if error.is_away else min(error.status, 502)
    return view.render("error.html", status, title=view.t("error.trouble"), trouble=error)


async def _say_missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    key = "error.missing" if error.status_code == 404 else "error.unfit"
    return _error(View.of(request), error.status_code, key)


async def _say_unfit(request: Request, _: Exception) -> Response:
    return _error(View.of(request), 422, "error.unfit")


def _error(view: View, status: int, key: str, **values: object) -> Response:
    return view.render("error.html", status, title=view.t(key, **values), trouble=None)
