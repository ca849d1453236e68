"""What tenants have defined, in MongoDB; and the surveys that a new definition asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.scoring.clock import TenantClock
from services.scoring.profiles.documents import SEPARATOR, SURVEYS
from services.scoring.segments.definitions import Definitions
from shared.events import TenantId
from shared.mongo import Database, Document

COLLECTION: Final = "definitions"
INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (COLLECTION, (IndexModel([("changed_at", ASCENDING)]),)),
)
_AT_ONCE: Final = 1
"""A moment (ms) that every clock has passed."""


class DefinitionStore:
    """The definitions of all tenants, one document each. Methods raise PyMongo's errors.

    `zone` is the time zone (IANA) of tenants who named none, `partitions` how many
    there are of a topic.
    """

    def __init__(self, database: Database, zone: str, partitions: int) -> None:
        self.zone = zone
        self._partitions = partitions
        self._definitions = database[COLLECTION]
        self._surveys = database[SURVEYS.name]

    async def get(self, tenant: TenantId) -> Definitions:
        """Return what a tenant has defined."""
        found = await self._definitions.find_one({"_id": tenant})
        return Definitions(tenant=tenant) if found is None else _read(found)

    async def clock(self, tenant: TenantId) -> TenantClock:
        """Return the clock by which a tenant's days turn."""
        return TenantClock((await self.get(tenant)).zones, self.zone)

    async def save(self, definitions: Definitions) -> bool:
        """Put a tenant's next version; False where another request made that version."""
        fields: Document = {"_id": definitions.tenant, **msgspec.to_builtins(definitions)}
        before = {"_id": definitions.tenant, "version": definitions.version - 1}
        try:
            done = await self._definitions.replace_one(
                before, fields, upsert=definitions.version == 1
            )
        except DuplicateKeyError:
            return False
        return done.matched_count == 1 or done.upserted_id is not None

    async def changed_since(self, moment: int) -> AsyncIterator[Definitions]:
        """Yield the definitions that changed at `moment` (ms) or later."""
        async for raw in self._definitions.find({"changed_at": {"$gte": moment}}):
            yield _read(raw)

    async def survey(self, tenant: TenantId, version: int) -> None:
        """Have the owner of each partition judge its members of the tenant anew.

        Every owner is asked: somebody may be new there whose profile is not written yet.
        """
        surveys: list[Document] = [
            {
                "_id": SEPARATOR.join((tenant, str(partition), str(version))),
                "partition": partition,
                "tenant": tenant,
                "version": version,
                "due_at": _AT_ONCE,
            }
            for partition in range(self._partitions)
        ]
        await self._surveys.insert_many(surveys)


def _read(raw: Document) -> Definitions:
    return msgspec.convert(raw, Definitions)
