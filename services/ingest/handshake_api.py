"""The handshake before a webhook delivers events (CloudEvents' HTTP 1.1 Web Hooks, §4)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from services.ingest.store import Sources
from shared.web.auth import key_with
from shared.web.keys import ApiKey
from shared.web.problems import Problem
from shared.web.scopes import Scope

EventsKey = Annotated[ApiKey, key_with(Scope.EVENTS_WRITE)]
Origin = Annotated[
    str,
    Header(
        alias="WebHook-Request-Origin",
        min_length=1,
        max_length=253,
        description="The DNS name of the system that asks to deliver.",
        examples=["events.example.com"],
    ),
]
Rate = Annotated[
    int | None,
    Header(alias="WebHook-Request-Rate", ge=1, description="Requests a minute that it wishes."),
]


def handshake_router(sources: Sources) -> APIRouter:
    """Return the routes that allow an origin to deliver events."""
    router = APIRouter(tags=["events"])

    async def allow_delivery(key: EventsKey, origin: Origin, rate: Rate = None) -> Response:
        """Say whether a system may deliver events, and how many requests a minute it may send.

        It may if one of the tenant's sources lists exactly this origin (case aside).
        """
        if not await sources.allows_origin(key.tenant, origin):
            detail = f"No source lists {origin!r} among its `origins`."
            raise Problem(403, "Origin not allowed", detail=detail, headers={"Allow": "POST"})
        headers = {
            "Allow": "POST",
            "WebHook-Allowed-Origin": origin,
            "WebHook-Allowed-Rate": allowed_rate(key),
        }
        return Response(headers=headers)

    for name in ("events", "events:batch", "events:stream"):
        router.add_api_route(
            f"/{name}",
            allow_delivery,
            methods=["OPTIONS"],
            response_class=Response,
            operation_id=f"handshake_{name.replace(':', '_')}",
            summary="Ask to deliver",
        )
    return router


def allowed_rate(key: ApiKey) -> str:
    """Return how many requests a minute the key allows; `*`: as many as come."""
    per_second = key.limits.requests_per_second
    return "*" if per_second is None else str(60 * per_second)
