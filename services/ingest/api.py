"""REST routes of the sources: where events come from, and whether they must be signed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.ingest.hooks_api import HookIn, HookOut
from services.ingest.store import Source, Sources
from services.ingest.terms import network
from shared.events import TenantId
from shared.web.auth import Tenanted, tenant_with
from shared.web.keys import Limits
from shared.web.problems import NotFound
from shared.web.scopes import Scope

Declarer = Annotated[TenantId, tenant_with(Scope.SOURCES_WRITE)]
SourceName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        description="The CloudEvents `source`, percent-encoded where it has slashes.",
        examples=["demo-platform"],
    ),
]


class SourceIn(BaseModel):
    """How a source's requests are to be treated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"signed": True}]})

    signed: bool = Field(
        False, description="Whether requests with its events must be signed (Standard Webhooks)."
    )
    hook: HookIn | None = Field(
        None, description="A platform's door. Left out: as it was; null: closed for good."
    )
    networks: list[Annotated[str, AfterValidator(network)]] = Field(
        [],
        max_length=100,
        description="The only networks that its events may come from (CIDR); empty: any.",
        examples=[["192.0.2.0/24", "2001:db8::1"]],
    )
    origins: list[Annotated[str, Field(min_length=1, max_length=253)]] = Field(
        [],
        max_length=100,
        description="DNS names of the systems that may ask to deliver events (WebHook origins).",
        examples=[["events.example.com"]],
    )


class SourceOut(BaseModel):
    """A source of events."""

    source: str = Field(examples=["demo-platform"])
    signed: bool
    networks: list[str]
    origins: list[str]
    created_at: datetime
    updated_at: datetime
    previous_secret_until: datetime | None = Field(
        None, description="Until when the secret before the current one still counts."
    )
    secret: str | None = Field(
        None,
        description="The signing secret: shown once, in the answer to the request that made it.",
        examples=["whsec_…"],
    )
    hook: HookOut | None = Field(None, description="The platform's door, without its secrets.")


class SourcePage(BaseModel):
    """Some of the tenant's sources, by name."""

    items: list[SourceOut]
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


def sources_router(sources: Sources) -> APIRouter:
    """Return the routes of `sources`."""
    router = APIRouter(tags=["sources"])

    async def found(tenant: TenantId, source: str, secret: str | None = None) -> SourceOut:
        known = await sources.find(tenant, source)
        if known is None:
            raise NotFound(f"There is no source {source!r}.")
        return _show(known, secret)

    @router.get("/sources")
    async def list_sources(
        tenant: Tenanted,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str, Query(max_length=200)] = "",
    ) -> SourcePage:
        """List the sources that were declared."""
        page = await sources.page(tenant, cursor, limit + 1)
        more = len(page) > limit
        items = [_show(source) for source in page[:limit]]
        return SourcePage(items=items, next=items[-1].source if more else None)

    @router.put("/sources/{source:path}")
    async def put_source(tenant: Declarer, source: SourceName, body: SourceIn) -> SourceOut:
        """Declare a source. Made to sign, it gets a secret, which only this answer shows."""
        secret = await _declare(sources, tenant, source, body)
        return await found(tenant, source, secret)

    @router.post("/sources/{source:path}:rotate")
    async def rotate_secret(tenant: Declarer, source: SourceName) -> SourceOut:
        """Give a source a new secret. The one before it counts for another 24 hours."""
        secret = await sources.rotate(tenant, source)
        if secret is None:
            raise NotFound(f"There is no source {source!r} that signs.")
        return await found(tenant, source, secret)

    @router.get("/sources/{source:path}")
    async def get_source(tenant: Tenanted, source: SourceName) -> SourceOut:
        """Show a source."""
        return await found(tenant, source)

    @router.delete("/sources/{source:path}", status_code=204)
    async def delete_source(tenant: Declarer, source: SourceName) -> None:
        """Forget a source; its events are taken unsigned again."""
        if not await sources.delete(tenant, source):
            raise NotFound(f"There is no source {source!r}.")

    return router


async def _declare(sources: Sources, tenant: TenantId, source: str, body: SourceIn) -> str | None:
    """Write a source down as `body` says; return the secret if this gave it one."""
    hook = body.hook
    if hook is not None:
        hook.validate_for_platform()
    secret = await sources.put(
        tenant, source, signed=body.signed, networks=body.networks, origins=body.origins
    )
    if hook is not None:
        limits = Limits(**hook.limits.model_dump())
        await sources.set_hook(tenant, source, hook.platform, hook.secrets, hook.mapped, limits)
    elif "hook" in body.model_fields_set:
        await sources.close_hook(tenant, source)
    return secret


def _show(source: Source, secret: str | None = None) -> SourceOut:
    return SourceOut(
        source=source.source,
        signed=source.secret is not None,
        networks=source.networks,
        origins=source.origins,
        created_at=source.created_at,
        updated_at=source.updated_at,
        previous_secret_until=source.previous_until,
        secret=secret,
        hook=None if source.hook is None else HookOut.of(source.hook),
    )
