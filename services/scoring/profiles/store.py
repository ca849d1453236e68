"""Profiles and interests in MongoDB, read for REST; the stage's runtime writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from pymongo import ASCENDING, IndexModel
from pymongo.errors import PyMongoError

from services.scoring.erasure.forgetting import Forgetting
from services.scoring.layers import LAYERS
from services.scoring.listing import JUDGED, Judged
from services.scoring.profiles.conduct import Conduct
from services.scoring.profiles.documents import (
    CONDUCTS,
    GROUP_INTERESTS,
    MEMBER_INTERESTS,
    PROFILES,
    GroupInterests,
    MemberInterests,
    NextPage,
    group_id,
)
from services.scoring.profiles.profile import Profile, Standing
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.stream.documents import stored
from shared.web.paging import Place

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        PROFILES.name,
        (
            IndexModel([("tenant", ASCENDING), ("member", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("tenant", ASCENDING), ("segments", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("tenant", ASCENDING), ("partition", ASCENDING), ("_id", ASCENDING)]),
        ),
    ),
    (
        MEMBER_INTERESTS.name,
        (
            IndexModel([("tenant", ASCENDING), ("member", ASCENDING)]),
            IndexModel([("tenant", ASCENDING), ("top", ASCENDING)]),
        ),
    ),
    (GROUP_INTERESTS.name, (IndexModel([("tenant", ASCENDING), ("top", ASCENDING)]),)),
)

PAGE: Final = 500
"""Members of a survey that are judged at a time."""
MOST_ALIKE: Final = 1_000
"""Candidates that are compared for one answer."""
_MOST_GROUPS_OF_A_MEMBER: Final = 1_000
_SETTLE_SECONDS: Final = 2.0
"""How long a survey waits at first: until every replica knows the new definitions."""


class ProfileStore:
    """The profiles of all tenants. Every method but `perform` raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._profiles = database[PROFILES.name]
        self._members = database[MEMBER_INTERESTS.name]
        self._groups = database[GROUP_INTERESTS.name]
        self._conducts = database[CONDUCTS.name]
        self._judged = database[JUDGED.name]

    async def memberships(self, tenant: TenantId, member: str) -> list[Profile]:
        """Return a member's profiles in the tenant's groups, the first 1,000."""
        query = {"tenant": tenant, "member": member, "first_seen": {"$gt": 0}}
        found = self._profiles.find(query).sort("_id", ASCENDING)
        found = found.limit(_MOST_GROUPS_OF_A_MEMBER)
        return [stored(PROFILES, raw) async for raw in found]

    async def interests(self, tenant: TenantId, member: str) -> list[MemberInterests]:
        """Return what a member talks about in each group."""
        found = self._members.find({"tenant": tenant, "member": member})
        found = found.limit(_MOST_GROUPS_OF_A_MEMBER)
        return [stored(MEMBER_INTERESTS, raw) async for raw in found]

    async def group_interests(self, tenant: TenantId, group: str) -> GroupInterests | None:
        """Return what a group talks about."""
        found = await self._groups.find_one({"_id": group_id(tenant, group)})
        return None if found is None else stored(GROUP_INTERESTS, found)

    async def conduct(self, tenant: TenantId, group: str) -> Conduct | None:
        """Return how a group is run."""
        found = await self._conducts.find_one({"_id": group_id(tenant, group)})
        return None if found is None else stored(CONDUCTS, found)

    async def groups_about(self, tenant: TenantId, words: Sequence[str]) -> list[GroupInterests]:
        """Return groups with one of the words among their heaviest."""
        query = {"tenant": tenant, "top": {"$in": list(words)}}
        found = self._groups.find(query).limit(MOST_ALIKE)
        return [stored(GROUP_INTERESTS, raw) async for raw in found]

    async def members_about(self, tenant: TenantId, words: Sequence[str]) -> list[MemberInterests]:
        """Return members with one of the words among their heaviest."""
        query = {"tenant": tenant, "top": {"$in": list(words)}}
        found = self._members.find(query).limit(MOST_ALIKE)
        return [stored(MEMBER_INTERESTS, raw) async for raw in found]

    async def in_segment(
        self, tenant: TenantId, segment: str, group: str | None, after: Place | None, limit: int
    ) -> list[tuple[Place, Profile]]:
        """Return a page of the members of a segment, by group and id, each with its place."""
        bounds: Document = {} if after is None else {"$gt": after[1]}
        if group is not None:
            prefix = group_id(tenant, group)
            bounds = {"$gt": f"{prefix}\x1f", **bounds, "$lt": f"{prefix}\x20"}
        query: Document = {"tenant": tenant, "segments": segment}
        if bounds:
            query["_id"] = bounds
        found = self._profiles.find(query).sort("_id", ASCENDING).limit(limit)
        return [((0.0, raw["_id"]), stored(PROFILES, raw)) async for raw in found]

    async def counts(self, tenant: TenantId, segments: Sequence[str]) -> Mapping[str, int]:
        """Return how many memberships are in each of the segments."""
        query = {"tenant": tenant, "segments": {"$in": list(segments)}}
        grouped: list[Mapping[str, Any]] = [
            {"$match": query},
            {"$project": {"segments": 1}},
            {"$unwind": "$segments"},
            {"$group": {"_id": "$segments", "count": {"$sum": 1}}},
        ]
        counts = dict.fromkeys(segments, 0)
        async for each in await self._profiles.aggregate(grouped):
            if each["_id"] in counts:
                counts[each["_id"]] = each["count"]
        return counts

    async def by_member(
        self, tenant: TenantId, group: str | None, segment: str | None
    ) -> AsyncIterator[list[Profile]]:
        """Yield each member's profiles (those in a group or segment)."""
        query: Document = {"tenant": tenant} | ({"segments": segment} if segment else {})
        query["first_seen"] = {"$gt": 0}
        if group is not None:
            prefix = group_id(tenant, group)
            query["_id"] = {"$gt": f"{prefix}\x1f", "$lt": f"{prefix}\x20"}
        order = [("member", ASCENDING), ("_id", ASCENDING)] if group is None else [("_id", 1)]
        found = self._profiles.find(query).sort(order).batch_size(1_000)
        together: list[Profile] = []
        async for raw in found:
            profile = stored(PROFILES, raw)
            if together and together[0].member != profile.member:
                yield together
                together = []
            together.append(profile)
        if together:
            yield together

    async def perform(
        self, task: NextPage | Forgetting
    ) -> dict[str, Standing | None] | list[str] | None:
        """Return the ids of the profiles that a task asks for; None while MongoDB is away.

        Those of a survey's page come with what is known of their standing, if it asks for it.
        """
        try:
            if isinstance(task, Forgetting):
                return await self._invited_by(task)
            return await self._next_page(task)
        except PyMongoError:
            return None

    async def _invited_by(self, task: Forgetting) -> list[str]:
        prefix = group_id(task.tenant, task.group)
        query = {"_id": {"$gt": f"{prefix}\x1f", "$lt": f"{prefix}\x20"}}
        found = self._profiles.find({**query, "invited_by": task.member}, {"_id": 1})
        return [raw["_id"] async for raw in found]

    async def _next_page(self, task: NextPage) -> dict[str, Standing | None]:
        if not task.after:
            await asyncio.sleep(_SETTLE_SECONDS)
        query: Document = {"tenant": task.tenant, "partition": task.partition}
        query["_id"] = {"$gt": task.after}
        found = self._profiles.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(PAGE)
        ids = [raw["_id"] async for raw in found]
        if not task.judged:
            return dict.fromkeys(ids)
        found = self._judged.find({"_id": {"$in": ids}})
        known = {raw["_id"]: _standing(stored(JUDGED, raw)) async for raw in found}
        return {id: known.get(id, Standing()) for id in ids}


def _standing(judged: Judged) -> Standing:
    return Standing(LAYERS[judged.layer].value, judged.churn, judged.looked_at)
