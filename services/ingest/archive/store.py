"""The archive in MongoDB: the events, written by the stage's runtime, and tenants' settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import PyMongoError

from services.ingest.archive.erasing import Erasing, Found, named
from services.ingest.archive.event import ARCHIVE, event_json
from shared.events import TenantId, group_key
from shared.mongo import Database, Document

SETTINGS: Final = "archive_settings"
SEARCHED: Final = 1_000
"""Archived events that are looked through at a time."""
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        ARCHIVE.name,
        (
            IndexModel([("key", ASCENDING), ("_id", ASCENDING)]),
            IndexModel("expires_at", name="retention", expireAfterSeconds=0),
        ),
    ),
    (SETTINGS, ()),
)
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class Order(StrEnum):
    """Which events of a page come first."""

    OLDEST = "time"
    LATEST = "-time"


class ArchiveSettings(Struct, frozen=True, kw_only=True):
    """What a tenant wants of the archive; `retention_days` is None where it wants none."""

    retention_days: int | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None


class ArchiveStore:
    """The archived events and what tenants want. All but `perform` raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._archive = database[ARCHIVE.name]
        self._settings = database.get_collection(SETTINGS, codec_options=_AWARE)

    async def settings(self, tenant: TenantId) -> ArchiveSettings:
        """Return what a tenant wants."""
        found = await self._settings.find_one({"_id": tenant})
        return ArchiveSettings() if found is None else msgspec.convert(found, ArchiveSettings)

    async def put(self, tenant: TenantId, days: int | None, by: str) -> ArchiveSettings:
        """Set for how many days a tenant's events are kept from now on; None: not at all."""
        wanted = ArchiveSettings(retention_days=days, updated_at=datetime.now(UTC), updated_by=by)
        fields: Document = msgspec.structs.asdict(wanted)
        await self._settings.replace_one({"_id": tenant}, fields, upsert=True)
        return wanted

    async def retentions(self) -> dict[TenantId, int | None]:
        """Return the days of every tenant that ever asked; None where it wants no more kept."""
        return {each["_id"]: each["retention_days"] async for each in self._settings.find()}

    async def perform(self, task: Erasing) -> Found | None:
        """Return which of a group's next events name a member; None while MongoDB is away."""
        query = {"key": group_key(task.tenant, task.group), "_id": {"$gt": task.after}}
        name, ids, last = named(task.member), [], None
        try:
            found = self._archive.find(query, {"body": 1}).sort("_id", ASCENDING)
            count = 0
            async for raw in found.limit(SEARCHED):
                count, last = count + 1, raw["_id"]
                if name in bytes(event_json(raw["body"])):
                    ids.append(last)
        except PyMongoError:
            return None
        return Found(ids, last if count == SEARCHED else None)

    async def page(
        self,
        tenant: TenantId,
        group: str | None,
        bounds: tuple[str, str],
        after: str,
        limit: int,
        order: Order = Order.OLDEST,
    ) -> list[tuple[str, bytes]]:
        """Return ids and bodies of a tenant's events within bounds of ids, behind an id."""
        first, last = bounds
        direction = ASCENDING if order is Order.OLDEST else DESCENDING
        if after:
            first, last = (max(first, after), last) if direction > 0 else (first, min(last, after))
        query: Document = {"_id": {"$gt": first, "$lt": last}}
        if group is not None:
            query["key"] = group_key(tenant, group)
        found = self._archive.find(query, {"body": 1}).sort("_id", direction).limit(limit)
        return [(each["_id"], each["body"]) async for each in found]
