"""What ingest keeps in MongoDB: the sources of events and the secrets that they sign with."""

from __future__ import annotations

import secrets as random_source
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import IndexModel

from services.ingest.archive import store as archive
from services.ingest.platforms.contract import Mapped
from services.ingest.terms import Network, Terms
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.signing import new_secret
from shared.web import keys
from shared.web.lookups import Lookups

COLLECTION: Final = "sources"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    *keys.INDEXES,
    *archive.INDEXES,
    (
        COLLECTION,
        (
            IndexModel([("tenant", 1), ("source", 1)], unique=True),
            IndexModel("hook.key", unique=True, sparse=True),
        ),
    ),
)
TERMS_SECONDS: Final = 5.0
"""How long it may take until every replica knows a source's new terms."""
ROTATION: Final = timedelta(hours=24)
"""How long the secret before the current one still counts."""
HOOK_LIMITS: Final = keys.Limits(requests_per_second=100)
"""How much a platform may send to a door for which nothing else is set."""
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)

AllTerms = Mapping[str, Terms]
"""The terms of each source that has any."""


class UnknownHookError(LookupError):
    """No source has a door with this key."""


class Hook(Struct, frozen=True, kw_only=True):
    """A platform's door to a source.

    `key` stands in its address and is 192 random bits: whose source it is can be told from
    nothing else, so two tenants may name their sources alike. `secrets` are the platform's.
    `limits` keeps a tenant's platform from taking the room of others.
    """

    platform: str
    key: str
    secrets: dict[str, str]
    mapping: Mapped | None = None
    limits: keys.Limits = HOOK_LIMITS

    @property
    def id(self) -> str:
        """By what its requests are counted."""
        return self.key


class Source(Struct, frozen=True, kw_only=True):
    """Where a tenant's events come from, as CloudEvents' `source` names it."""

    tenant: TenantId
    source: str
    created_at: datetime
    updated_at: datetime
    secret: str | None = None
    previous_secret: str | None = None
    previous_until: datetime | None = None
    networks: list[Network] = []
    origins: list[str] = []
    hook: Hook | None = None

    def terms(self, now: datetime) -> Terms:
        """Return on which terms its events are taken at `now`."""
        return Terms(tuple(self.secrets(now)), tuple(map(ip_network, self.networks)))

    def secrets(self, now: datetime) -> list[str]:
        """Return the secrets with which a request may be signed at `now`."""
        current = [] if self.secret is None else [self.secret]
        if self.previous_secret is None or self.previous_until is None:
            return current
        return [*current, self.previous_secret] if now < self.previous_until else current


class Sources:
    """The collection of sources, with a short memory of their terms."""

    def __init__(self, database: Database) -> None:
        self._sources = database.get_collection(COLLECTION, codec_options=_AWARE)
        self._terms: Lookups[AllTerms] = Lookups(self._load_terms, TERMS_SECONDS)
        self._hooked: Lookups[Source] = Lookups(self._load_hooked, TERMS_SECONDS)

    async def terms(self, tenant: TenantId) -> AllTerms:
        """Return the terms of the tenant's sources that must sign, or come from somewhere."""
        return await self._terms.get(tenant)

    def remembered_terms(self, tenant: TenantId) -> AllTerms | None:
        """Return what `terms` does if it is in memory and fresh."""
        return self._terms.fresh(tenant)

    async def find(self, tenant: TenantId, source: str) -> Source | None:
        found = await self._sources.find_one({"tenant": tenant, "source": source})
        return None if found is None else msgspec.convert(found, Source)

    async def hooked(self, key: str) -> Source:
        """Return the source whose door has `key`. Raises `LookupError` if there is none."""
        return await self._hooked.get(key)

    async def allows_origin(self, tenant: TenantId, origin: str) -> bool:
        """Whether a source of the tenant lists the origin (DNS names: case aside)."""
        query = {"tenant": tenant, "origins": origin.lower()}
        return await self._sources.find_one(query, {"_id": 1}) is not None

    async def page(self, tenant: TenantId, after: str, limit: int) -> list[Source]:
        """Return up to `limit` sources of the tenant whose names come after `after`."""
        query = {"tenant": tenant, "source": {"$gt": after}}
        found = self._sources.find(query).sort("source", 1).limit(limit)
        return [msgspec.convert(document, Source) async for document in found]

    async def put(
        self,
        tenant: TenantId,
        source: str,
        *,
        signed: bool,
        networks: Sequence[Network] = (),
        origins: Sequence[str] = (),
    ) -> str | None:
        """Declare a source; return the secret if this gave it one.

        A source that signs already keeps its secret.
        """
        known = await self.find(tenant, source)
        change: dict[str, Any] = {
            "networks": list(networks),
            "origins": [origin.lower() for origin in origins],
        }
        secret = None
        if known is None or (known.secret is not None) != signed:
            secret = new_secret() if signed else None
            change |= {"secret": secret, "previous_secret": None, "previous_until": None}
        await self._write(tenant, source, change)
        return secret

    async def set_hook(
        self,
        tenant: TenantId,
        source: str,
        platform: str,
        secrets: Mapping[str, str],
        mapping: Mapped | None,
        limits: keys.Limits = HOOK_LIMITS,
    ) -> None:
        """Give a source a door for `platform`; its address stays while the platform does."""
        known = await self.find(tenant, source)
        before = None if known is None else known.hook
        kept = before is not None and before.platform == platform
        key = before.key if before is not None and kept else f"hk_{random_source.token_hex(24)}"
        hook = Hook(
            platform=platform, key=key, secrets=dict(secrets), mapping=mapping, limits=limits
        )
        await self._write(tenant, source, {"hook": msgspec.to_builtins(hook)})
        self._forget(before)

    async def close_hook(self, tenant: TenantId, source: str) -> None:
        """Take a source's door away; its address never opens again."""
        known = await self.find(tenant, source)
        if known is not None and known.hook is not None:
            gone = {"$unset": {"hook": ""}, "$set": {"updated_at": datetime.now(UTC)}}
            await self._sources.update_one({"tenant": tenant, "source": source}, gone)
            self._forget(known.hook)

    async def rotate(self, tenant: TenantId, source: str) -> str | None:
        """Give a source that signs a new secret and return it; None if it does not sign.

        The secret before it counts for another day.
        """
        known = await self.find(tenant, source)
        if known is None or known.secret is None:
            return None
        secret = new_secret()
        change = {
            "secret": secret,
            "previous_secret": known.secret,
            "previous_until": datetime.now(UTC) + ROTATION,
        }
        await self._write(tenant, source, change)
        return secret

    async def delete(self, tenant: TenantId, source: str) -> bool:
        gone = await self._sources.find_one_and_delete({"tenant": tenant, "source": source})
        self._terms.drop(tenant)
        if gone is not None:
            self._forget(msgspec.convert(gone, Source).hook)
        return gone is not None

    async def _write(self, tenant: TenantId, source: str, change: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        await self._sources.update_one(
            {"tenant": tenant, "source": source},
            {"$set": {**change, "updated_at": now}, "$setOnInsert": {"created_at": now}},
            upsert=True,
        )
        self._terms.drop(tenant)

    def _forget(self, hook: Hook | None) -> None:
        if hook is not None:
            self._hooked.drop(hook.key)

    async def _load_hooked(self, key: str) -> Source:
        found = await self._sources.find_one({"hook.key": key})
        if found is None:
            raise UnknownHookError(key)
        return msgspec.convert(found, Source)

    async def _load_terms(self, tenant: str) -> AllTerms:
        now = datetime.now(UTC)
        restricted = [{"secret": {"$ne": None}}, {"networks.0": {"$exists": True}}]
        query = {"tenant": tenant, "$or": restricted}
        found = [msgspec.convert(each, Source) async for each in self._sources.find(query)]
        return {source.source: source.terms(now) for source in found}
