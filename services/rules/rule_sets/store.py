"""Rule sets in MongoDB: `rule_sets`, the versions, and `rule_set_deployments`, what is in force.

Both are written by REST, and read by every replica about once a second. What trials said is
written by the stage's runtime, and read here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from bson.codec_options import CodecOptions
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.rules.documents import FLAGS
from services.rules.long_windows import SERIES
from services.rules.rule_sets.versions import Deployment, Published
from services.rules.tenant_windows.series import TENANT_SERIES
from services.rules.trials import ACTING, RETENTION, TRIALS, Tally, TrialVerdict
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

VERSIONS: Final = "rule_sets"
CASES: Final = "cases"
"""The cases of reviews: what became of flags."""
DEPLOYMENTS: Final = "rule_set_deployments"

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        VERSIONS,
        (IndexModel([("tenant", ASCENDING), ("created_at", DESCENDING), ("version", DESCENDING)]),),
    ),
    (DEPLOYMENTS, (IndexModel([("changed_at", ASCENDING)]),)),
    (
        TRIALS.name,
        (
            IndexModel([("tenant", ASCENDING), ("version", ASCENDING), ("time", DESCENDING)]),
            IndexModel("expires_at", name="retention", expireAfterSeconds=0),
        ),
    ),
    *(
        (kind.name, (IndexModel("expires_at", name="retention", expireAfterSeconds=0),))
        for kind in (SERIES, TENANT_SERIES)
    ),
    (CASES, (IndexModel("flag"),)),
)

OVERLAP: Final = timedelta(seconds=10)
"""How far back a look for changes reaches: writes become visible out of order."""

BATCH: Final = 500
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class RuleSetStore:
    """The versions and deployments of all tenants. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._versions = database.get_collection(VERSIONS, codec_options=_AWARE)
        self._deployments = database.get_collection(DEPLOYMENTS, codec_options=_AWARE)

    async def publish(self, version: Published) -> Published:
        """Keep a version; one that is there already stays as it is. Return what is kept."""
        id = _id(version.tenant, version.version)
        fields: Document = msgspec.structs.asdict(version)
        await self._versions.update_one({"_id": id}, {"$setOnInsert": fields}, upsert=True)
        kept = await self.get(version.tenant, version.version)
        assert kept is not None
        return kept

    async def count(self, tenant: TenantId) -> int:
        """Return how many versions a tenant has."""
        return await self._versions.count_documents({"tenant": tenant})

    async def get(self, tenant: TenantId, version: str) -> Published | None:
        """Return a tenant's version."""
        found = await self._versions.find_one({"_id": _id(tenant, version)})
        return None if found is None else msgspec.convert(found, Published)

    async def some(
        self, wanted: Sequence[tuple[TenantId, str]]
    ) -> dict[TenantId, dict[str, Published]]:
        """Return those of these versions that there are, by tenant."""
        some: dict[TenantId, dict[str, Published]] = {}
        for start in range(0, len(wanted), BATCH):
            ids = [_id(tenant, version) for tenant, version in wanted[start : start + BATCH]]
            async for each in self._versions.find({"_id": {"$in": ids}}):
                found = msgspec.convert(each, Published)
                some.setdefault(found.tenant, {})[found.version] = found
        return some

    async def page(self, tenant: TenantId, before: Place | None, limit: int) -> list[Published]:
        """Return up to `limit` versions of a tenant, latest first."""
        query: Document = {"tenant": tenant}
        if before is not None:
            moment, version = before
            at = datetime.fromtimestamp(moment, UTC)
            query["$or"] = [
                {"created_at": {"$lt": at}},
                {"created_at": at, "version": {"$lt": version}},
            ]
        order = [("created_at", DESCENDING), ("version", DESCENDING)]
        found = self._versions.find(query).sort(order).limit(limit)
        return [msgspec.convert(each, Published) async for each in found]

    async def deployment(self, tenant: TenantId) -> Deployment:
        """Return what is in force for a tenant."""
        found = await self._deployments.find_one({"_id": tenant})
        return Deployment(tenant=tenant) if found is None else msgspec.convert(found, Deployment)

    async def deploy(
        self, tenant: TenantId, change: Callable[[Deployment], Deployment]
    ) -> Deployment:
        """Change what is in force, whoever else changes it meanwhile, and return it."""
        while True:
            found = await self._deployments.find_one({"_id": tenant})
            revision = 0 if found is None else found["revision"]
            old = Deployment(tenant=tenant) if found is None else msgspec.convert(found, Deployment)
            new = change(old)
            if new == old:
                return old
            # The server's clock marks the change: the clocks of REST's replicas differ.
            update: Document = {
                "$set": {**msgspec.to_builtins(new, builtin_types=(datetime,))},
                "$inc": {"revision": 1},
                "$currentDate": {"changed_at": True},
            }
            query = {"_id": tenant, "revision": revision}
            try:
                done = await self._deployments.update_one(query, update, upsert=revision == 0)
            except DuplicateKeyError:
                continue
            if done.matched_count or done.upserted_id is not None:
                return new

    async def changed_since(self, moment: datetime | None) -> list[tuple[datetime, Deployment]]:
        """Return the deployments that changed, and when each did."""
        query = {} if moment is None else {"changed_at": {"$gte": moment - OVERLAP}}
        found = self._deployments.find(query)
        return [(each["changed_at"], msgspec.convert(each, Deployment)) async for each in found]


class TrialStore:
    """What trials said, to be compared. Methods raise PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._trials = database[TRIALS.name]
        self._cases = database[CASES]
        self._flags = database[FLAGS.name]

    async def tallies(self, tenant: TenantId, version: str) -> list[Tally]:
        """Return on how many events a version acted, what it may replace, or both."""
        stages: list[Document] = [
            {"$match": {"tenant": tenant, "version": version}},
            {
                "$project": {
                    "flag": 1,
                    "settled": {"$in": ["$settled.decision", _ACTING]},
                    "candidate": {"$in": ["$candidate.decision", _ACTING]},
                }
            },
            {"$match": {"$or": [{"settled": True}, {"candidate": True}]}},
            *_WITH_STATE,
            {
                "$group": {
                    "_id": {"settled": "$settled", "candidate": "$candidate"},
                    "events": {"$sum": 1},
                    "confirmed": _count("confirmed"),
                    "overturned": _count("overturned"),
                }
            },
        ]
        cursor = await self._trials.aggregate(stages)
        return [msgspec.convert({**each.pop("_id"), **each}, Tally) async for each in cursor]

    async def disputes(self, tenant: TenantId, version: str, since: datetime) -> tuple[int, int]:
        """Return on how many events a canary acted since then, and how many were disputed."""
        query: Document = {
            "tenant": tenant,
            "version": version,
            "acted": True,
            "candidate.decision": {"$in": _ACTING},
            "expires_at": {"$gte": since + RETENTION},
        }
        count: Document = {"_id": None, "n": {"$sum": 1}, "o": _count("overturned")}
        count["a"] = _count("appealed")
        stages: list[Document] = [{"$match": query}, *_WITH_STATE, {"$group": count}]
        async for each in await self._trials.aggregate(stages):
            return each["n"], each["o"] + each["a"]
        return 0, 0

    async def rule_disputes(self, deployment: Deployment, rule: str) -> tuple[int, int]:
        """Return on how many events a canary rule of what is active took part in acting.

        The second number is how many of them were disputed. Actions are counted only
        where there are disputes: they are few, and found by an index.
        """
        since = deployment.since
        begin = 0 if since is None else int(since.timestamp() * 1000)
        fired = {"$elemMatch": {"rule": rule, "weight": {"$gt": 0}}}
        about: Document = {
            "rule_set": deployment.active,
            "decision": {"$in": _ACTING},
            "hits": fired,
        }
        of: Document = {"tenant": deployment.tenant}
        disputed = await self._cases.count_documents(
            {
                **of,
                "rules": rule,
                "state": {"$in": ["appealed", "overturned"]},
                "evidence.flag.time": {"$gte": begin},
                **{f"evidence.flag.{field}": value for field, value in about.items()},
            }
        )
        if not disputed:
            return 0, 0
        acted = {f"flag.{field}": value for field, value in about.items()}
        return await self._flags.count_documents({**of, "time": {"$gte": begin}, **acted}), disputed

    async def differences(self, tenant: TenantId, version: str, limit: int) -> list[TrialVerdict]:
        """Return the latest events on which the two did not decide alike."""
        query = {
            "tenant": tenant,
            "version": version,
            "$expr": {"$ne": ["$settled.decision", "$candidate.decision"]},
        }
        found = self._trials.find(query).sort("time", DESCENDING).limit(limit)
        return [msgspec.convert(each, TrialVerdict) async for each in found]


def _count(state: str) -> Document:
    return {"$sum": {"$cond": [{"$in": [state, "$cases.state"]}, 1, 0]}}


_ACTING: Final = sorted(decision.value for decision in ACTING)
_WITH_STATE: Final[list[Document]] = [
    {"$lookup": {"from": CASES, "localField": "flag", "foreignField": "flag", "as": "cases"}}
]


def _id(tenant: str, version: str) -> str:
    return f"{tenant}/{version}"
