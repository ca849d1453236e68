"""Which lines of the log of keys were told to the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bson.codec_options import CodecOptions

from shared.mongo import Database, Document
from shared.web.key_changes import CHANGES, KeyChange

TOLD: Final = "key_changes_told"
OVERLAP: Final = timedelta(minutes=1)
"""How far before the last told line a look begins: lines become visible out of order."""
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)
_AUDIT: Final = "audit"


class KeyLogStore:
    """The log of keys, read onwards from where it was told. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._changes = database.get_collection(CHANGES, codec_options=_AWARE)
        self._told = database.get_collection(TOLD, codec_options=_AWARE)

    async def untold(self) -> list[KeyChange]:
        """Return the lines that may not be told yet, oldest first; some may be."""
        query: Document = {}
        if (told := await self._told.find_one({"_id": _AUDIT})) is not None:
            query["at"] = {"$gte": told["at"] - OVERLAP}
        found = self._changes.find(query).sort("_id")
        return [KeyChange.read(each) async for each in found]

    async def tell(self, line: KeyChange) -> None:
        """Note that all lines up to this one are told."""
        await self._told.update_one({"_id": _AUDIT}, {"$max": {"at": line.at}}, upsert=True)
