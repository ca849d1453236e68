"""REST routes of the archive: whether a tenant's events are kept, and reading them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ingest.archive.event import event_json, span
from services.ingest.archive.store import ArchiveSettings, ArchiveStore, Order
from shared.events import Millis, TenantId
from shared.web.auth import key_with, tenant_with
from shared.web.keys import ApiKey
from shared.web.paging import After, Limit, next_cursor
from shared.web.scopes import Scope

Admin = Annotated[TenantId, tenant_with(Scope.ADMIN)]
AdminKey = Annotated[ApiKey, key_with(Scope.ADMIN)]
Reviewer = Annotated[TenantId, tenant_with(Scope.REVIEW)]
Group = Annotated[str | None, Query(max_length=200, description="Only events of this group.")]
From = Annotated[AwareDatetime | None, Query(alias="from", description="From this moment on.")]
To = Annotated[AwareDatetime | None, Query(description="Before this moment.")]


class ArchiveBody(BaseModel):
    """Whether events are archived, and for how long."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"retention_days": 90}]}
    )

    retention_days: int | None = Field(
        ge=1,
        le=3650,
        description="Days that events are kept after they were taken; null: from now on none "
        "are. What is in the archive already goes at its own time.",
    )


class ArchiveAnswer(ArchiveBody):
    """The archive's settings."""

    updated_at: datetime | None = Field(description="Null where they were never set.")
    updated_by: str | None = Field(description="The id of the key that set them.")


class ArchivePage(BaseModel):
    """Some of the archived events, in the order in which they happened."""

    items: list[dict[str, Any]] = Field(
        description="Events as they are on the topic `events`; `time` in milliseconds since 1970."
    )
    next: str | None = Field(description="The `cursor` of the next page; null on the last one.")


def archive_router(archive: ArchiveStore) -> APIRouter:
    """Return the routes under `/archive`."""
    router = APIRouter(tags=["archive"])

    @router.put("/archive")
    async def put_settings(admin: AdminKey, wanted: ArchiveBody) -> ArchiveAnswer:
        """Have events archived, or no longer; in force within about a second."""
        return _show(await archive.put(admin.tenant, wanted.retention_days, admin.id))

    @router.get("/archive/settings")
    async def get_settings(tenant: Admin) -> ArchiveAnswer:
        """Tell whether events are archived, and for how long."""
        return _show(await archive.settings(tenant))

    @router.get("/archive")
    async def read(
        tenant: Reviewer,
        after: After,
        group: Group = None,
        start: From = None,
        to: To = None,
        limit: Limit = 50,
        sort: Annotated[Order, Query(description="`-time`: the latest first.")] = Order.OLDEST,
    ) -> ArchivePage:
        """Read archived events, the oldest first unless asked otherwise.

        An event is there about a second after its 202.
        A cursor belongs to the query that it came from.
        """
        bounds = span(tenant, _millis(start), _millis(to))
        found = await archive.page(tenant, group, bounds, after[1] if after else "", limit, sort)
        items = [msgspec.json.decode(event_json(body)) for _, body in found]
        end = next_cursor([(0.0, id) for id, _ in found], limit)
        return ArchivePage(items=items, next=end)

    return router


def _show(settings: ArchiveSettings) -> ArchiveAnswer:
    return ArchiveAnswer(
        retention_days=settings.retention_days,
        updated_at=settings.updated_at,
        updated_by=settings.updated_by,
    )


def _millis(moment: datetime | None) -> Millis | None:
    return None if moment is None else Millis(int(moment.timestamp() * 1000))
