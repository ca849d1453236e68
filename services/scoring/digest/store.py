"""Valued messages and what tenants want of digests, in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import PyMongoError

from services.scoring.digest.highlight import Highlight
from services.scoring.digest.plan import DigestSettings
from services.scoring.digest.stage import HIGHLIGHTS
from services.scoring.erasure.forgetting import Forgetting
from services.scoring.profiles.documents import group_id
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

SETTINGS: Final = "digest_settings"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        HIGHLIGHTS.name,
        (
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("group", ASCENDING),
                    ("day", ASCENDING),
                    ("value", DESCENDING),
                ]
            ),
            IndexModel([("tenant", ASCENDING), ("tokens", ASCENDING), ("time", DESCENDING)]),
            IndexModel("expires_at", name="retention", expireAfterSeconds=0),
        ),
    ),
    (SETTINGS, ()),
)
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class DigestStore:
    """The valued messages of all tenants. Every method but `perform` raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._highlights = database.get_collection(HIGHLIGHTS.name, codec_options=_AWARE)
        self._settings = database[SETTINGS]

    async def best(
        self, tenant: TenantId, group: str, first: int, last: int, most: int
    ) -> list[Highlight]:
        """Return a group's most valued messages of the days `first` to `last`."""
        query: Document = {"tenant": tenant, "group": group, "day": {"$gte": first, "$lte": last}}
        query |= {"hidden": {"$ne": True}, "value": {"$gt": 0}}
        order = [("value", DESCENDING), ("time", ASCENDING), ("_id", ASCENDING)]
        found = self._highlights.find(query).sort(order).limit(most)
        return [msgspec.convert(raw, Highlight) async for raw in found]

    async def knows(self, tenant: TenantId, group: str) -> bool:
        """Return whether any message of a group was valued."""
        return await self._highlights.find_one({"tenant": tenant, "group": group}) is not None

    async def search(
        self,
        tenant: TenantId,
        words: Sequence[str],
        group: str | None,
        after: Place | None,
        limit: int,
    ) -> list[tuple[Place, Highlight]]:
        """Return a page of the valued messages that have all the words, latest first."""
        query: Document = {"tenant": tenant, "hidden": {"$ne": True}, "value": {"$gt": 0}}
        if words:
            query["tokens"] = {"$all": list(words)}
        if group is not None:
            query["group"] = group
        if after is not None:
            time, id = after
            query["$or"] = [{"time": {"$lt": time}}, {"time": time, "_id": {"$lt": id}}]
        order = [("time", DESCENDING), ("_id", DESCENDING)]
        found = self._highlights.find(query).sort(order).limit(limit)
        pages = [(raw["_id"], msgspec.convert(raw, Highlight)) async for raw in found]
        return [((float(each.time), id), each) for id, each in pages]

    async def of_member(self, tenant: TenantId, member: str, most: int) -> list[Highlight]:
        """Return valued messages that a member wrote, the latest first."""
        query = {"tenant": tenant, "member": member}
        found = self._highlights.find(query).sort("time", DESCENDING).limit(most)
        return [msgspec.convert(raw, Highlight) async for raw in found]

    async def settings(self, tenant: TenantId) -> DigestSettings:
        """Return what a tenant wants of digests."""
        found = await self._settings.find_one({"_id": tenant})
        return DigestSettings() if found is None else msgspec.convert(found, DigestSettings)

    async def put_settings(self, tenant: TenantId, wanted: DigestSettings) -> None:
        """Set what a tenant wants of digests."""
        fields: dict[str, Any] = msgspec.to_builtins(wanted)
        await self._settings.replace_one({"_id": tenant}, fields, upsert=True)

    async def all_settings(self) -> Mapping[TenantId, DigestSettings]:
        """Return the settings of every tenant that has any."""
        found = self._settings.find()
        return {raw["_id"]: msgspec.convert(raw, DigestSettings) async for raw in found}

    async def perform(self, task: Forgetting) -> list[str] | None:
        """Return the ids of a group's messages in which a member is; None while MongoDB is away."""
        prefix = group_id(task.tenant, task.group)
        query = {"_id": {"$gt": f"{prefix}\x1f", "$lt": f"{prefix}\x20"}}
        try:
            found = self._highlights.find(query, {"member": 1, "people": 1})
            return [
                raw["_id"]
                async for raw in found
                if task.member in (raw["member"], *(who for who, _ in raw.get("people", ())))
            ]
        except PyMongoError:
            return None
