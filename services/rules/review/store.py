"""Reviews' MongoDB collections, as REST and references read them; the stage alone writes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor

from services.rules.review.audit import ENTRIES, HEADS, Entry, Head, Verification
from services.rules.review.case import UNDECIDED, Case, CaseState
from services.rules.review.copies import COPY_PAGES
from services.rules.review.incident import INCIDENTS, Incident
from services.rules.review.kinds import CASES
from services.rules.review.lessons import LESSONS, LessonDocument
from services.rules.review.precision import Tally
from services.rules.review.trust import TRUSTED, Trusted
from shared.events import Millis, TenantId
from shared.mongo import Database, Document
from shared.verdicts import Decision
from shared.web.paging import Place


def _by(*fields: str) -> IndexModel:
    """Return an index on a tenant's documents by these fields, the last one falling."""
    *equal, last = fields
    order = [("tenant", ASCENDING), *((field, ASCENDING) for field in equal)]
    return IndexModel([*order, (last, DESCENDING), ("_id", DESCENDING)])


INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        CASES.name,
        (
            _by("state", "rank"),
            _by("state", "opened_at"),
            _by("opened_at"),
            _by("member", "opened_at"),
        ),
    ),
    (INCIDENTS.name, (_by("state", "last_at"), _by("last_at"), _by("changed_at"))),
    (COPY_PAGES.name, (IndexModel([("tenant", ASCENDING)]),)),
    (TRUSTED.name, (_by("member"), IndexModel([("since", ASCENDING)]))),
    (ENTRIES.name, (_by("time"), _by("subject", "time"))),
    (HEADS.name, (_by("seq"),)),
    (LESSONS.name, (_by("time"), IndexModel([("time", ASCENDING), ("_id", ASCENDING)]))),
)


class CaseStore:
    """Cases of all tenants, to be read by one tenant at a time."""

    def __init__(self, database: Database) -> None:
        self._cases = database[CASES.name]
        self._incidents = database[INCIDENTS.name]

    async def get(self, tenant: TenantId, id: str) -> Case | None:
        """Return a tenant's case."""
        found = await self._cases.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, Case)

    async def many(self, tenant: TenantId, ids: Sequence[str]) -> dict[str, Case]:
        """Return those of a tenant's cases that there are, by id."""
        found = self._cases.find({"_id": {"$in": list(ids)}, "tenant": tenant})
        return {raw["_id"]: msgspec.convert(raw, Case) async for raw in found}

    async def page(
        self,
        tenant: TenantId,
        wanted: Mapping[str, Any],
        field: str,
        rising: bool,
        after: Place | None,
        limit: int,
    ) -> list[tuple[str, Case]]:
        """Return up to `limit` cases with their ids, sorted by `field`.

        `wanted` are fields that must be equal; without a state, only those that
        wait for a decision are returned.
        """
        query: Document = {"tenant": tenant, **wanted}
        query.setdefault("state", {"$in": sorted(UNDECIDED)})
        found = _sorted(self._cases, query, field, rising, after, limit)
        return [(raw["_id"], msgspec.convert(raw, Case)) async for raw in found]

    async def tallies(self, tenant: TenantId, field: str) -> list[Tally]:
        """Count the decided cases by the values of a list field (`rules`, `reporters`)."""
        decided = [CaseState.CONFIRMED, CaseState.OVERTURNED]
        pipeline: list[Document] = [
            {"$match": {"tenant": tenant, "state": {"$in": decided}}},
            {"$unwind": f"${field}"},
            {"$group": {"_id": {"name": f"${field}", "state": "$state"}, "count": {"$sum": 1}}},
        ]
        counts: dict[str, dict[str, int]] = {}
        async for raw in await self._cases.aggregate(pipeline):
            counts.setdefault(raw["_id"]["name"], {})[raw["_id"]["state"]] = raw["count"]
        return [
            Tally(name, each.get(CaseState.CONFIRMED, 0), each.get(CaseState.OVERTURNED, 0))
            for name, each in sorted(counts.items())
        ]

    async def confirmed_copies(self, tenant: TenantId) -> int:
        """Count the campaigns' own flags where they were confirmed as they are, without cases."""
        match = {"tenant": tenant, "state": CaseState.CONFIRMED, "decision": Decision.ALLOW}
        group = {"_id": None, "count": {"$sum": "$flagged"}}
        found = await self._incidents.aggregate([{"$match": match}, {"$group": group}])
        return sum([raw["count"] async for raw in found])


class IncidentStore:
    """Incidents of all tenants, to be read by one tenant at a time."""

    def __init__(self, database: Database) -> None:
        self._incidents = database[INCIDENTS.name]

    async def get(self, tenant: TenantId, id: str) -> Incident | None:
        """Return a tenant's incident."""
        found = await self._incidents.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, Incident)

    async def page(
        self, tenant: TenantId, state: str | None, after: Place | None, limit: int
    ) -> list[tuple[str, Incident]]:
        """Return up to `limit` incidents with their ids, those that went on latest first."""
        query: Document = {"tenant": tenant} | ({} if state is None else {"state": state})
        found = _sorted(self._incidents, query, "last_at", False, after, limit)
        return [(raw["_id"], msgspec.convert(raw, Incident)) async for raw in found]


class StandingStore:
    """Of all tenants: who is trusted, and which incidents were overturned."""

    def __init__(self, database: Database) -> None:
        self._trusted = database[TRUSTED.name]
        self._incidents = database[INCIDENTS.name]

    async def trusted(self) -> set[str]:
        """Return the `_id`s of everybody who is trusted."""
        found = self._trusted.find({"trusted": True}, {"_id": True})
        return {raw["_id"] async for raw in found}

    async def overturned(self, most: int) -> set[str]:
        """Return the `_id`s of the incidents that were overturned last."""
        query = {"state": CaseState.OVERTURNED}
        found = self._incidents.find(query, {"_id": True}).sort("changed_at", -1).limit(most)
        return {raw["_id"] async for raw in found}

    async def page(
        self, tenant: TenantId, after: Place | None, limit: int
    ) -> list[tuple[str, Trusted]]:
        """Return up to `limit` trusted members of a tenant with their ids."""
        query: Document = {"tenant": tenant, "trusted": True}
        if after is not None:
            query["_id"] = {"$gt": after[1]}
        found = self._trusted.find(query).sort("_id", ASCENDING).limit(limit)
        return [(raw["_id"], msgspec.convert(raw, Trusted)) async for raw in found]

    async def is_trusted(self, tenant: TenantId, id: str) -> bool:
        """Whether there is such a trust of the tenant's."""
        query = {"_id": id, "tenant": tenant, "trusted": True}
        return await self._trusted.find_one(query) is not None


class LessonStore:
    """What moderators of all tenants taught, in the order in which they decided."""

    def __init__(self, database: Database) -> None:
        self._lessons = database[LESSONS.name]

    async def since(self, time: Millis) -> AsyncIterator[tuple[str, LessonDocument]]:
        """Yield the lessons from a moment on, with their ids."""
        order = [("time", ASCENDING), ("_id", ASCENDING)]
        async for raw in self._lessons.find({"time": {"$gte": time}}).sort(order):
            yield raw["_id"], msgspec.convert(raw, LessonDocument)


_MOST_ABOUT: Final = 1_000


class AuditStore:
    """The audit log, to be read and verified."""

    def __init__(self, database: Database) -> None:
        self._entries = database[ENTRIES.name]
        self._heads = database[HEADS.name]

    async def page(
        self,
        tenant: TenantId,
        wanted: Mapping[str, str],
        since: Millis,
        before: Place | None,
        limit: int,
    ) -> list[tuple[str, Entry]]:
        """Return up to `limit` entries with their ids, latest first."""
        query: Document = {"tenant": tenant, "time": {"$gte": since}, **wanted}
        found = _sorted(self._entries, query, "time", False, before, limit)
        return [(raw["_id"], msgspec.convert(raw, Entry)) async for raw in found]

    async def about(self, tenant: TenantId, subject: str) -> list[Entry]:
        """Return what is told of one subject, in order."""
        found = self._entries.find({"tenant": tenant, "subject": subject}).sort("_id", ASCENDING)
        return [msgspec.convert(raw, Entry) async for raw in found.limit(_MOST_ABOUT)]

    async def heads(self, tenant: TenantId) -> dict[int, Head]:
        """Return where each of the tenant's chains ends, by chain."""
        found = self._heads.find({"tenant": tenant})
        return {
            int(raw["_id"].rpartition("/")[2]): msgspec.convert(raw, Head) async for raw in found
        }

    async def tenants(self) -> list[TenantId]:
        """Return everybody who has an audit log."""
        found: list[TenantId] = await self._heads.distinct("tenant")
        return sorted(found)

    async def verify(self, tenant: TenantId) -> tuple[dict[int, Head], Verification]:
        """Return where the chains end, and what was found reading them.

        Entries that are appended meanwhile are left for the next time.
        """
        heads, verification = await self.heads(tenant), Verification()
        async for entry in self._told(tenant, heads):
            verification.add(entry)
        verification.end(heads)
        return heads, verification

    async def _told(self, tenant: TenantId, heads: Mapping[int, Head]) -> AsyncIterator[Document]:
        newest: dict[int, Head] | None = None
        async for raw in self._entries.find({"tenant": tenant}).sort("_id", ASCENDING):
            del raw["_id"], raw["partition"]
            head = heads.get(raw["chain"])
            if head is None or raw["seq"] > head.seq:
                newest = newest or await self.heads(tenant)
                now = newest.get(raw["chain"])
                if now is not None and raw["seq"] <= now.seq:
                    continue
            yield raw


def _sorted(
    collection: AsyncCollection[Document],
    query: Document,
    field: str,
    rising: bool,
    after: Place | None,
    limit: int,
) -> AsyncCursor[Document]:
    direction, beyond = (ASCENDING, "$gt") if rising else (DESCENDING, "$lt")
    if after is not None:
        value, id = after
        query = {
            **query,
            "$or": [{field: {beyond: value}}, {field: value, "_id": {beyond: id}}],
        }
    return collection.find(query).sort([(field, direction), ("_id", direction)]).limit(limit)
