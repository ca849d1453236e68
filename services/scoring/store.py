"""Scoring's MongoDB collections, read for REST; the stage's runtime writes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

from pymongo import ASCENDING, IndexModel

from services.scoring.boards import Measure
from services.scoring.group import Group
from services.scoring.listing import JUDGED, SEEN
from services.scoring.member import Circle, Member
from services.scoring.ordering import (
    GROUP_KEYS,
    LOOKED_AT,
    MEMBER_KEYS,
    Order,
    SortKey,
)
from services.scoring.pages.store import page, sort_index
from services.scoring.stage import GROUPS, MEMBERS, WATCHES, group_id
from services.scoring.watch import Watch
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.stream.contracts import Kind
from shared.stream.documents import stored
from shared.web.paging import Place

POINTS: Final = "points"
_LISTINGS: Final[Mapping[str, Kind[Any]]] = {"last_seen": SEEN, "churn": JUDGED, "layer": JUDGED}
"""What members are listed by that is kept apart from them."""
_OWN: Final = [MEMBER_KEYS[name] for name in ("score", "messages")]
_GROUP_ORDERS: Final = [item for item in GROUP_KEYS.items() if item[1].path != "_id"]


def _by(keys: Iterable[SortKey]) -> list[IndexModel]:
    """Return the indexes of members by these keys: of a group, and of all groups."""
    keys = list(keys)
    of_group = [sort_index("tenant", "group", "circle", key=key) for key in keys]
    return of_group + [sort_index("tenant", "circle", key=key) for key in keys if key.wide]


INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        MEMBERS.name,
        (
            IndexModel([("tenant", ASCENDING), ("member", ASCENDING), ("_id", ASCENDING)]),
            *_by(_OWN),
        ),
    ),
    (SEEN.name, _by([MEMBER_KEYS["last_seen"]])),
    (
        JUDGED.name,
        (
            *_by([MEMBER_KEYS["churn"], MEMBER_KEYS["layer"]]),
            IndexModel(
                [("tenant", ASCENDING), ("win_back_at", ASCENDING)],
                partialFilterExpression={"win_back_at": {"$gt": 0}},
            ),
        ),
    ),
    (
        GROUPS.name,
        [sort_index("tenant", key=key) for name, key in _GROUP_ORDERS if name not in LOOKED_AT],
    ),
    (
        WATCHES.name,
        [sort_index("tenant", key=key) for name, key in _GROUP_ORDERS if name in LOOKED_AT],
    ),
)
"""Groups, and the members of one, are paged by `_id`, which begins with tenant and group."""

_MOST_GROUPS_OF_A_MEMBER: Final = 1_000
_AT_ONCE: Final = 1_000


class ScoreStore:
    """The groups and members of all tenants. Every method raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._members = database[MEMBERS.name]
        self._groups = database[GROUPS.name]
        self._watches = database[WATCHES.name]
        self._database = database

    async def group(self, tenant: TenantId, group: str) -> Group | None:
        """Return a tenant's group."""
        found = await self._groups.find_one({"_id": group_id(tenant, group)})
        return None if found is None else stored(GROUPS, found)

    async def watch(self, tenant: TenantId, group: str) -> Watch | None:
        """Return what was seen of a tenant's group from time to time."""
        found = await self._watches.find_one({"_id": group_id(tenant, group)})
        return None if found is None else stored(WATCHES, found)

    async def groups(
        self, tenant: TenantId, order: Order, after: Place | None, limit: int
    ) -> list[tuple[Place, Group]]:
        """Return a page of a tenant's groups, each with its place in the order.

        What the watch tells (`LOOKED_AT`) is as of the last look at the group: at most
        an hour before its latest event, or a day before now when it is silent.
        """
        key = GROUP_KEYS[order.name]
        if order.name in LOOKED_AT:
            raws = await page(self._watches, {"tenant": tenant}, key, order.direction, after, limit)
            places = {raw["_id"]: _place(raw, key) for raw in raws}
            found = self._groups.find({"_id": {"$in": list(places)}, "tenant": tenant})
            known = {raw["_id"]: stored(GROUPS, raw) async for raw in found}
            return [(place, known[id]) for id, place in places.items() if id in known]
        scope: Document = {"tenant": tenant}
        if key.path == "_id":
            scope["_id"] = _within(tenant)
        raws = await page(self._groups, scope, key, order.direction, after, limit)
        return [(_place(raw, key), stored(GROUPS, raw)) for raw in raws]

    async def members(
        self,
        tenant: TenantId,
        group: str | None,
        order: Order,
        circle: Circle | None,
        after: Place | None,
        limit: int,
    ) -> list[tuple[Place, Member | None]]:
        """Return a page of a group's members, or of all groups', each with its place.

        None stands for one who was erased meanwhile. Not for `points`: those are elsewhere.
        """
        key = MEMBER_KEYS[order.name]
        scope: Document = {"tenant": tenant}
        if group is not None:
            scope["group"] = group
        if key.path == "_id":
            scope["_id"] = _within(tenant if group is None else group_id(tenant, group))
        if circle is not None:
            scope["circle"] = circle.value
        elif key.path != "_id":
            scope["circle"] = {"$in": list(Circle)}
        apart = _LISTINGS.get(order.name)
        if apart is None:
            raws = await page(self._members, scope, key, order.direction, after, limit)
            return [(_place(raw, key), stored(MEMBERS, raw)) for raw in raws]
        listing = self._database[apart.name]
        raws = await page(listing, scope, key, order.direction, after, limit)
        known = await self.members_of(tenant, [raw["_id"] for raw in raws])
        return [(_place(raw, key), known.get(raw["_id"])) for raw in raws]

    async def members_by_id(
        self, tenant: TenantId, group: str, after: Place | None, limit: int
    ) -> list[tuple[Place, Member]]:
        """Return a page of a group's members by id, each with its place."""
        found = await self.members(tenant, group, Order("member", 1), None, after, limit)
        return [(place, member) for place, member in found if member is not None]

    async def members_of(self, tenant: TenantId, ids: Sequence[str]) -> dict[str, Member]:
        """Return those of the members that are known, by their documents' ids."""
        found = self._members.find({"_id": {"$in": list(ids)}, "tenant": tenant})
        return {raw["_id"]: stored(MEMBERS, raw) async for raw in found}

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
        ids = [raw["_id"] async for raw in self._database[JUDGED.name].find(query, {"_id": 1})]
        for start in range(0, len(ids), _AT_ONCE):
            known = await self.members_of(tenant, ids[start : start + _AT_ONCE])
            for member in known.values():
                yield member

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
        scope: Document = {"tenant": tenant, "circle": circle.value}
        if group is not None:
            scope["group"] = group
        key = SortKey(by.path, sparse=True)
        raws = await page(self._members, scope, key, -1, after, limit)
        members = [(raw["_id"], stored(MEMBERS, raw)) for raw in raws]
        return [((by.sort_value(member), id), member) for id, member in members]


def _within(prefix: str) -> Document:
    """Ids that begin with these parts; parts are cut by U+001F."""
    return {"$gt": f"{prefix}\x1f", "$lt": f"{prefix}\x20"}


def _place(raw: Document, key: SortKey) -> Place:
    """Return where a document stands: what it is sorted by (0 if it has none), and its id."""
    return (0.0 if key.path == "_id" else float(raw.get(key.path) or 0), raw["_id"])
