"""What ingest keeps in MongoDB: the sources of events and the secrets that they sign with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

import msgspec
from bson.codec_options import CodecOptions
from msgspec import Struct
from pymongo import IndexModel

from services.ingest.terms import Network, Terms
from shared.events import TenantId
from shared.mongo import Database, Document
from shared.signing import new_secret
from shared.web import keys
from shared.web.lookups import Lookups

COLLECTION: Final = "sources"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    *keys.INDEXES,
    (COLLECTION, (IndexModel([("tenant", 1), ("source", 1)], unique=True),)),
)
TERMS_SECONDS: Final = 5.0
"""How long it may take until every replica knows a source's new terms."""
ROTATION: Final = timedelta(hours=24)
"""How long the secret before the current one still counts."""
_AWARE: Final[CodecOptions[Document]] = CodecOptions(tz_aware=True)

AllTerms = Mapping[str, Terms]
"""The terms of each source that has any."""


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

    async def terms(self, tenant: TenantId) -> AllTerms:
        """Return the terms of the tenant's sources that must sign, or come from somewhere."""
        return await self._terms.get(tenant)

    async def find(self, tenant: TenantId, source: str) -> Source | None:
        found = await self._sources.find_one({"tenant": tenant, "source": source})
        return None if found is None else msgspec.convert(found, Source)

    async def page(self, tenant: TenantId, after: str, limit: int) -> list[Source]:
        """Return up to `limit` sources of the tenant whose names come after `after`."""
        query = {"tenant": tenant, "source": {"$gt": after}}
        found = self._sources.find(query).sort("source", 1).limit(limit)
        return [msgspec.convert(document, Source) async for document in found]

    async def put(
        self, tenant: TenantId, source: str, *, signed: bool, networks: Sequence[Network] = ()
    ) -> str | None:
        """Declare a source; return the secret if this gave it one.

        A source that signs already keeps its secret.
        """
        known = await self.find(tenant, source)
        change: dict[str, Any] = {"networks": list(networks)}
        secret = None
        if known is None or (known.secret is not None) != signed:
            secret = new_secret() if signed else None
            change |= {"secret": secret, "previous_secret": None, "previous_until": None}
        await self._write(tenant, source, change)
        return secret

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
        done = await self._sources.delete_one({"tenant": tenant, "source": source})
        self._terms.drop(tenant)
        return done.deleted_count == 1

    async def _write(self, tenant: TenantId, source: str, change: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        await self._sources.update_one(
            {"tenant": tenant, "source": source},
            {"$set": {**change, "updated_at": now}, "$setOnInsert": {"created_at": now}},
            upsert=True,
        )
        self._terms.drop(tenant)

    async def _load_terms(self, tenant: str) -> AllTerms:
        now = datetime.now(UTC)
        restricted = [{"secret": {"$ne": None}}, {"networks.0": {"$exists": True}}]
        query = {"tenant": tenant, "$or": restricted}
        found = [msgspec.convert(each, Source) async for each in self._sources.find(query)]
        return {source.source: source.terms(now) for source in found}
