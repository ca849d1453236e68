"""Which tenants have their events archived, kept in memory and read anew every second."""

from __future__ import annotations

from collections.abc import Mapping

from services.ingest.archive.store import ArchiveStore
from shared.events import TenantId
from shared.stream.refreshed import Renewed


class KnownRetentions(Renewed):
    """The reference of the archive's stage.

    `refresh` raises PyMongo's errors, and then the stage waits: what a tenant
    wants to be kept is not passed over while MongoDB is away.
    """

    def __init__(self, store: ArchiveStore) -> None:
        super().__init__(self._read)
        self._store = store
        self._days: Mapping[TenantId, int | None] = {}

    async def _read(self) -> None:
        self._days = await self._store.retentions()

    def days_of(self, tenant: TenantId) -> int | None:
        return self._days.get(tenant)

    def knows(self, tenant: TenantId) -> bool:
        return tenant in self._days
