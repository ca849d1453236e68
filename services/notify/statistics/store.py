"""Counts over the collections `deliveries` and `endpoint_states`; every look is bounded.

Of an endpoint or a tenant the latest deliveries are counted, up to a number;
each answer says from when on it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.notify.deliveries import State
from services.notify.terms import STATE, TRACKED
from shared.events import EndpointId, Millis, TenantId
from shared.mongo import Database, Document

MOST_COUNTED_OF_ENDPOINT: Final = 20_000
MOST_COUNTED_OF_TENANT: Final = 100_000
MOST_TIMED: Final = 5_000
"""Deliveries, the latest, whose times the statistics of an endpoint look at."""
LONGEST_MS: Final = 10_000
"""After so long MongoDB gives a count up, and the request is answered with 503."""

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        TRACKED.name,
        (
            # Small: a delivery that succeeds at once is never written as pending.
            IndexModel(
                [("state", ASCENDING), ("endpoint", ASCENDING), ("created_at", ASCENDING)],
                name="pending",
                partialFilterExpression={"state": State.PENDING.value},
            ),
        ),
    ),
    (
        STATE.name,
        (
            IndexModel(
                [("open_until", ASCENDING)],
                name="opened",
                partialFilterExpression={"openings": {"$gt": 0}},
            ),
            IndexModel(
                [("disabled_at", ASCENDING)],
                name="disabled",
                partialFilterExpression={"disabled_at": {"$gt": 0}},
            ),
        ),
    ),
)


class EndpointFigures(Struct, frozen=True):
    """How deliveries to one endpoint went: `since` when, counts by state, `ms` of successes."""

    since: Millis
    states: Mapping[State, int]
    attempts: int
    times: Sequence[int]
    oldest: Millis | None


class Opened(Struct, frozen=True):
    """How many endpoints are left alone for a while, and how many are being tried again."""

    open: int
    half_open: int


class StatisticsStore:
    """What became of deliveries, counted."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[TRACKED.name]
        self._states = database[STATE.name]

    async def of_tenant(self, tenant: TenantId, since: Millis) -> tuple[Millis, list[Document]]:
        """Return, per endpoint and state: how many, attempts, and times to the end (ms).

        First comes from when on the deliveries are counted: later than `since`
        where there are more than `MOST_COUNTED_OF_TENANT`.
        """
        group: Document = {
            "_id": {"endpoint": "$endpoint", "state": "$state"},
            "deliveries": {"$sum": 1},
            "attempts": {"$sum": "$made"},
            "mean_ms": {"$avg": {"$subtract": ["$finished_at", "$created_at"]}},
            "oldest_due_at": {"$min": "$due_at"},
            "first": {"$min": "$created_at"},
        }
        latest = _latest({"tenant": tenant}, since, MOST_COUNTED_OF_TENANT)
        found = await self._aggregate([*latest, {"$group": group}])
        whole = sum(each["deliveries"] for each in found) < MOST_COUNTED_OF_TENANT
        first = min((each.pop("first") for each in found), default=since)
        return since if whole else first, found

    async def of_endpoint(
        self, tenant: TenantId, endpoint: EndpointId, since: Millis
    ) -> EndpointFigures:
        """Return how its latest `MOST_COUNTED_OF_ENDPOINT` deliveries since a moment went."""
        group: Document = {
            "_id": "$state",
            "count": {"$sum": 1},
            "attempts": {"$sum": "$made"},
            "first": {"$min": "$created_at"},
        }
        mine = {"tenant": tenant, "endpoint": endpoint}
        latest = _latest(mine, since, MOST_COUNTED_OF_ENDPOINT)
        found = await self._aggregate([*latest, {"$group": group}])
        times = await self._aggregate([*latest, *_TIMES])
        whole = sum(each["count"] for each in found) < MOST_COUNTED_OF_ENDPOINT
        return EndpointFigures(
            since=since if whole else min(each["first"] for each in found),
            states={State(each["_id"]): each["count"] for each in found},
            attempts=sum(each["attempts"] for each in found),
            times=[each["ms"] for each in times],
            oldest=await self.oldest(endpoint),
        )

    async def oldest(self, endpoint: EndpointId) -> Millis | None:
        """Return when the first delivery was accepted that an endpoint still has to get."""
        moments = [await self._first(endpoint, state) for state in (State.PENDING, State.HELD)]
        return min((moment for moment in moments if moment is not None), default=None)

    async def oldest_pending(self, most: int) -> list[Millis]:
        """Return, for up to `most` endpoints, when their first pending delivery was accepted."""
        waiting = {"state": State.PENDING.value}
        found: list[str] = await self._deliveries.distinct("endpoint", waiting)
        moments = [await self._first(EndpointId(id), State.PENDING) for id in found[:most]]
        return [moment for moment in moments if moment is not None]

    async def due(self, now: Millis, partitions: int, most: int) -> int:
        """Count the deliveries whose moment has come, up to `most`."""
        query = {"partition": {"$in": list(range(partitions))}, "due_at": {"$gt": 0, "$lte": now}}
        return await self._deliveries.count_documents(query, limit=most, maxTimeMS=LONGEST_MS)

    async def opened(self, now: Millis) -> Opened:
        """Count the endpoints whose breaker is not closed, those left out that are disabled."""
        opened = {"openings": {"$gt": 0}, "disabled_at": None}
        count = self._states.count_documents
        return Opened(
            open=await count({**opened, "open_until": {"$gt": now}}, maxTimeMS=LONGEST_MS),
            half_open=await count({**opened, "open_until": {"$lte": now}}, maxTimeMS=LONGEST_MS),
        )

    async def disabled(self, most: int) -> dict[EndpointId, Millis]:
        """Return up to `most` endpoints that Steward has disabled, and when."""
        found = self._states.find({"disabled_at": {"$gt": 0}}, {"disabled_at": 1}).limit(most)
        return {EndpointId(each["_id"]): Millis(each["disabled_at"]) async for each in found}

    async def _first(self, endpoint: EndpointId, state: State) -> Millis | None:
        found = await self._deliveries.find_one(
            {"state": state.value, "endpoint": endpoint},
            {"created_at": 1},
            sort=[("created_at", ASCENDING)],
        )
        return None if found is None else Millis(found["created_at"])

    async def _aggregate(self, stages: Sequence[Document]) -> list[Document]:
        cursor = await self._deliveries.aggregate(list(stages), maxTimeMS=LONGEST_MS)
        return [each async for each in cursor]


_TIMES: Final[list[Document]] = [
    {"$match": {"state": State.SUCCEEDED.value}},
    {"$limit": MOST_TIMED},
    {"$project": {"_id": 0, "ms": {"$subtract": ["$finished_at", "$created_at"]}}},
]


def _latest(wanted: Document, since: Millis, most: int) -> list[Document]:
    """Return the stages that find the latest `most` deliveries since a moment, by an index."""
    return [
        {"$match": {**wanted, "created_at": {"$gte": since}}},
        {"$sort": {"created_at": DESCENDING, "_id": DESCENDING}},
        {"$limit": most},
    ]
