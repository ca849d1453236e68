"""Which tenants have their events archived, kept in memory and read anew every second."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Final

from services.ingest.archive.store import ArchiveStore
from shared.events import TenantId

REFRESH_SECONDS: Final = 1.0


class KnownRetentions:
    """The reference of the archive's stage.

    `refresh` raises PyMongo's errors, and then the stage waits: what a tenant
    wants to be kept is not passed over while MongoDB is away.
    """

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store
        self._days: Mapping[TenantId, int | None] = {}
        self._refreshed_at: float | None = None

    async def refresh(self) -> None:
        now = monotonic()
        if self._refreshed_at is None or now - self._refreshed_at >= REFRESH_SECONDS:
            self._days = await self._store.retentions()
            self._refreshed_at = now

    def days_of(self, tenant: TenantId) -> int | None:
        return self._days.get(tenant)

    def knows(self, tenant: TenantId) -> bool:
        return tenant in self._days
