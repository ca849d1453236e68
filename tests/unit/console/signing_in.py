"""The console without services behind it, and people who are signed in to it."""

from __future__ import annotations

import time
from collections.abc import Iterable

import httpx
from fastapi import FastAPI

from services.console.app import create_app
from services.console.sessions import COOKIE, Session
from services.console.settings import ConsoleSettings
from shared.web.scopes import Scope

NOBODY_LISTENS = "http://127.0.0.1:9"
HOST = "console.test"
TOKEN = "a-token-of-this-session"


def console(**values: object) -> FastAPI:
    """Return the console's application; the services are away unless `values` say where."""
    away = {
        f"console_{name}_url": NOBODY_LISTENS for name in ("ingest", "rules", "scoring", "notify")
    }
    return create_app(ConsoleSettings(**{**away, **values}))  # type: ignore[arg-type]


def session(scopes: Iterable[Scope], **values: object) -> Session:
    usual = {
        "key": "sk_secret",
        "key_id": "key_1",
        "tenant": "acme",
        "name": "Mei",
        "scopes": frozenset(scopes),
        "csrf": TOKEN,
        "until": time.time() + 600,
    }
    return Session(**{**usual, **values})  # type: ignore[arg-type]


def browser(app: FastAPI, scopes: Iterable[Scope] | None = None) -> httpx.AsyncClient:
    """Return a browser; of somebody who is signed in if `scopes` are given."""
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=f"http://{HOST}", follow_redirects=False
    )
    if scopes is not None:
        client.cookies.set(COOKIE, app.state.shell.sessions.write(session(scopes)), domain=HOST)
    return client
