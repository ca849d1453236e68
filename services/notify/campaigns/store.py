"""The MongoDB collections of campaigns: `personas` is written here, the others by the stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import PyMongoError

from services.notify.campaigns.audience import MemberOutreach, Page, ReadAudience, listed, trait
from services.notify.campaigns.documents import CAMPAIGN, GROUP, MEMBER, RELAY, SEND, member_at
from services.notify.campaigns.lift import Arm
from services.notify.campaigns.progress import TrackedCampaign
from services.notify.campaigns.relaying import TrackedRelay
from services.notify.campaigns.sends import State, TrackedSend
from services.notify.terms import TRACKED
from shared.campaigns import Audience, Persona, Recipient
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.paging import Place

log = structlog.get_logger(__name__)

PERSONAS: Final = "personas"
_TENANT_ID: Final = IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)])
_EXPIRES: Final = IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (PERSONAS, (_TENANT_ID,)),
    (RELAY.name, (_TENANT_ID,)),
    (GROUP.name, (_TENANT_ID,)),
    (
        CAMPAIGN.name,
        (IndexModel([("tenant", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),),
    ),
    (
        SEND.name,
        (
            IndexModel([("tenant", ASCENDING), ("campaign", ASCENDING), ("_id", ASCENDING)]),
            IndexModel(
                [
                    ("tenant", ASCENDING),
                    ("campaign", ASCENDING),
                    ("run", ASCENDING),
                    ("state", ASCENDING),
                    ("_id", ASCENDING),
                ]
            ),
            _EXPIRES,
        ),
    ),
    (
        MEMBER.name,
        (
            IndexModel([("tenant", ASCENDING), ("segments", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("tenant", ASCENDING), ("traits", ASCENDING), ("_id", ASCENDING)]),
            _EXPIRES,
        ),
    ),
)


class CampaignStore:
    """A tenant's campaigns and what became of their messages, to be read."""

    def __init__(self, database: Database) -> None:
        self._campaigns = database[CAMPAIGN.name]
        self._sends = database[SEND.name]

    async def get(self, tenant: TenantId, id: str) -> TrackedCampaign | None:
        found = await self._campaigns.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, TrackedCampaign)

    async def page(
        self, tenant: TenantId, wanted: Mapping[str, Any], before: Place | None, limit: int
    ) -> list[tuple[str, TrackedCampaign]]:
        """Return up to `limit` campaigns with their ids, latest first."""
        query: Document = {"tenant": tenant, **wanted}
        if before is not None:
            moment, id = before
            query["created_at"] = {"$lte": moment}
            query["$or"] = [{"created_at": {"$lt": moment}}, {"_id": {"$lt": id}}]
        order = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = self._campaigns.find(query).sort(order).limit(limit)
        return [(each["_id"], msgspec.convert(each, TrackedCampaign)) async for each in found]

    async def sends(
        self, tenant: TenantId, campaign: str, wanted: Mapping[str, Any], after: str, limit: int
    ) -> list[tuple[str, TrackedSend]]:
        """Return up to `limit` messages of a campaign or relay by id, those after `after`."""
        query = {"tenant": tenant, "campaign": campaign, "_id": {"$gt": after}, **wanted}
        found = self._sends.find(query).sort("_id", ASCENDING).limit(limit)
        return [(each["_id"], msgspec.convert(each, TrackedSend)) async for each in found]

    async def counts(self, tenant: TenantId, campaign: str, run: int) -> dict[tuple[str, str], int]:
        """Return how many messages of a run came to which state, and for which reason."""
        stages: list[Document] = [
            {"$match": {"tenant": tenant, "campaign": campaign, "run": run}},
            {"$group": {"_id": {"state": "$state", "reason": "$reason"}, "n": {"$sum": 1}}},
        ]
        cursor = await self._sends.aggregate(stages)
        return {(each["_id"]["state"], each["_id"]["reason"]): each["n"] async for each in cursor}

    async def arms(self, tenant: TenantId, campaign: str) -> dict[str, Arm]:
        """Return what recipients did in all runs, by whether they got the message."""
        match = {
            "tenant": tenant,
            "campaign": campaign,
            "state": {"$in": [State.SENT.value, State.HELD_OUT.value]},
            "messages": {"$ne": None},
        }
        group = {
            "_id": "$state",
            "measured": {"$sum": 1},
            "active": {"$sum": {"$cond": [{"$gt": ["$messages", 0]}, 1, 0]}},
            "messages": {"$sum": "$messages"},
        }
        cursor = await self._sends.aggregate([{"$match": match}, {"$group": group}])
        return {
            each["_id"]: Arm(each["measured"], each["active"], each["messages"])
            async for each in cursor
        }

    async def deliveries(self, tenant: TenantId, campaign: str, run: int) -> dict[str, int]:
        """Return how many deliveries of a run's messages stand in which state."""
        state = State.SENT.value
        stages: list[Document] = [
            {"$match": {"tenant": tenant, "campaign": campaign, "run": run, "state": state}},
            {"$project": {"webhooks": 1}},
            {
                "$lookup": {
                    "from": TRACKED.name,
                    "localField": "webhooks",
                    "foreignField": "webhook_id",
                    "pipeline": [{"$project": {"state": 1, "webhook_id": 1}}],
                    "as": "found",
                }
            },
            {"$unwind": "$found"},
            # A replay has the same `webhook_id`; of states, `succeeded` is the last by name.
            {"$group": {"_id": "$found.webhook_id", "state": {"$max": "$found.state"}}},
            {"$group": {"_id": "$state", "n": {"$sum": 1}}},
        ]
        cursor = await self._sends.aggregate(stages)
        return {each["_id"]: each["n"] async for each in cursor}

    async def delivery_states(self, sends: Sequence[TrackedSend]) -> dict[str, str]:
        """Return how the deliveries of these messages stand, by their `webhook_id`."""
        ids = [id for send in sends for id in send.webhooks]
        collection = self._sends.database[TRACKED.name]
        found = collection.find({"webhook_id": {"$in": ids}}, {"webhook_id": 1, "state": 1})
        states: dict[str, str] = {}
        async for each in found:
            id = each["webhook_id"]
            states[id] = max(states.get(id, ""), each["state"])
        return states


class AudienceStore:
    """Who is where. The performer of the campaigns' stage: it reads audiences part by part."""

    def __init__(self, database: Database) -> None:
        self._groups = database[GROUP.name]
        self._members = database[MEMBER.name]

    async def perform(self, task: ReadAudience) -> Page | None:
        """Return the part of the audience that follows; None while MongoDB is away."""
        try:
            return await self.page(task.tenant, task.audience, task.cursor, task.limit)
        except PyMongoError as error:
            log.warning("audience_not_read", campaign=task.campaign, error=type(error).__name__)
            return None

    async def page(self, tenant: TenantId, audience: Audience, cursor: str, limit: int) -> Page:
        """Return up to `limit` of an audience, those after `cursor`. Raises PyMongo's errors."""
        if audience.recipients:
            return listed(audience.recipients, cursor, limit)
        query = {**_query(tenant, audience), "_id": {"$gt": cursor}}
        collection = self._groups if audience.every_group else self._members
        fields = {"group": 1, "member": 1}
        found = await collection.find(query, fields).sort("_id", ASCENDING).limit(limit).to_list()
        recipients = [Recipient(each["group"], each.get("member")) for each in found]
        return Page(recipients, found[-1]["_id"] if len(found) == limit else "")

    async def count(self, tenant: TenantId, audience: Audience) -> int:
        """Return how many an audience is now."""
        if audience.recipients:
            return len(audience.recipients)
        collection = self._groups if audience.every_group else self._members
        return await collection.count_documents(_query(tenant, audience))

    async def member(self, tenant: TenantId, group: str, member: str) -> MemberOutreach | None:
        """Return what is known of a member."""
        _, id = member_at(tenant, group, member)
        found = await self._members.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, MemberOutreach)


class PersonaStore:
    """A tenant's personas."""

    def __init__(self, database: Database) -> None:
        self._personas = database[PERSONAS]

    async def put(self, tenant: TenantId, persona: Persona) -> None:
        """Write a persona, new or changed."""
        fields: Document = {**msgspec.to_builtins(persona), "tenant": tenant}
        await self._personas.replace_one({"_id": _named(tenant, persona.id)}, fields, upsert=True)

    async def get(self, tenant: TenantId, id: str) -> Persona | None:
        found = await self._personas.find_one({"_id": _named(tenant, id), "tenant": tenant})
        return None if found is None else msgspec.convert(found, Persona)

    async def page(self, tenant: TenantId, after: str, limit: int) -> list[Persona]:
        """Return up to `limit` personas by id, those after `after`."""
        query = {"tenant": tenant, "_id": {"$gt": _named(tenant, after)}}
        found = self._personas.find(query).sort("_id", ASCENDING).limit(limit)
        return [msgspec.convert(each, Persona) async for each in found]

    async def remove(self, tenant: TenantId, id: str) -> bool:
        """Remove a persona; return whether there was one."""
        done = await self._personas.delete_one({"_id": _named(tenant, id), "tenant": tenant})
        return done.deleted_count == 1

    async def count(self, tenant: TenantId) -> int:
        """Return how many personas a tenant has."""
        return await self._personas.count_documents({"tenant": tenant})


class RelayStore:
    """A tenant's relays, to be read."""

    def __init__(self, database: Database) -> None:
        self._relays = database[RELAY.name]

    async def get(self, tenant: TenantId, id: str) -> TrackedRelay | None:
        found = await self._relays.find_one({"_id": id, "tenant": tenant})
        return None if found is None else msgspec.convert(found, TrackedRelay)

    async def page(
        self, tenant: TenantId, after: str, limit: int
    ) -> list[tuple[str, TrackedRelay]]:
        """Return up to `limit` relays with their ids, those after `after`."""
        query = {"tenant": tenant, "_id": {"$gt": after}}
        found = self._relays.find(query).sort("_id", ASCENDING).limit(limit)
        return [(each["_id"], msgspec.convert(each, TrackedRelay)) async for each in found]

    async def count(self, tenant: TenantId, source: str) -> int:
        """Return how many relays begin in a group."""
        return await self._relays.count_documents({"tenant": tenant, "relay.source": source})


def _query(tenant: TenantId, audience: Audience) -> Document:
    """Return the query for an audience that is not listed."""
    query: Document = {"tenant": tenant}
    if audience.every_group:
        return query
    query["present"] = True
    if audience.segments:
        query["segments"] = {"$in": list(audience.segments)}
    if audience.attributes:
        query["traits"] = {"$all": [trait(*each) for each in audience.attributes.items()]}
    if audience.groups:
        query["group"] = {"$in": list(audience.groups)}
    return query


def _named(tenant: TenantId, id: str) -> str:
    return f"{tenant}/{id}"
