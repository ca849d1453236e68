"""What is done about endpoints and deliveries: pause, test, rotate, send once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Response

from services.console.answers.deliveries import Endpoint, Ping, Replayed, Secret, State
from services.console.client import Nothing, Trouble, Upstream, at
from services.console.pages.deliveries import endpoint_page, endpoints_page
from services.console.view import Acting, acting
from shared.web.scopes import Scope

Writer = Annotated[Acting, acting(Scope.ENDPOINTS_WRITE)]
REPLAY_HOURS: Final = (1, 6, 24, 168)
"""How far back a replay may be asked to reach from the page."""
_DAY_SECONDS: Final = 86_400


def routes() -> APIRouter:
    """Return the routes that change endpoints and deliveries."""
    router = APIRouter()
    _add_switches(router)
    _add_answered(router)

    @router.post("/deliveries/{id}/replay")
    async def replay(act: Writer, id: str) -> Response:
        await act.services.post(Upstream.NOTIFY, at("/v1/deliveries/{}:replay", id), Nothing)
        return act.see_other(at("/deliveries/{}", id), "done.sent_again")

    @router.post("/deliveries/{id}/retry")
    async def retry(act: Writer, id: str) -> Response:
        await act.services.post(Upstream.NOTIFY, at("/v1/deliveries/{}:retry", id), Nothing)
        return act.see_other(at("/deliveries/{}", id), "done.retried")

    return router


def _add_switches(router: APIRouter) -> None:
    @router.post("/deliveries/endpoints")
    async def create(act: Writer) -> Response:
        form = act.form
        body = {
            "url": form["url"],
            "description": form["description"],
            "kinds": form["kinds"].replace(",", " ").split() or ["*"],
        }
        try:
            made = await act.services.post(Upstream.NOTIFY, "/v1/endpoints", Endpoint, body)
        except Trouble as trouble:
            if trouble.status != 422:
                raise
            return await endpoints_page(act, form, trouble)
        return act.see_other(at("/deliveries/endpoints/{}", made.id), "done.endpoint_made")

    @router.post("/deliveries/endpoints/{id}/pause")
    async def pause(act: Writer, id: str) -> Response:
        return await _switch(act, id, enabled=False)

    @router.post("/deliveries/endpoints/{id}/resume")
    async def resume(act: Writer, id: str) -> Response:
        return await _switch(act, id, enabled=True)


def _add_answered(router: APIRouter) -> None:
    """Add what is answered by the page itself: a secret is shown once, and never redirected to."""

    @router.post("/deliveries/endpoints/{id}/test")
    async def test(act: Writer, id: str) -> Response:
        ping = await act.services.post(Upstream.NOTIFY, at("/v1/endpoints/{}:test", id), Ping)
        return await endpoint_page(act, id, ping=ping)

    @router.post("/deliveries/endpoints/{id}/verify")
    async def verify(act: Writer, id: str) -> Response:
        try:
            await act.services.post(Upstream.NOTIFY, at("/v1/endpoints/{}:verify", id), Nothing)
        except Trouble as trouble:
            if trouble.status != 422:
                raise
            return await endpoint_page(act, id, trouble=trouble)
        return act.see_other(at("/deliveries/endpoints/{}", id), "done.verified")

    @router.post("/deliveries/endpoints/{id}/rotate")
    async def rotate(act: Writer, id: str) -> Response:
        grace = act.form.number("grace_seconds")
        body = {"grace_seconds": _DAY_SECONDS if grace is None else grace}
        path = at("/v1/endpoints/{}:rotate", id)
        secret = await act.services.post(Upstream.NOTIFY, path, Secret, body)
        return await endpoint_page(act, id, secret=secret)

    @router.post("/deliveries/endpoints/{id}/replay")
    async def replay_since(act: Writer, id: str) -> Response:
        hours = act.form.number("hours")
        reach = timedelta(hours=hours if hours in REPLAY_HOURS else REPLAY_HOURS[0])
        body: dict[str, object] = {"since": (act.format.now - reach).isoformat()}
        if act.form["state"] in set(State):
            body["state"] = act.form["state"]
        path = at("/v1/endpoints/{}:replay", id)
        done = await act.services.post(Upstream.NOTIFY, path, Replayed, body)
        return await endpoint_page(act, id, replayed=done.replayed)


async def _switch(act: Acting, id: str, *, enabled: bool) -> Response:
    await act.services.call(
        Upstream.NOTIFY, "PATCH", at("/v1/endpoints/{}", id), Endpoint, body={"enabled": enabled}
    )
    notice = "done.resumed" if enabled else "done.paused"
    return act.see_other(at("/deliveries/endpoints/{}", id), notice)
