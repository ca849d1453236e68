"""Somebody whom the identity provider knows acts with a key of their own, on a real ingest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.console.csrf import FIELD
from services.console.sessions import COOKIE, Session
from services.ingest.app import create_app
from shared.events import TenantId
from shared.mongo import connect
from shared.settings import Settings
from shared.web.keys import ApiKey, ApiKeys
from shared.web.scopes import Scope
from shared.web.serve import server
from tests.unit.console.identity_provider import identity_provider, settings_of
from tests.unit.console.signing_in import HOST, browser, console

ACME = TenantId("acme")
START_SECONDS = 60


@asynccontextmanager
async def ingest(settings: Settings) -> AsyncIterator[str]:
    """Run ingest on a socket; give its address."""
    one = server(create_app(settings), settings, 0)
    served = asyncio.create_task(one.serve())
    deadline = time.monotonic() + START_SECONDS
    while not one.started:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{one.servers[0].sockets[0].getsockname()[1]}"
    finally:
        one.should_exit = True
        await served


async def keys_of(settings: Settings) -> list[ApiKey]:
    async with connect(settings) as client:
        return await ApiKeys(client[settings.database]).of_tenant(ACME)


async def test_a_person_acts_with_a_key_of_their_own_that_ends_with_the_session(
    settings: Settings,
) -> None:
    async with connect(settings) as client:
        admin, _ = await ApiKeys(client[settings.database]).create(ACME, "console")
    with identity_provider() as provider:
        async with ingest(settings) as url:
            own = settings_of(provider, admin, f"https://{HOST}")
            app = console(console_ingest_url=url, console_timeout_seconds=60, **own)
            async with browser(app) as person, httpx.AsyncClient() as outside:
                begun = await person.get("/sign-in/oidc", params={"to": "/groups"})
                back = await outside.get(begun.headers["location"])
                entered = await person.get(back.headers["location"])
                assert entered.status_code == 200
                assert 'http-equiv="refresh" content="0;url=/groups"' in entered.text
                session: Session = app.state.shell.sessions.read(person.cookies[COOKIE], 0)
                (made,) = [key for key in await keys_of(settings) if key.name == "oidc:u-4711"]
                left = await person.post("/sign-out", data={FIELD: session.csrf})
    assert (session.name, session.key_id, session.tenant) == ("Mei Lin", made.id, "acme")
    assert session.scopes == {Scope.READ, Scope.REVIEW}
    assert made.scopes == session.scopes
    assert made.expires_at is not None
    assert abs(made.expires_at.timestamp() - session.until) < 60
    assert made.revoked_at is None
    assert left.status_code == 303
    (ended,) = [key for key in await keys_of(settings) if key.id == made.id]
    assert ended.revoked_at is not None
