"""REST: a tenant's endpoints."""

from __future__ import annotations

import secrets
from time import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from msgspec import structs

from services.notify.connectors.registry import BY_TYPE
from services.notify.endpoints import Endpoint, kinds_matching
from services.notify.guard import Guard, InvalidUrlError
from services.notify.schemas import (
    CreatedEndpoint,
    EndpointAnswer,
    EndpointChange,
    EndpointPage,
    NewEndpoint,
    Secret,
)
from services.notify.store import EndpointStore
from shared.events import EndpointId, Millis, TenantId
from shared.signing import new_secret
from shared.web.auth import Tenanted, tenant_with
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_ENDPOINTS: Final = 200
"""Endpoints that one tenant may have."""

Writer = Annotated[TenantId, tenant_with(Scope.ENDPOINTS_WRITE)]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]


def endpoint_routes(store: EndpointStore, guard: Guard) -> APIRouter:
    """Return the routes under `/endpoints`."""
    router = APIRouter(prefix="/endpoints", tags=["endpoints"])

    @router.post(
        "",
        status_code=201,
        responses={409: problem_response(f"The tenant has {MOST_ENDPOINTS} endpoints already.")},
    )
    async def create(tenant: Writer, wanted: NewEndpoint) -> CreatedEndpoint:
        """Create an endpoint. The answer shows the secret that will sign its deliveries.

        It gets the actions that come from about a second later on.
        """
        _check(wanted, guard)
        endpoint = await _create(store, tenant, wanted)
        answer = EndpointAnswer.of(endpoint, None)
        return CreatedEndpoint(**answer.model_dump(), secret=endpoint.secrets[0])

    @router.get("")
    async def page(tenant: Tenanted, limit: Limit = 50, cursor: str = "") -> EndpointPage:
        """List the tenant's endpoints."""
        return await _page(store, tenant, cursor, limit)

    @router.get("/{id}")
    async def get(tenant: Tenanted, id: str) -> EndpointAnswer:
        """Tell one endpoint and how it is doing."""
        return await _answer(store, _found(await store.get(tenant, EndpointId(id))))

    @router.patch("/{id}")
    async def change(tenant: Writer, id: str, wanted: EndpointChange) -> EndpointAnswer:
        """Change an endpoint; `"enabled": true` also enables what Steward disabled."""
        _check(wanted, guard)
        return await _answer(store, await _change(store, tenant, EndpointId(id), wanted))

    @router.delete("/{id}", status_code=204)
    async def remove(tenant: Writer, id: str) -> None:
        """Remove an endpoint. What is still under way to it ends as `endpoint_removed`."""
        if not await store.remove(tenant, EndpointId(id)):
            raise _not_found()

    @router.get("/{id}/secret")
    async def secret(tenant: Writer, id: str) -> Secret:
        """Tell the secret that is in force."""
        return Secret(secret=_found(await store.get(tenant, EndpointId(id))).secrets[0])

    @router.post("/{id}:rotate")
    async def rotate(tenant: Writer, id: str) -> Secret:
        """Put a new secret in force, and tell it.

        Until the next rotation the one before signs too: a request then
        carries two signatures, and the receiver may change over in between.
        """
        return await _rotate(store, tenant, EndpointId(id))

    return router


async def _create(store: EndpointStore, tenant: TenantId, wanted: NewEndpoint) -> Endpoint:
    if await store.count(tenant) >= MOST_ENDPOINTS:
        detail = f"A tenant may have {MOST_ENDPOINTS} of them."
        raise Problem(409, "Too many endpoints", detail=detail)
    now = Millis(int(time() * 1000))
    endpoint = Endpoint(
        id=EndpointId(f"ep_{secrets.token_hex(12)}"),
        tenant=tenant,
        secrets=[new_secret()],
        enabled_at=now,
        created_at=now,
        **wanted.model_dump(),
    )
    _check_type(endpoint)
    await store.create(endpoint)
    return endpoint


async def _change(
    store: EndpointStore, tenant: TenantId, id: EndpointId, wanted: EndpointChange
) -> Endpoint:
    fields: dict[str, Any] = wanted.model_dump(mode="json", exclude_none=True)
    if wanted.enabled:
        fields["enabled_at"] = int(time() * 1000)
    before = _found(await store.get(tenant, id))
    if not fields:
        return before
    _check_type(structs.replace(before, **fields))
    return _found(await store.change(tenant, id, fields))


async def _rotate(store: EndpointStore, tenant: TenantId, id: EndpointId) -> Secret:
    endpoint = _found(await store.get(tenant, id))
    fields = {"secrets": [new_secret(), endpoint.secrets[0]]}
    return Secret(secret=_found(await store.change(tenant, id, fields)).secrets[0])


async def _page(store: EndpointStore, tenant: TenantId, cursor: str, limit: int) -> EndpointPage:
    found = await store.page(tenant, cursor, limit)
    states = await store.states([endpoint.id for endpoint in found])
    items = [EndpointAnswer.of(endpoint, states.get(endpoint.id)) for endpoint in found]
    return EndpointPage(items=items, next=found[-1].id if len(found) == limit else None)


async def _answer(store: EndpointStore, endpoint: Endpoint) -> EndpointAnswer:
    states = await store.states([endpoint.id])
    return EndpointAnswer.of(endpoint, states.get(endpoint.id))


def _found(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise _not_found()
    return endpoint


def _not_found() -> NotFound:
    return NotFound("There is no such endpoint.")


def _check(wanted: NewEndpoint | EndpointChange, guard: Guard) -> None:
    """Raise the problem of a URL that may not be reached, or of a kind that is none."""
    errors: list[dict[str, str]] = []
    if wanted.url is not None:
        try:
            guard.check_url(wanted.url)
        except InvalidUrlError as error:
            errors.append({"pointer": "/url", "detail": str(error)})
    errors += [
        {"pointer": f"/kinds/{place}", "detail": "matches no action kind"}
        for place, pattern in enumerate(wanted.kinds or ())
        if not kinds_matching([pattern])
    ]
    if errors:
        raise Problem(422, "Invalid request", errors=errors)


def _check_type(endpoint: Endpoint) -> None:
    """Raise the problem of an endpoint that its type's connector cannot serve."""
    wrong = BY_TYPE[endpoint.type].check(endpoint)
    if wrong:
        errors = [{"pointer": f"/{field}", "detail": detail} for field, detail in wrong.items()]
        raise Problem(422, "Invalid request", errors=errors)
