"""Backtests in MongoDB: `backtests`, written by REST and by whoever runs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from services.rules.backtests.job import Job, State
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

BACKTESTS: Final = "backtests"
RETENTION: Final = timedelta(days=30)
LEASE: Final = timedelta(seconds=60)
"""How long a run is believed to go on that does not tell of itself."""
MOST_ATTEMPTS: Final = 3

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        BACKTESTS,
        (
            IndexModel([("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("state", ASCENDING), ("created_at", ASCENDING)]),
            IndexModel(
                "created_at", name="retention", expireAfterSeconds=int(RETENTION.total_seconds())
            ),
        ),
    ),
)
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)
_UNFINISHED: Final = [State.QUEUED.value, State.RUNNING.value]


class BacktestStore:
    """The backtests of all tenants. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._jobs = database.get_collection(BACKTESTS, codec_options=_AWARE)

    async def add(self, job: Job) -> None:
        """Keep a new backtest."""
        fields: Document = msgspec.to_builtins(job, builtin_types=(datetime, bytes))
        await self._jobs.insert_one({"_id": fields.pop("id"), **fields})

    async def waiting(self, tenant: TenantId) -> int:
        """Return how many of a tenant's backtests are not finished."""
        query = {"tenant": tenant, "state": {"$in": _UNFINISHED}}
        return await self._jobs.count_documents(query)

    async def get(self, tenant: TenantId, id: str) -> Job | None:
        """Return a tenant's backtest."""
        found = await self._jobs.find_one({"_id": id, "tenant": tenant})
        return None if found is None else _job(found)

    async def page(self, tenant: TenantId, before: Place | None, limit: int) -> list[Job]:
        """Return up to `limit` backtests of a tenant without their reports, latest first."""
        query: Document = {"tenant": tenant}
        if before is not None:
            at = datetime.fromtimestamp(before[0], UTC)
            query["$or"] = [
                {"created_at": {"$lt": at}},
                {"created_at": at, "_id": {"$lt": before[1]}},
            ]
        order = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = self._jobs.find(query, {"report": 0}).sort(order).limit(limit)
        return [_job(each) async for each in found]

    async def claim(self) -> Job | None:
        """Take the oldest backtest that nobody runs."""
        now = datetime.now(UTC)
        abandoned = {"state": State.RUNNING, "leased_until": {"$lt": now}}
        await self._jobs.update_many(
            {**abandoned, "attempts": {"$gte": MOST_ATTEMPTS}},
            {"$set": {"state": State.FAILED, "error": "it was begun three times, and never ended"}},
        )
        found = await self._jobs.find_one_and_update(
            {"$or": [{"state": State.QUEUED}, abandoned]},
            {
                "$set": {"state": State.RUNNING, "leased_until": now + LEASE},
                "$inc": {"attempts": 1},
            },
            sort=[("created_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _job(found)

    async def tell(self, job: Job, fields: Mapping[str, object]) -> bool:
        """Write how a run goes; return whether it is still this one's."""
        plain = msgspec.to_builtins(dict(fields))
        done = await self._jobs.update_one(
            {"_id": job.id, "attempts": job.attempts, "state": State.RUNNING},
            {"$set": {**plain, "leased_until": datetime.now(UTC) + LEASE}},
        )
        return done.matched_count == 1


def _job(found: Document) -> Job:
    return msgspec.convert({**found, "id": found["_id"]}, Job)
