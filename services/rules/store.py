"""Rules' MongoDB collections: `flags` and `member_records` here, and those of `rule_sets`.

Both of these are written by the stage's runtime only; REST reads flags here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.rules.backtests.store import INDEXES as BACKTEST_INDEXES
from services.rules.documents import FLAGS, FlagDocument
from services.rules.opinions.store import INDEXES as OPINION_INDEXES
from services.rules.review.store import INDEXES as REVIEW_INDEXES
from services.rules.rule_sets.store import INDEXES as RULE_SET_INDEXES
from services.rules.word_lists.store import INDEXES as WORD_LIST_INDEXES
from shared.events import Millis, TenantId
from shared.mongo import Database, Document
from shared.verdicts import Flag
from shared.web.paging import Place

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    *RULE_SET_INDEXES,
    *WORD_LIST_INDEXES,
    *OPINION_INDEXES,
    *BACKTEST_INDEXES,
    (
        FLAGS.name,
        tuple(
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    *((field, ASCENDING) for field in fields),
                    ("time", DESCENDING),
                    ("_id", DESCENDING),
                ]
            )
            for fields in ((), ("group",), ("member",), ("labels",))
        ),
    ),
    *REVIEW_INDEXES,
)


class FlagStore:
    """The flags of all tenants, to be read by one tenant at a time."""

    def __init__(self, database: Database) -> None:
        self._flags = database[FLAGS.name]

    async def get(self, tenant: TenantId, id: str) -> Flag | None:
        """Return a tenant's flag."""
        found = await self._flags.find_one({"_id": id, "tenant": tenant})
        return None if found is None else _flag(found)

    async def noted(self, tenant: TenantId, id: str) -> FlagDocument | None:
        """Return a tenant's flag with what is noted of what it led to."""
        found = await self._flags.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, FlagDocument)

    async def page(
        self,
        tenant: TenantId,
        wanted: Mapping[str, str],
        since: Millis,
        before: Place | None,
        limit: int,
    ) -> list[Flag]:
        """Return up to `limit` flags of a tenant, latest first.

        `wanted` are fields that must be equal (`labels`: contain); `before` is
        where the last page ended: the time and id of its last flag.
        """
        query: Document = {"tenant": tenant, "time": {"$gte": since}, **wanted}
        if before is not None:
            time, id = before
            query["time"]["$lte"] = time
            query["$or"] = [{"time": {"$lt": time}}, {"_id": {"$lt": id}}]
        order = [("time", DESCENDING), ("_id", DESCENDING)]
        found = self._flags.find(query).sort(order).limit(limit)
        return [_flag(each) async for each in found]


def _flag(found: Document) -> Flag:
    return msgspec.convert(found, FlagDocument).flag
