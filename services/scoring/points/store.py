"""Accounts, the ledger and tenants' terms in MongoDB, for REST; the stage writes the first two."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from services.scoring.erasure.forgetting import Forgetting
from services.scoring.ordering import MEMBER_KEYS
from services.scoring.pages.store import page, sort_index
from services.scoring.points.account import Account, Entry
from services.scoring.points.documents import ACCOUNTS, INVITATIONS, LEDGER, document_id
from services.scoring.points.terms import Terms
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.stream.documents import stored
from shared.web.paging import Place

TERMS: Final = "points_terms"
_TOTAL: Final = MEMBER_KEYS["points"]

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        ACCOUNTS.name,
        (
            IndexModel([("tenant", ASCENDING), ("member", ASCENDING), ("_id", ASCENDING)]),
            sort_index("tenant", "group", key=_TOTAL),
        ),
    ),
    (
        LEDGER.name,
        (IndexModel([("tenant", ASCENDING), ("member", ASCENDING), ("time", DESCENDING)]),),
    ),
    (
        INVITATIONS.name,
        (
            IndexModel([("tenant", ASCENDING), ("invitee", ASCENDING)]),
            IndexModel([("tenant", ASCENDING), ("inviter", ASCENDING)]),
        ),
    ),
    (TERMS, (IndexModel([("changed_at", ASCENDING)]),)),
)
_MOST_GROUPS_OF_A_MEMBER: Final = 1_000


class PointsStore:
    """The points of all tenants. Every method but `perform` raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._accounts = database[ACCOUNTS.name]
        self._ledger = database[LEDGER.name]
        self._invitations = database[INVITATIONS.name]

    async def of_member(self, tenant: TenantId, member: str) -> list[Account]:
        """Return a member's accounts, one a group, the first 1,000."""
        found = self._accounts.find({"tenant": tenant, "member": member}).sort("_id", ASCENDING)
        return [stored(ACCOUNTS, raw) async for raw in found.limit(_MOST_GROUPS_OF_A_MEMBER)]

    async def entry(self, tenant: TenantId, group: str, entry: str) -> Entry | None:
        """Return a line of the ledger."""
        raw = await self._ledger.find_one({"_id": document_id(tenant, group, entry)})
        return None if raw is None else stored(LEDGER, raw)

    async def entries(
        self, tenant: TenantId, member: str, after: Place | None, limit: int
    ) -> list[tuple[Place, Entry]]:
        """Return a page of a member's lines of the ledger, the latest first."""
        query: Document = {"tenant": tenant, "member": member}
        if after is not None:
            time, id = after
            query["$or"] = [{"time": {"$lt": time}}, {"time": time, "_id": {"$gt": id}}]
        found = self._ledger.find(query).sort([("time", DESCENDING), ("_id", ASCENDING)])
        return [
            ((float(raw["time"]), raw["_id"]), stored(LEDGER, raw))
            async for raw in found.limit(limit)
        ]

    async def was_invited(self, tenant: TenantId, member: str) -> bool:
        """Whether somebody came into one of the groups by an invitation that was no spam."""
        query = {"tenant": tenant, "invitee": member, "counts": {"$gt": 0}}
        return await self._invitations.find_one(query) is not None

    async def perform(self, task: Forgetting) -> tuple[list[str], list[str]] | None:
        """Return the ids of a group's entries about a member and of invitations by them.

        None while MongoDB is away.
        """
        about: Document = {"tenant": task.tenant, "group": task.group}
        try:
            entries = self._ledger.find({**about, "member": task.member}, {"_id": 1})
            invitations = self._invitations.find({**about, "inviter": task.member}, {"_id": 1})
            return [raw["_id"] async for raw in entries], [raw["_id"] async for raw in invitations]
        except PyMongoError:
            return None

    async def ranking(
        self,
        tenant: TenantId,
        group: str,
        after: Place | None,
        limit: int,
        direction: int = DESCENDING,
    ) -> list[tuple[Place, Account]]:
        """Return a page of a group's accounts by all that was ever earned, if anything was."""
        scope: Document = {"tenant": tenant, "group": group}
        raws = await page(self._accounts, scope, _TOTAL, direction, after, limit)
        accounts = [(raw["_id"], stored(ACCOUNTS, raw)) for raw in raws]
        return [((float(account.total), id), account) for id, account in accounts]

    async def active_since(
        self, tenant: TenantId, group: str, day: int
    ) -> AsyncIterator[tuple[str, Account]]:
        """Yield the ids and accounts of a group in which something happened on `day` or later."""
        query = {"tenant": tenant, "group": group, "anchor": {"$gte": day}}
        async for raw in self._accounts.find(query):
            yield raw["_id"], stored(ACCOUNTS, raw)


class TermsStore:
    """The terms of all tenants, one document each. Every method raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self._terms = database[TERMS]

    async def get(self, tenant: TenantId) -> Terms:
        """Return what a tenant has laid down."""
        found = await self._terms.find_one({"_id": tenant})
        return Terms(tenant=tenant) if found is None else msgspec.convert(found, Terms)

    async def save(self, terms: Terms) -> bool:
        """Put a tenant's next version; False where another request made that version."""
        fields: Document = {"_id": terms.tenant, **msgspec.to_builtins(terms)}
        before = {"_id": terms.tenant, "version": terms.version - 1}
        try:
            done = await self._terms.replace_one(before, fields, upsert=terms.version == 1)
        except DuplicateKeyError:
            return False
        return done.matched_count == 1 or done.upserted_id is not None

    async def changed_since(self, moment: int) -> AsyncIterator[Terms]:
        """Yield the terms that changed at `moment` (ms) or later."""
        async for raw in self._terms.find({"changed_at": {"$gte": moment}}):
            yield msgspec.convert(raw, Terms)
