"""The log of erasures: that somebody was erased, when and by whom, without saying whom."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

COLLECTION: Final = "erasures"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (COLLECTION, (IndexModel([("tenant", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)]),)),
)
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class Erasure(Struct, frozen=True, kw_only=True):
    """One line: a member, named by a digest only, was erased from so many groups by a key."""

    tenant: TenantId
    digest: str
    at: datetime
    by: str
    groups: int


class ErasureStore:
    """The lines are added, never changed. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._erasures = database.get_collection(COLLECTION, codec_options=_AWARE)

    async def add(self, tenant: TenantId, member: str, at: int, by: str, groups: int) -> Erasure:
        """Add a line and return it; asked for again at the same moment it is the same line."""
        line = Erasure(
            tenant=tenant,
            digest=digest(tenant, member),
            at=datetime.fromtimestamp(at / 1000, tz=UTC),
            by=by,
            groups=groups,
        )
        id = f"{line.digest}-{at}"
        await self._erasures.replace_one({"_id": id}, msgspec.structs.asdict(line), upsert=True)
        return line

    async def page(
        self, tenant: TenantId, member: str | None, after: Place | None, limit: int
    ) -> list[tuple[Place, Erasure]]:
        """Return a page of the lines, latest first; with `member` only those about them."""
        query: Document = {"tenant": tenant}
        if member is not None:
            query["digest"] = digest(tenant, member)
        if after is not None:
            at = datetime.fromtimestamp(after[0] / 1000, tz=UTC)
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": after[1]}}]
        order = [("at", DESCENDING), ("_id", DESCENDING)]
        found = self._erasures.find(query).sort(order).limit(limit)
        return [
            ((round(raw["at"].timestamp() * 1000), raw["_id"]), msgspec.convert(raw, Erasure))
            async for raw in found
        ]


def digest(tenant: str, member: str) -> str:
    """Return what names a member in the log: who knows the id can look it up, nobody else."""
    return hashlib.blake2b(f"{tenant}\x1f{member}".encode(), digest_size=16).hexdigest()
