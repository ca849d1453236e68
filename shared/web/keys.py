"""API keys: made once, shown once, kept as hashes in the collection `api_keys`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import IndexModel

from shared.events import TenantId
from shared.mongo import Database, Document

COLLECTION: Final = "api_keys"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (COLLECTION, (IndexModel("hash", unique=True), IndexModel([("tenant", 1), ("created_at", 1)]))),
)
_PREFIX: Final = "sk_"
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)


class ApiKey(Struct, frozen=True, kw_only=True):
    """What is kept of a key: whose it is and until when, not the key itself."""

    id: str
    hash: str
    tenant: TenantId
    name: str
    last_four: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Whether the key opens its tenant's data at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def digest(key: str) -> str:
    """Return the hash under which a key is kept.

    Plain SHA-256 is enough: a key is 256 random bits, there is nothing to guess.
    """
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """The collection of keys."""

    def __init__(self, database: Database) -> None:
        self._keys = database.get_collection(COLLECTION, codec_options=_AWARE)

    async def create(
        self, tenant: TenantId, name: str = "", expires_at: datetime | None = None
    ) -> tuple[str, ApiKey]:
        """Make a key for `tenant`; return it, for the only time, and what is kept of it."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(
            id=f"key_{secrets.token_hex(6)}",
            hash=digest(secret),
            tenant=tenant,
            name=name,
            last_four=secret[-4:],
            created_at=datetime.now(UTC),
            expires_at=expires_at,
        )
        document = msgspec.to_builtins(key, builtin_types=(datetime,))
        document["_id"] = document.pop("id")
        await self._keys.insert_one(document)
        return secret, key

    async def find(self, hashed: str) -> ApiKey | None:
        """Return the key with this hash, valid or not."""
        document = await self._keys.find_one({"hash": hashed})
        return None if document is None else _read(document)

    async def of_tenant(self, tenant: TenantId | None = None) -> list[ApiKey]:
        """Return a tenant's keys, oldest first; everybody's without a tenant."""
        query = {} if tenant is None else {"tenant": tenant}
        found = self._keys.find(query).sort([("tenant", 1), ("created_at", 1)])
        return [_read(document) async for document in found]

    async def revoke(self, key_id: str) -> bool:
        """Make a key worthless; return whether there was one to revoke."""
        change = {"$set": {"revoked_at": datetime.now(UTC)}}
        done = await self._keys.update_one({"_id": key_id, "revoked_at": None}, change)
        return done.modified_count == 1


def _read(document: Document) -> ApiKey:
    return msgspec.convert({**document, "id": document["_id"]}, ApiKey)
