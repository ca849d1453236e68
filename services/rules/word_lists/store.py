"""Word lists in MongoDB: `word_lists`, written by REST, read by every replica each second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, IndexModel, ReturnDocument

from services.rules.word_lists.lists import WordList
from shared.events import TenantId
from shared.mongo import Database, Document

COLLECTION: Final = "word_lists"
RETENTION: Final = timedelta(days=7)
"""How long it is remembered that a list was removed, so that every replica learns of it."""
OVERLAP: Final = timedelta(seconds=10)
"""How far back a look for changes reaches: writes become visible out of order."""
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        COLLECTION,
        (
            IndexModel([("tenant", ASCENDING), ("name", ASCENDING)]),
            IndexModel([("changed_at", ASCENDING)]),
            IndexModel(
                "removed_at", name="retention", expireAfterSeconds=int(RETENTION.total_seconds())
            ),
        ),
    ),
)


class Changed(msgspec.Struct, frozen=True):
    """A list that was put or removed, and when; `version` is None for one that was removed."""

    tenant: str
    name: str
    version: str | None
    changed_at: datetime


class WordListStore:
    """The lists of all tenants. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._lists = database.get_collection(COLLECTION, codec_options=_AWARE)

    async def put(self, wanted: WordList) -> WordList:
        """Keep a list in place of the one of that name; return it with the time of the change.

        One that says the same already stays as it is.
        """
        kept = await self.get(wanted.tenant, wanted.name)
        if kept is not None and kept.version == wanted.version:
            return kept
        fields: Document = msgspec.structs.asdict(wanted)
        del fields["changed_at"]  # the server's clock marks it: those of REST's replicas differ
        update: Document = {
            "$set": fields,
            "$unset": {"removed_at": ""},
            "$currentDate": {"changed_at": True},
        }
        found: Any = await self._lists.find_one_and_update(
            {"_id": _id(wanted.tenant, wanted.name)},
            update,
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return msgspec.convert(found, WordList)

    async def remove(self, tenant: TenantId, name: str) -> datetime | None:
        """Remove a list and return when it was removed first; None if there was none."""
        update: Document = {
            "$set": {"version": None, "words": [], "exceptions": []},
            "$currentDate": {"changed_at": True, "removed_at": True},
        }
        query = {"_id": _id(tenant, name), **_THERE}
        found: Any = await self._lists.find_one_and_update(
            query, update, return_document=ReturnDocument.AFTER
        )
        gone = found or await self._lists.find_one({"_id": _id(tenant, name)})
        return None if gone is None else gone["removed_at"]

    async def get(self, tenant: str, name: str) -> WordList | None:
        """Return a tenant's list."""
        found = await self._lists.find_one({"_id": _id(tenant, name), **_THERE})
        return None if found is None else msgspec.convert(found, WordList)

    async def names(self, tenant: TenantId) -> list[str]:
        """Return the names of a tenant's lists."""
        found = self._lists.find({"tenant": tenant, **_THERE}, {"name": 1})
        return [each["name"] async for each in found]

    async def all(self, tenant: TenantId) -> list[WordList]:
        """Return a tenant's lists by name."""
        found = self._lists.find({"tenant": tenant, **_THERE}).sort("name", ASCENDING)
        return [msgspec.convert(each, WordList) async for each in found]

    async def changed_since(self, moment: datetime | None) -> list[Changed]:
        """Return which lists changed, without what they say."""
        query = _THERE if moment is None else {"changed_at": {"$gte": moment - OVERLAP}}
        kept = {"tenant": 1, "name": 1, "version": 1, "changed_at": 1}
        return [msgspec.convert(each, Changed) async for each in self._lists.find(query, kept)]


_THERE: Final[Document] = {"removed_at": None}


def _id(tenant: str, name: str) -> str:
    return f"{tenant}/{name}"
