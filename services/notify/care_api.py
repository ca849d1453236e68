"""REST: to test, verify, measure and repair an endpoint."""

from __future__ import annotations

import math
import uuid
from statistics import fmean
from time import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime

from services.notify.care_schemas import (
    EndpointReport,
    JsonWebKeys,
    Ping,
    ReplayAnswer,
    ReplayRequest,
)
from services.notify.deliveries import Attempt, TrackedDelivery, delivery_to, replay_of
from services.notify.endpoints import Endpoint
from services.notify.endpoints_api import Writer, found_endpoint
from services.notify.health import EndpointState
from services.notify.ownership import RefusedError
from services.notify.pace import rate_of
from services.notify.schemas import EndpointAnswer, moment
from services.notify.sender import Sender
from services.notify.statistics.store import EndpointFigures, StatisticsStore
from services.notify.store import DeliveryStore, EndpointStore
from services.notify.verifying import Verifier
from shared.actions import Action, ActionKind
from shared.events import EndpointId, GroupId, Millis, TenantId
from shared.signing_keys import jwk
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.auth import Tenanted
from shared.web.problems import Problem
from shared.web.service import problem_response

Since = Annotated[AwareDatetime | None, Query(description="By default a day ago.")]

_DAY_MS = 86_400_000


def care_routes(
    endpoints: EndpointStore,
    deliveries: DeliveryStore,
    statistics: StatisticsStore,
    sender: Sender,
    verifier: Verifier,
    writer: RecordWriter,
) -> APIRouter:
    """Return the routes that do something with an endpoint."""
    router = APIRouter(prefix="/endpoints", tags=["endpoints"])

    async def get(tenant: TenantId, id: str) -> Endpoint:
        return found_endpoint(await endpoints.get(tenant, EndpointId(id)))

    @router.post("/{id}:test")
    async def test(tenant: Writer, id: str) -> Ping:
        """Send an `operator.notice` that says it is a test, and tell what came of it.

        It is signed like any other, goes out at once whatever the endpoint's
        state, and is neither kept nor repeated.
        """
        return await _ping(sender, await get(tenant, id))

    @router.post(
        "/{id}:verify",
        responses={422: problem_response("The endpoint did not say that it wants deliveries.")},
    )
    async def verify(tenant: Writer, id: str) -> EndpointAnswer:
        """Ask the endpoint whether it wants deliveries; what was held for it begins to flow."""
        endpoint = await get(tenant, id)
        try:
            verified = await verifier.verify(endpoint)
        except RefusedError as refused:
            raise Problem(422, "Not verified", detail=str(refused)) from None
        states = await endpoints.states([endpoint.id])
        return EndpointAnswer.of(verified, states.get(endpoint.id), _now())

    @router.post("/{id}:replay", status_code=202)
    async def replay(
        tenant: Writer, id: str, wanted: ReplayRequest, request: Request
    ) -> ReplayAnswer:
        """Deliver once more what was accepted since a moment, whatever became of it."""
        endpoint = await get(tenant, id)
        trace = request.scope["trace"].header
        return await _replay(deliveries, writer, endpoint, wanted, trace)

    @router.get("/{id}/stats")
    async def stats(
        tenant: Tenanted,
        id: str,
        since: Since = None,
    ) -> EndpointReport:
        """Tell how deliveries to the endpoint go: counts, times, backlog, breaker."""
        endpoint = await get(tenant, id)
        states = await endpoints.states([endpoint.id])
        now = _now()
        start = Millis(now - _DAY_MS if since is None else int(since.timestamp() * 1000))
        told = await statistics.of_endpoint(tenant, endpoint.id, start)
        return _report(endpoint, states.get(endpoint.id), told, now)

    @router.get("/{id}/jwks")
    async def keys(tenant: Tenanted, id: str) -> JsonWebKeys:
        """Tell the public keys that verify its `v1a` signatures (RFC 7517); none for `v1`."""
        endpoint = await get(tenant, id)
        found = [jwk(secret) for secret in endpoint.signing_secrets(int(time()))]
        return JsonWebKeys(keys=[key for key in found if key is not None])

    return router


async def _ping(sender: Sender, endpoint: Endpoint) -> Ping:
    now = _now()
    notice = Action(
        id=str(uuid.uuid4()),
        kind=ActionKind.OPERATOR_NOTICE,
        tenant=endpoint.tenant,
        group=GroupId(endpoint.groups[0] if endpoint.groups else "test"),
        time=now,
        cause="test",
        text="This is a test of the endpoint.",
        details={"test": True},
    )
    delivery = delivery_to(endpoint.id, notice, "")
    tracked = TrackedDelivery.accept(delivery, now)
    result = await sender.send(Attempt(delivery.id, tracked), endpoint)
    return Ping(
        succeeded=result.succeeded,
        status=result.status,
        failure=result.failure or "",
        milliseconds=result.milliseconds,
        body=result.body,
        webhook_id=tracked.webhook_id,
    )


async def _replay(
    store: DeliveryStore,
    writer: RecordWriter,
    endpoint: Endpoint,
    wanted: ReplayRequest,
    trace: str,
) -> ReplayAnswer:
    filters: dict[str, Any] = {"endpoint": endpoint.id}
    if wanted.state is not None:
        filters["state"] = wanted.state
    since = Millis(int(wanted.since.timestamp() * 1000))
    found = await store.since(endpoint.tenant, filters, since, wanted.limit)
    now = _now()
    # Named by the request's second: one that is sent twice in a hurry counts once.
    records = [replay_of(each, now // 1000, now, trace) for each in found]
    await writer.write_all(Topic.DELIVERIES, records, trace)
    return ReplayAnswer(replayed=len(found), until=moment(found[-1].created_at) if found else None)


def _report(
    endpoint: Endpoint,
    state: EndpointState | None,
    told: EndpointFigures,
    now: Millis,
) -> EndpointReport:
    times = sorted(told.times)
    healthy = EndpointState(tenant=endpoint.tenant)
    state = healthy if state is None else state.since(endpoint.enabled_at)
    return EndpointReport(
        since=moment(told.since),
        deliveries=dict(told.states),
        attempts=told.attempts,
        mean_ms=fmean(times) if times else None,
        p50_ms=_quantile(times, 0.5),
        p99_ms=_quantile(times, 0.99),
        backlog_age_ms=None if told.oldest is None else now - told.oldest,
        breaker=state.breaker(now),
        failures_in_a_row=state.failures,
        requests_per_second=rate_of(endpoint),
    )


def _quantile(ascending: list[int], share: float) -> int | None:
    """Return the nearest-rank quantile; None of nothing."""
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else None


def _now() -> Millis:
    return Millis(int(time() * 1000))
