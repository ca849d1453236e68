"""REST: a tenant's deliveries, what became of them, and replays."""

from __future__ import annotations

from datetime import datetime
from time import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from services.notify.deliveries import State, TrackedDelivery, again, replay_of
from services.notify.delivery_schemas import (
    DeliveryAnswer,
    DeliveryDetails,
    DeliveryPage,
    EndpointStats,
    Replayed,
    Stats,
)
from services.notify.schemas import maybe_moment, moment
from services.notify.statistics.store import StatisticsStore
from services.notify.store import DeliveryStore
from shared.actions import ActionKind
from shared.events import Millis, TenantId
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted, tenant_with
from shared.web.paging import After, Limit, next_cursor
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

Writer = Annotated[TenantId, tenant_with(Scope.ENDPOINTS_WRITE)]
Since = Annotated[AwareDatetime | None, Query(description="Only deliveries accepted since then.")]

Reason = Annotated[
    str | None, Query(description="Why it is dead or held, or what the last attempt failed on.")
]

_DAY_MS = 86_400_000


def delivery_routes(
    store: DeliveryStore, statistics: StatisticsStore, writer: RecordWriter
) -> APIRouter:
    """Return the routes under `/deliveries` and `/delivery-stats`."""
    router = APIRouter(tags=["deliveries"])

    @router.get("/deliveries")
    async def page(
        tenant: Tenanted,
        endpoint: str | None = None,
        state: State | None = None,
        kind: ActionKind | None = None,
        reason: Reason = None,
        since: Since = None,
        limit: Limit = 50,
        after: After = None,
    ) -> DeliveryPage:
        """List deliveries, latest first."""
        given = {"endpoint": endpoint, "state": state, "kind": kind, "reason": reason}
        wanted = {name: str(value) for name, value in given.items() if value is not None}
        found = await store.page(tenant, wanted, _millis(since, 0), after, limit)
        end = next_cursor([(tracked.created_at, id) for id, tracked in found], limit)
        return DeliveryPage(items=[DeliveryAnswer.of(*each) for each in found], next=end)

    @router.get("/deliveries/{id}")
    async def get(tenant: Tenanted, id: str) -> DeliveryDetails:
        """Tell one delivery with its attempts."""
        return DeliveryDetails.of(id, await _delivery(store, tenant, id))

    @router.post("/deliveries/{id}:replay", status_code=202)
    async def replay(tenant: Writer, id: str, request: Request) -> Replayed:
        """Deliver the action to the endpoint once more, whatever became of it.

        The receiver gets the same `webhook-id` with the header
        `steward-replay: true`, and so can tell it from a repetition.
        """
        tracked = await _delivery(store, tenant, id)
        number = await store.next_replay(tracked.webhook_id)
        trace = request.scope["trace"].header
        replayed = replay_of(tracked, number, _now(), trace)
        await writer.write(Topic.DELIVERIES, replayed, replayed.trace)
        return Replayed(id=replayed.id, webhook_id=tracked.webhook_id)

    @router.post(
        "/deliveries/{id}:retry",
        status_code=202,
        responses={409: problem_response("The delivery has succeeded.")},
    )
    async def retry(tenant: Writer, id: str, request: Request) -> Replayed:
        """Attempt a delivery now that waits, is held or is dead.

        It is the same delivery, and the attempt counts like any other. A dead
        one whose attempts are used up gets one more.
        """
        tracked = await _delivery(store, tenant, id)
        if tracked.state is State.SUCCEEDED:
            raise Problem(409, "Already delivered", detail="Use `:replay` to send it once more.")
        asked = again(id, tracked, f"retry:{tracked.made}", _now(), request.scope["trace"].header)
        await writer.write(Topic.DELIVERIES, asked, asked.trace)
        return Replayed(id=id, webhook_id=tracked.webhook_id)

    @router.get("/delivery-stats")
    async def stats(tenant: Tenanted, since: Since = None) -> Stats:
        """Tell how deliveries went, by endpoint and state; by default of the last day."""
        start = _millis(since, _now() - _DAY_MS)
        counted, found = await statistics.of_tenant(tenant, start)
        items = [
            EndpointStats(
                **{**each, **each["_id"], "oldest_due_at": maybe_moment(each["oldest_due_at"])}
            )
            for each in found
        ]
        return Stats(since=moment(counted), items=items)

    return router


async def _delivery(store: DeliveryStore, tenant: TenantId, id: str) -> TrackedDelivery:
    tracked = await store.get(tenant, id)
    if tracked is None:
        raise NotFound("There is no such delivery.")
    return tracked


def _millis(moment: datetime | None, default: int) -> Millis:
    return Millis(default if moment is None else int(moment.timestamp() * 1000))


def _now() -> Millis:
    return Millis(int(time() * 1000))
