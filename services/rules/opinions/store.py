"""Opinions in MongoDB: what was said of texts nearly the same, and what a tenant spent today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.rules.opinions.opinion import Opinion
from shared.mongo import Database, Document

OPINIONS: Final = "opinions"
BUDGETS: Final = "opinion_budgets"
KEPT: Final = timedelta(days=7)
NEAR: Final = 2
"""Names that two texts have in common to be of one cluster: for texts that share four fifths of
their runs 78 %, for such that share three tenths one in a thousand (see `nearness`)."""

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        OPINIONS,
        (
            IndexModel([("tenant", ASCENDING), ("model", ASCENDING), ("names", ASCENDING)]),
            IndexModel("expires_at", name="retention", expireAfterSeconds=0),
        ),
    ),
    (BUDGETS, (IndexModel("expires_at", name="retention", expireAfterSeconds=0),)),
)


class OpinionStore:
    """Opinions and budgets of all tenants. Holds no texts. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._opinions = database[OPINIONS]
        self._budgets = database[BUDGETS]

    async def known(self, tenant: str, model: str, names: Sequence[str]) -> Opinion | None:
        """Return what the model said of a text nearly the same."""
        query = {"tenant": tenant, "model": model, "names": {"$in": list(names)}}
        async for each in self._opinions.find(query).sort("_id", ASCENDING):
            if len(set(each["names"]) & set(names)) >= NEAR:
                opinion = msgspec.convert(each["opinion"], Opinion)
                return msgspec.structs.replace(opinion, cached=True)
        return None

    async def keep(self, tenant: str, names: Sequence[str], opinion: Opinion) -> None:
        """Keep what was said of a text for texts nearly the same."""
        fields: Document = {
            "tenant": tenant,
            "model": opinion.model,
            "names": list(names),
            "opinion": msgspec.to_builtins(opinion),
            "expires_at": datetime.now(UTC) + KEPT,
        }
        id = f"{tenant}/{opinion.model}/{'/'.join(names)}"
        await self._opinions.update_one({"_id": id}, {"$set": fields}, upsert=True)

    async def spend(self, tenant: str, most: int) -> bool:
        """Take one call from what a tenant has for today (UTC); False if nothing is left."""
        today = datetime.now(UTC).date().isoformat()
        query: Document = {"_id": f"{tenant}/{today}", "calls": {"$lt": most}}
        update: Document = {
            "$inc": {"calls": 1},
            "$setOnInsert": {"tenant": tenant, "expires_at": datetime.now(UTC) + KEPT},
        }
        try:
            done: Any = await self._budgets.update_one(query, update, upsert=True)
        except DuplicateKeyError:
            return False
        return bool(done.matched_count or done.upserted_id is not None)
