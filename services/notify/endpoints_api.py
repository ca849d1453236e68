"""REST: a tenant's endpoints."""

from __future__ import annotations

import secrets
from contextlib import suppress
from time import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from msgspec import structs

from services.notify.care_schemas import Rotation
from services.notify.connectors.registry import BY_TYPE
from services.notify.endpoints import (
    VERIFIABLE,
    Endpoint,
    EndpointType,
    Scheme,
    Verification,
    kinds_matching,
)
from services.notify.filters import ActionCondition
from services.notify.guard import Guard, InvalidUrlError
from services.notify.ownership import RefusedError
from services.notify.payload import RESERVED_HEADERS, RESERVED_PREFIXES
from services.notify.schemas import (
    CreatedEndpoint,
    EndpointAnswer,
    EndpointChange,
    EndpointPage,
    NewEndpoint,
    Secret,
)
from services.notify.store import EndpointStore
from services.notify.verifying import Verifier
from shared.condition_types import ConditionError
from shared.events import EndpointId, Millis, TenantId
from shared.signing_keys import new_private_key, new_secret, shown
from shared.web.auth import Tenanted, tenant_with
from shared.web.problems import NotFound, Problem
from shared.web.scopes import Scope
from shared.web.service import problem_response

MOST_ENDPOINTS: Final = 200
"""Endpoints that one tenant may have."""

Writer = Annotated[TenantId, tenant_with(Scope.ENDPOINTS_WRITE)]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]


def endpoint_routes(
    store: EndpointStore, guard: Guard, verifier: Verifier, default: Verification
) -> APIRouter:
    """Return the routes under `/endpoints`."""
    router = APIRouter(prefix="/endpoints", tags=["endpoints"])

    @router.post(
        "",
        status_code=201,
        responses={409: problem_response(f"The tenant has {MOST_ENDPOINTS} endpoints already.")},
    )
    async def create(tenant: Writer, wanted: NewEndpoint) -> CreatedEndpoint:
        """Create an endpoint. The answer shows the secret that will sign its deliveries.

        It gets the actions that come from about a second later on; where it is
        to be verified, it is asked at once, and held deliveries flow once it is.
        """
        _check(wanted, guard)
        endpoint = await _create(store, tenant, wanted, default)
        with suppress(RefusedError):  # `verified` tells, and `:verify` tries again
            endpoint = await verifier.verify(endpoint)
        answer = EndpointAnswer.of(endpoint, None, _now())
        return CreatedEndpoint(**answer.model_dump(), secret=shown(endpoint.secrets[0]))

    @router.get("")
    async def page(tenant: Tenanted, limit: Limit = 50, cursor: str = "") -> EndpointPage:
        """List the tenant's endpoints."""
        return await _page(store, tenant, cursor, limit)

    @router.get("/{id}")
    async def get(tenant: Tenanted, id: str) -> EndpointAnswer:
        """Tell one endpoint and how it is doing."""
        return await _answer(store, found_endpoint(await store.get(tenant, EndpointId(id))))

    @router.patch("/{id}")
    async def change(tenant: Writer, id: str, wanted: EndpointChange) -> EndpointAnswer:
        """Change an endpoint; `"enabled": true` also enables what Steward disabled."""
        _check(wanted, guard)
        return await _answer(store, await _change(store, tenant, EndpointId(id), wanted, default))

    @router.delete("/{id}", status_code=204)
    async def remove(tenant: Writer, id: str) -> None:
        """Remove an endpoint. What is still under way to it ends as `endpoint_removed`."""
        if not await store.remove(tenant, EndpointId(id)):
            raise _notfound_endpoint()

    @router.get("/{id}/secret")
    async def secret(tenant: Writer, id: str) -> Secret:
        """Tell the secret that is in force; where a private key signs, the public one."""
        endpoint = found_endpoint(await store.get(tenant, EndpointId(id)))
        return Secret(secret=shown(endpoint.secrets[0]))

    @router.post("/{id}:rotate")
    async def rotate(tenant: Writer, id: str, wanted: Rotation = Rotation()) -> Secret:  # noqa: B008
        """Put a new secret in force, and tell it.

        During the time of grace the one before signs too: a request then
        carries two signatures, and the receiver may change over in between.
        """
        return await _rotate(store, tenant, EndpointId(id), wanted)

    return router


async def _create(
    store: EndpointStore, tenant: TenantId, wanted: NewEndpoint, default: Verification
) -> Endpoint:
    if await store.count(tenant) >= MOST_ENDPOINTS:
        detail = f"A tenant may have {MOST_ENDPOINTS} of them."
        raise Problem(409, "Too many endpoints", detail=detail)
    now = _now()
    fields = wanted.model_dump()
    fields["verification"] = _verification(wanted.type, wanted.verification, default)
    endpoint = Endpoint(
        id=EndpointId(f"ep_{secrets.token_hex(12)}"),
        tenant=tenant,
        secrets=[_new_key(wanted.signature)],
        enabled_at=now,
        created_at=now,
        **fields,
    )
    _check_type(endpoint)
    await store.create(endpoint)
    return endpoint


async def _change(
    store: EndpointStore,
    tenant: TenantId,
    id: EndpointId,
    wanted: EndpointChange,
    default: Verification,
) -> Endpoint:
    fields: dict[str, Any] = wanted.model_dump(mode="json", exclude_none=True)
    if wanted.enabled:
        fields["enabled_at"] = _now()
    before = found_endpoint(await store.get(tenant, id))
    if not fields:
        return before
    if "verification" in fields:
        fields["verification"] = _verification(before.type, wanted.verification, default)
    if {"url", "verification"} & fields.keys():
        fields |= {"verified_at": None, "allowed_rate": 0}
    _check_type(structs.replace(before, **fields))
    return found_endpoint(await store.change(tenant, id, fields))


async def _rotate(
    store: EndpointStore, tenant: TenantId, id: EndpointId, wanted: Rotation
) -> Secret:
    endpoint = found_endpoint(await store.get(tenant, id))
    fields = {
        "secrets": [_new_key(endpoint.signature), endpoint.secrets[0]],
        "former_until": _now() + wanted.grace_seconds * 1000,
    }
    changed = found_endpoint(await store.change(tenant, id, fields))
    return Secret(secret=shown(changed.secrets[0]))


async def _page(store: EndpointStore, tenant: TenantId, cursor: str, limit: int) -> EndpointPage:
    found = await store.page(tenant, cursor, limit)
    states = await store.states([endpoint.id for endpoint in found])
    now = _now()
    items = [EndpointAnswer.of(endpoint, states.get(endpoint.id), now) for endpoint in found]
    return EndpointPage(items=items, next=found[-1].id if len(found) == limit else None)


async def _answer(store: EndpointStore, endpoint: Endpoint) -> EndpointAnswer:
    states = await store.states([endpoint.id])
    return EndpointAnswer.of(endpoint, states.get(endpoint.id), _now())


def found_endpoint(endpoint: Endpoint | None) -> Endpoint:
    """Return an endpoint that there is; raise the problem of one that is not."""
    if endpoint is None:
        raise _notfound_endpoint()
    return endpoint


def _notfound_endpoint() -> NotFound:
    return NotFound("There is no such endpoint.")


def _check(wanted: NewEndpoint | EndpointChange, guard: Guard) -> None:
    """Raise the problem of a URL that may not be reached, or of a kind that is none."""
    errors: list[dict[str, Any]] = []
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
    errors += [
        {"pointer": f"/headers/{name}", "detail": "Steward sets this header itself"}
        for name in wanted.headers or ()
        if name.lower() in RESERVED_HEADERS or name.lower().startswith(RESERVED_PREFIXES)
    ]
    if wanted.condition:
        try:
            ActionCondition(wanted.condition)
        except ConditionError as error:
            told = {"detail": error.message, "offset": error.offset}
            errors.append({"pointer": "/condition", **told})
    if errors:
        raise Problem(422, "Invalid request", errors=errors)


def _verification(
    type: EndpointType, wanted: Verification | None, default: Verification
) -> Verification:
    """Return how an endpoint is verified: as asked, but no less than the operator wants."""
    if type not in VERIFIABLE:
        return Verification.NONE
    return default if wanted is None or wanted is Verification.NONE else wanted


def _new_key(scheme: Scheme) -> str:
    return new_private_key() if scheme is Scheme.V1A else new_secret()


def _now() -> Millis:
    return Millis(int(time() * 1000))


def _check_type(endpoint: Endpoint) -> None:
    """Raise the problem of an endpoint that its type's connector cannot serve."""
    wrong = BY_TYPE[endpoint.type].check(endpoint)
    if wrong:
        errors = [{"pointer": f"/{field}", "detail": detail} for field, detail in wrong.items()]
        raise Problem(422, "Invalid request", errors=errors)
