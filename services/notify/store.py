"""Notify's MongoDB collections: `endpoints` (written here), `deliveries` and `endpoint_states`.

The last two are written by the stage's runtime only; REST reads them here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from services.notify.deliveries import State, TrackedDelivery, replay_id
from services.notify.endpoints import Endpoint
from services.notify.health import EndpointState
from services.notify.terms import STATE, TRACKED
from shared.events import EndpointId, Millis, TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

ENDPOINTS: Final = "endpoints"

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        ENDPOINTS,
        (
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("changed_at", ASCENDING)]),
            IndexModel([("removed_at", ASCENDING)], expireAfterSeconds=7 * 86_400),
        ),
    ),
    (
        TRACKED.name,
        (
            IndexModel([("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("endpoint", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel(
                [("state", ASCENDING), ("endpoint", ASCENDING), ("created_at", ASCENDING)],
                partialFilterExpression={"state": State.HELD.value},
            ),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ),
    ),
)

REPLAYS_PROBED: Final = 64
"""Replays of one delivery that are looked for at a time."""
OVERLAP: Final = timedelta(seconds=10)
"""How far back a look for changes reaches: writes become visible out of order."""


class EndpointStore:
    """The endpoints of all tenants.

    A removed endpoint stays for a week as a mark without its secrets, so that
    every replica learns of it.
    """

    def __init__(self, database: Database) -> None:
        self._endpoints = database[ENDPOINTS]
        self._states = database[STATE.name]

    async def create(self, endpoint: Endpoint) -> None:
        """Write a new endpoint. Raises PyMongo's errors."""
        fields: Document = msgspec.to_builtins(endpoint)
        id = fields.pop("id")
        await self._endpoints.update_one({"_id": id}, _changed(fields), upsert=True)

    async def change(
        self, tenant: TenantId, id: EndpointId, fields: Mapping[str, Any]
    ) -> Endpoint | None:
        """Set these fields of a tenant's endpoint, and return what it is then."""
        changed = await self._endpoints.find_one_and_update(
            {"_id": id, "tenant": tenant, "removed_at": None},
            _changed(fields),
            return_document=ReturnDocument.AFTER,
        )
        return None if changed is None else _endpoint(changed)

    async def remove(self, tenant: TenantId, id: EndpointId) -> bool:
        """Remove an endpoint; return whether there was one."""
        done = await self._endpoints.update_one(
            {"_id": id, "tenant": tenant, "removed_at": None},
            {
                "$currentDate": {"changed_at": True, "removed_at": True},
                "$unset": {"secrets": "", "url": ""},
            },
        )
        return done.modified_count == 1

    async def get(self, tenant: TenantId, id: EndpointId) -> Endpoint | None:
        """Return a tenant's endpoint."""
        found = await self._endpoints.find_one({"_id": id, "tenant": tenant, "removed_at": None})
        return None if found is None else _endpoint(found)

    async def find(self, id: EndpointId) -> Endpoint | None:
        """Return an endpoint whosever it is: for delivering, not for answering."""
        found = await self._endpoints.find_one({"_id": id, "removed_at": None})
        return None if found is None else _endpoint(found)

    async def page(self, tenant: TenantId, after: str, limit: int) -> list[Endpoint]:
        """Return up to `limit` endpoints of a tenant by id, those after `after`."""
        query = {"tenant": tenant, "removed_at": None, "_id": {"$gt": after}}
        found = self._endpoints.find(query).sort("_id", ASCENDING).limit(limit)
        return [_endpoint(each) async for each in found]

    async def count(self, tenant: TenantId) -> int:
        """Return how many endpoints a tenant has."""
        return await self._endpoints.count_documents({"tenant": tenant, "removed_at": None})

    async def states(self, ids: Sequence[EndpointId]) -> dict[EndpointId, EndpointState]:
        """Return what deliveries have shown about these endpoints."""
        found = self._states.find({"_id": {"$in": list(ids)}})
        return {each["_id"]: msgspec.convert(each, EndpointState) async for each in found}

    async def changed_since(
        self, moment: datetime | None
    ) -> AsyncIterator[tuple[datetime, EndpointId, Endpoint | None]]:
        """Yield when each endpoint changed, its id, and what it is now (None: removed)."""
        query = {} if moment is None else {"changed_at": {"$gte": moment - OVERLAP}}
        async for each in self._endpoints.find(query):
            removed = each.get("removed_at") is not None
            yield each["changed_at"], EndpointId(each["_id"]), None if removed else _endpoint(each)


class DeliveryStore:
    """What became of deliveries, to be read."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database[TRACKED.name]

    async def get(self, tenant: TenantId, id: str) -> TrackedDelivery | None:
        """Return a tenant's delivery."""
        found = await self._deliveries.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, TrackedDelivery)

    async def page(
        self,
        tenant: TenantId,
        wanted: Mapping[str, Any],
        since: Millis,
        before: Place | None,
        limit: int,
    ) -> list[tuple[str, TrackedDelivery]]:
        """Return up to `limit` deliveries with their ids, latest first.

        `wanted` are fields that must be equal; `before` is where the last page
        ended: the moment and id of its last delivery.
        """
        query: Document = {"tenant": tenant, "created_at": {"$gte": since}, **wanted}
        if before is not None:
            moment, id = before
            query["created_at"]["$lte"] = moment
            query["$or"] = [{"created_at": {"$lt": moment}}, {"_id": {"$lt": id}}]
        order = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = self._deliveries.find(query).sort(order).limit(limit)
        return [(each["_id"], msgspec.convert(each, TrackedDelivery)) async for each in found]

    async def next_replay(self, webhook_id: str) -> int:
        """Return the number that no replay of an action at an endpoint has yet, from 1."""
        latest = 0
        while True:
            numbers = range(latest + 1, latest + 1 + REPLAYS_PROBED)
            ids = {replay_id(webhook_id, number): number for number in numbers}
            found = self._deliveries.find({"_id": {"$in": list(ids)}}, {"_id": 1})
            taken = [ids[each["_id"]] async for each in found]
            latest = max(taken, default=latest)
            if latest < numbers[-1]:
                return latest + 1

    async def endpoints_held(self) -> list[EndpointId]:
        """Return the endpoints, of all tenants, for which deliveries are held."""
        found: list[str] = await self._deliveries.distinct("endpoint", {"state": State.HELD})
        return [EndpointId(id) for id in found]

    async def held(self, endpoint: EndpointId, limit: int) -> list[tuple[str, TrackedDelivery]]:
        """Return up to `limit` deliveries that are held for an endpoint, oldest first."""
        query = {"state": State.HELD, "endpoint": endpoint}
        found = self._deliveries.find(query).sort("created_at", ASCENDING).limit(limit)
        return [(each["_id"], msgspec.convert(each, TrackedDelivery)) async for each in found]

    async def since(
        self, tenant: TenantId, wanted: Mapping[str, Any], since: Millis, limit: int
    ) -> list[TrackedDelivery]:
        """Return up to `limit` of the first deliveries since a moment, replays left out."""
        query = {"tenant": tenant, "created_at": {"$gte": since}, **wanted}
        query["$expr"] = {"$eq": ["$_id", "$webhook_id"]}
        found = self._deliveries.find(query).sort("created_at", ASCENDING).limit(limit)
        return [msgspec.convert(each, TrackedDelivery) async for each in found]


def _changed(fields: Mapping[str, Any]) -> Document:
    # The server's clock marks the change: the clocks of REST's replicas differ.
    return {"$set": dict(fields), "$currentDate": {"changed_at": True}}


def _endpoint(found: Document) -> Endpoint:
    return msgspec.convert({**found, "id": found["_id"]}, Endpoint)
