"""API keys: made once, shown once, kept as hashes in the collection `api_keys`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.events import TenantId
from shared.mongo import Database, Document
from shared.web.key_changes import CHANGES, Change, KeyChange
from shared.web.scopes import Scope

COLLECTION: Final = "api_keys"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        COLLECTION,
        (
            IndexModel("hash", unique=True),
            IndexModel("previous_hash", partialFilterExpression={"previous_hash": {"$gt": ""}}),
            IndexModel([("tenant", ASCENDING), ("created_at", ASCENDING)]),
        ),
    ),
    (CHANGES, (IndexModel([("tenant", ASCENDING), ("_id", DESCENDING)]),)),
)
COMMAND_LINE: Final = "steward keys"
"""Who has changed a key, where it was the command and not another key."""
_PREFIX: Final = "sk_"
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class Limits(Struct, frozen=True, kw_only=True):
    """How much may be sent with a key, to each replica of ingest; None: there is no bound."""

    requests_per_second: int | None = None
    events_per_second: int | None = None
    events_per_day: int | None = None

    @property
    def unlimited(self) -> bool:
        return self == _NO_LIMITS


_NO_LIMITS: Final = Limits()


class ApiKey(Struct, frozen=True, kw_only=True):
    """What is kept of a key: whose it is and until when, not the key itself.

    `scopes` is None for a key that may do everything. After a rotation the key
    before is good until `previous_until`.
    """

    id: str
    hash: str
    tenant: TenantId
    name: str
    last_four: str
    created_at: datetime
    created_by: str = COMMAND_LINE
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[Scope] | None = None
    limits: Limits = _NO_LIMITS
    previous_hash: str | None = None
    previous_until: datetime | None = None
    last_used_at: datetime | None = None
    last_used_from: str | None = None

    def valid(self, now: datetime) -> bool:
        """Whether the key opens its tenant's data at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def opened_by(self, hashed: str, now: datetime) -> bool:
        """Whether the secret with this hash is the key's at `now`: its own, or the one before."""
        if hashed == self.hash:
            return self.valid(now)
        in_grace = self.previous_until is not None and now < self.previous_until
        return hashed == self.previous_hash and in_grace and self.valid(now)


def digest(key: str) -> str:
    """Return the hash under which a key is kept.

    Plain SHA-256 is enough: a key is 256 random bits, there is nothing to guess.
    """
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """The collection of keys, and the log of their changes.

    A change and its line in the log are one transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.get_collection(COLLECTION, codec_options=_AWARE)
        self._changes = database.get_collection(CHANGES, codec_options=_AWARE)

    async def create(
        self,
        tenant: TenantId,
        name: str = "",
        expires_at: datetime | None = None,
        *,
        scopes: Iterable[Scope] | None = None,
        limits: Limits = _NO_LIMITS,
        by: str = COMMAND_LINE,
    ) -> tuple[str, ApiKey]:
        """Make a key for `tenant`; return it, for the only time, and what is kept of it."""
        secret = _new_secret()
        key = ApiKey(
            id=f"key_{secrets.token_hex(6)}",
            hash=digest(secret),
            tenant=tenant,
            name=name,
            last_four=secret[-4:],
            created_at=datetime.now(UTC),
            created_by=by,
            expires_at=expires_at,
            scopes=None if scopes is None else frozenset(scopes),
            limits=limits,
        )
        document = _document(key)

        async def insert(session: AsyncClientSession) -> Document:
            await self._keys.insert_one(document, session=session)
            return document

        granted = {name: document[name] for name in ("name", "scopes", "limits", "expires_at")}
        await self._logged(Change.CREATED, by, insert, granted)
        return secret, key

    async def rotate(
        self, key_id: str, grace: timedelta, *, tenant: TenantId | None = None, by: str
    ) -> tuple[str, ApiKey] | None:
        """Give a key that is not revoked a new secret; the one before is good for `grace` more.

        Return the secret, for the only time, and the key; None where there is no
        such key. With `tenant` only a key of that tenant.
        """
        secret, until = _new_secret(), datetime.now(UTC) + grace
        change: list[Document] = [
            {
                "$set": {
                    "previous_hash": "$hash",
                    "previous_until": until,
                    "hash": digest(secret),
                    "last_four": secret[-4:],
                }
            }
        ]
        changed = await self._change(
            Change.ROTATED, key_id, tenant, by, change, {"previous_until": until}
        )
        return None if changed is None else (secret, changed)

    async def revoke(
        self, key_id: str, *, tenant: TenantId | None = None, by: str = COMMAND_LINE
    ) -> bool:
        """Make a key worthless; return whether there was one to revoke."""
        change = {"$set": {"revoked_at": datetime.now(UTC)}}
        return await self._change(Change.REVOKED, key_id, tenant, by, change, {}) is not None

    async def find(self, hashed: str) -> ApiKey | None:
        """Return the key with this hash, now or before its rotation, valid or not."""
        either = [{"hash": hashed}, {"previous_hash": hashed}]
        document = await self._keys.find_one({"$or": either})
        return None if document is None else _read(document)

    async def get(self, tenant: TenantId, key_id: str) -> ApiKey | None:
        """Return a tenant's key."""
        document = await self._keys.find_one({"_id": key_id, "tenant": tenant})
        return None if document is None else _read(document)

    async def of_tenant(self, tenant: TenantId | None = None) -> list[ApiKey]:
        """Return a tenant's keys, oldest first; everybody's without a tenant."""
        query = {} if tenant is None else {"tenant": tenant}
        found = self._keys.find(query).sort([("tenant", ASCENDING), ("created_at", ASCENDING)])
        return [_read(document) async for document in found]

    async def page(self, tenant: TenantId, after: str, limit: int) -> list[ApiKey]:
        """Return up to `limit` of a tenant's keys whose ids come after `after`."""
        found = self._keys.find({"tenant": tenant, "_id": {"$gt": after}}).sort("_id").limit(limit)
        return [_read(document) async for document in found]

    async def count(self, tenant: TenantId) -> int:
        """Return how many keys of the tenant are neither revoked nor expired."""
        lasting = {"$not": {"$lte": datetime.now(UTC)}}
        query: Document = {"tenant": tenant, "revoked_at": None, "expires_at": lasting}
        return await self._keys.count_documents(query)

    async def changes(
        self, tenant: TenantId | None, before: str | None, limit: int
    ) -> list[KeyChange]:
        """Return what was changed of a tenant's (or everybody's) keys, the latest first."""
        query: Document = {} if tenant is None else {"tenant": tenant}
        if before is not None:
            query["_id"] = {"$lt": before}
        found = self._changes.find(query).sort("_id", DESCENDING).limit(limit)
        return [KeyChange.read(document) async for document in found]

    async def used(self, uses: Mapping[str, tuple[datetime, str]]) -> None:
        """Note when keys (by id) were last used, and from which address."""
        writes = [
            UpdateOne(
                {"_id": key_id, "last_used_at": {"$not": {"$gte": at}}},
                {"$set": {"last_used_at": at, "last_used_from": address}},
            )
            for key_id, (at, address) in uses.items()
        ]
        await self._keys.bulk_write(writes, ordered=False)

    async def _change(
        self,
        kind: Change,
        key_id: str,
        tenant: TenantId | None,
        by: str,
        change: Mapping[str, Any] | list[Document],
        detail: Mapping[str, Any],
    ) -> ApiKey | None:
        """Change a key that is not revoked."""
        query: Document = {"_id": key_id, "revoked_at": None}
        if tenant is not None:
            query["tenant"] = tenant

        async def update(session: AsyncClientSession) -> Document | None:
            return await self._keys.find_one_and_update(
                query, change, return_document=ReturnDocument.AFTER, session=session
            )

        changed = await self._logged(kind, by, update, detail)
        return None if changed is None else _read(changed)

    async def _logged(
        self,
        kind: Change,
        by: str,
        act: Callable[[AsyncClientSession], Awaitable[Document | None]],
        detail: Mapping[str, Any],
    ) -> Document | None:
        """Do what changes a key and write its line in the log, both or neither."""

        async def both(session: AsyncClientSession) -> Document | None:
            changed = await act(session)
            if changed is not None:
                line = KeyChange.of(kind, changed, by, datetime.now(UTC), detail)
                await self._changes.insert_one(line.document, session=session)
            return changed

        async with self._database.client.start_session() as session:
            return await session.with_transaction(both)


def _new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def _document(key: ApiKey) -> Document:
    document: Document = msgspec.to_builtins(key, builtin_types=(datetime,))
    document["_id"] = document.pop("id")
    if key.scopes is not None:
        document["scopes"] = sorted(key.scopes)
    return document


def _read(document: Document) -> ApiKey:
    return msgspec.convert({**document, "id": document["_id"]}, ApiKey)
