"""Deliveries: the endpoints and how they are doing, every delivery with its attempts."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from services.console.answers.deliveries import (
    Delivery,
    DeliveryPage,
    Endpoint,
    EndpointPage,
    Report,
    State,
    Stats,
    Traffic,
    lines_of,
)
from services.console.client import Trouble, Upstream, at, attempt, together
from services.console.forms import Form
from services.console.view import SignedIn, Viewing

MOST_ENDPOINTS = 200
_A_PAGE = 50
_FAILURES = 100
"""How many of the latest dead and failing deliveries the list of endpoints looks at."""
Cursor = Annotated[str | None, Query(max_length=2000)]
Name = Annotated[str, Query(max_length=200)]


def routes() -> APIRouter:
    """Return the routes under `/deliveries` that show something."""
    router = APIRouter()

    @router.get("/deliveries")
    async def endpoints(view: Viewing) -> Response:
        return await endpoints_page(view)

    @router.get("/deliveries/log")
    async def log(
        view: Viewing,
        state: State | None = None,
        endpoint: Name = "",
        kind: Name = "",
        reason: Name = "",
        cursor: Cursor = None,
    ) -> Response:
        wanted = {"state": state, "endpoint": endpoint, "kind": kind, "reason": reason}
        given = {name: str(value) for name, value in wanted.items() if value}
        page, known = await together(
            view.services.get(
                Upstream.NOTIFY,
                "/v1/deliveries",
                DeliveryPage,
                limit=_A_PAGE,
                cursor=cursor,
                **given,
            ),
            view.services.get(Upstream.NOTIFY, "/v1/endpoints", EndpointPage, limit=MOST_ENDPOINTS),
        )
        return view.render(
            "deliveries/log.html",
            page=page,
            wanted=wanted,
            query=urlencode(given),
            names={each.id: each.title for each in known.items},
        )

    @router.get("/deliveries/endpoints/{id}")
    async def endpoint(
        view: Viewing, id: str, state: State | None = None, cursor: Cursor = None
    ) -> Response:
        return await endpoint_page(view, id, state, cursor)

    @router.get("/deliveries/{id}")
    async def delivery(view: Viewing, id: str) -> Response:
        found = await view.services.get(Upstream.NOTIFY, at("/v1/deliveries/{}", id), Delivery)
        path = at("/v1/endpoints/{}", found.endpoint)
        return view.render(
            "deliveries/delivery.html",
            delivery=found,
            action=json.dumps(found.action, ensure_ascii=False, indent=2),
            endpoint=await attempt(view.services.get(Upstream.NOTIFY, path, Endpoint)),
            longest=max((each.milliseconds for each in found.attempts), default=1) or 1,
        )

    return router


async def endpoints_page(
    view: SignedIn, form: Form | None = None, trouble: Trouble | None = None
) -> Response:
    """Answer with the list of endpoints; `trouble` is what notify found wrong with `form`."""
    ask = view.services.get
    page, stats, dead, pending = await together(
        ask(Upstream.NOTIFY, "/v1/endpoints", EndpointPage, limit=MOST_ENDPOINTS),
        attempt(ask(Upstream.NOTIFY, "/v1/delivery-stats", Stats)),
        _latest(view, State.DEAD),
        _latest(view, State.PENDING),
    )
    counted = stats.items if isinstance(stats, Stats) else []
    return view.render(
        "deliveries/endpoints.html",
        422 if trouble else 200,
        lines=lines_of(page.items, counted, [*dead.items, *pending.items]),
        stats=stats,
        total=Traffic.of(counted),
        dead=dead.items[:10],
        names={each.id: each.title for each in page.items},
        form=form or Form({}),
        trouble=trouble,
    )


async def endpoint_page(
    view: SignedIn,
    id: str,
    state: State | None = None,
    cursor: str | None = None,
    **told: Any,  # noqa: ANN401 (the template looks at it)
) -> Response:
    """Answer with an endpoint's page; `told` is what an action on it has come to."""
    ask = view.services.get
    endpoint, report, page = await together(
        ask(Upstream.NOTIFY, at("/v1/endpoints/{}", id), Endpoint),
        attempt(ask(Upstream.NOTIFY, at("/v1/endpoints/{}/stats", id), Report)),
        ask(
            Upstream.NOTIFY,
            "/v1/deliveries",
            DeliveryPage,
            endpoint=id,
            state=state,
            limit=_A_PAGE,
            cursor=cursor,
        ),
    )
    return view.render(
        "deliveries/endpoint.html",
        endpoint=endpoint,
        report=report,
        traffic=Traffic(report.deliveries) if isinstance(report, Report) else Traffic({}),
        page=page,
        state=state,
        query=urlencode({"state": state} if state else {}),
        **{"ping": None, "secret": None, "replayed": None, "trouble": None, **told},
    )


async def _latest(view: SignedIn, state: State) -> DeliveryPage:
    return await view.services.get(
        Upstream.NOTIFY, "/v1/deliveries", DeliveryPage, state=state, limit=_FAILURES
    )
