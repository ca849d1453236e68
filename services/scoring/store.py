"""Scoring's MongoDB collections, read for REST; the stage's runtime writes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.scoring.boards import Measure
from services.scoring.group import Group
from services.scoring.member import Circle, Member
from services.scoring.stage import GROUPS, MEMBERS, WATCHES, group_id
from services.scoring.watch import Watch
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.stream.documents import stored
from shared.web.paging import Place

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        MEMBERS.name,
        (
            IndexModel([("tenant", ASCENDING), ("member", ASCENDING), ("_id", ASCENDING)]),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("group", ASCENDING),
                    ("circle", ASCENDING),
                    ("rank", DESCENDING),
                    ("_id", ASCENDING),
                ]
            ),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("circle", ASCENDING),
                    ("rank", DESCENDING),
                    ("_id", ASCENDING),
                ]
            ),
            IndexModel(
                [("tenant", ASCENDING), ("win_back_at", ASCENDING)],
                partialFilterExpression={"win_back_at": {"$gt": 0}},
            ),
        ),
    ),
    (
        WATCHES.name,
        (IndexModel([("tenant", ASCENDING), ("health", ASCENDING), ("_id", ASCENDING)]),),
    ),
)
"""Groups, and the members of one, are paged by `_id`, which begins with tenant and group."""

_MOST_GROUPS_OF_A_MEMBER: Final = 1_000


class GroupOrder(StrEnum):
    """How groups are sorted: by id, the least healthy first, or the healthiest first."""

    GROUP = "group"
    WORST = "health"
    BEST = "-health"


class ScoreStore:
    """The groups and members of all tenants. Every method raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._members = database[MEMBERS.name]
        self._groups = database[GROUPS.name]
        self._watches = database[WATCHES.name]

    async def group(self, tenant: TenantId, group: str) -> Group | None:
        """Return a tenant's group."""
        found = await self._groups.find_one({"_id": group_id(tenant, group)})
        return None if found is None else stored(GROUPS, found)

    async def groups(
        self, tenant: TenantId, order: GroupOrder, after: Place | None, limit: int
    ) -> list[tuple[Place, Group]]:
        """Return a page of a tenant's groups, each with its place in the order.

        By health: as of the last look at the group, at most an hour before its
        latest event, or a day before now when it is silent.
        """
        if order is GroupOrder.GROUP:
            query: Document = {"tenant": tenant, "_id": _within(tenant, after)}
            found = self._groups.find(query).sort("_id", ASCENDING).limit(limit)
            return [((0.0, raw["_id"]), stored(GROUPS, raw)) async for raw in found]
        direction = ASCENDING if order is GroupOrder.WORST else DESCENDING
        watches = await self._by_health(tenant, direction, after, limit)
        places = {id: (float(watch.health), id) for id, watch in watches}
        raws = self._groups.find({"_id": {"$in": list(places)}, "tenant": tenant})
        known = {raw["_id"]: stored(GROUPS, raw) async for raw in raws}
        return [(place, known[id]) for id, place in places.items() if id in known]

    async def members(
        self, tenant: TenantId, group: str, after: Place | None, limit: int
    ) -> list[tuple[Place, Member]]:
        """Return a page of a group's members by id, each with its place."""
        scope = _within(group_id(tenant, group), after)
        query = {"tenant": tenant, "group": group, "_id": scope}
        found = self._members.find(query).sort("_id", ASCENDING).limit(limit)
        return [((0.0, raw["_id"]), stored(MEMBERS, raw)) async for raw in found]

    async def memberships(self, tenant: TenantId, member: str) -> list[Member]:
        """Return what is known of a member in each of the tenant's groups, the first 1,000."""
        query = {"tenant": tenant, "member": member}
        found = self._members.find(query).sort("_id", ASCENDING)
        raws = found.limit(_MOST_GROUPS_OF_A_MEMBER)
        return [stored(MEMBERS, raw) async for raw in raws]

    async def to_win_back(
        self, tenant: TenantId, group: str | None, since: int
    ) -> AsyncIterator[Member]:
        """Yield the members who were to be won back at `since` (ms, above 0) or later."""
        query: Document = {"tenant": tenant, "win_back_at": {"$gte": since}}
        if group is not None:
            query["group"] = group
        async for raw in self._members.find(query):
            yield stored(MEMBERS, raw)

    async def ranking(
        self,
        tenant: TenantId,
        group: str | None,
        by: Measure,
        circle: Circle,
        after: Place | None,
        limit: int,
    ) -> list[tuple[Place, Member]]:
        """Return a page of those of a circle who have some of what is ranked by, the best first."""
        query: Document = {"tenant": tenant, "circle": circle.value, by.path: {"$gt": 0}}
        if group is not None:
            query["group"] = group
        _continue_after(query, by.path, DESCENDING, after)
        order = [(by.path, DESCENDING), ("_id", ASCENDING)]
        found = self._members.find(query).sort(order).limit(limit)
        members = [(raw["_id"], stored(MEMBERS, raw)) async for raw in found]
        return [((by.sort_value(member), id), member) for id, member in members]

    async def _by_health(
        self, tenant: TenantId, direction: int, after: Place | None, limit: int
    ) -> list[tuple[str, Watch]]:
        query: Document = {"tenant": tenant}
        _continue_after(query, "health", direction, after, id_direction=direction)
        order = [("health", direction), ("_id", direction)]
        found = self._watches.find(query).sort(order).limit(limit)
        return [(raw["_id"], stored(WATCHES, raw)) async for raw in found]


def _within(prefix: str, after: Place | None) -> dict[str, Any]:
    """Ids that begin with these parts, after the last page's; parts are cut by U+001F."""
    start = after[1] if after is not None else f"{prefix}\x1f"
    return {"$gt": start, "$lt": f"{prefix}\x20"}


def _continue_after(
    query: Document,
    path: str,
    direction: int,
    after: Place | None,
    id_direction: int = ASCENDING,
) -> None:
    if after is not None:
        value, id = after
        further = "$gt" if direction == ASCENDING else "$lt"
        next_id = "$gt" if id_direction == ASCENDING else "$lt"
        query["$or"] = [{path: {further: value}}, {path: value, "_id": {next_id: id}}]
