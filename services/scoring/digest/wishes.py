"""What tenants want of digests, kept in memory and read anew every second."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Final

from services.scoring.digest.plan import DigestSettings
from services.scoring.digest.store import DigestStore
from shared.events import TenantId

REFRESH_SECONDS: Final = 1.0
_DEFAULT: Final = DigestSettings()


class KnownWishes:
    """The reference of the digests' stage. `refresh` raises PyMongo's errors."""

    def __init__(self, store: DigestStore) -> None:
        self._store = store
        self._known: Mapping[TenantId, DigestSettings] = {}
        self._refreshed_at: float | None = None

    async def refresh(self) -> None:
        now = monotonic()
        if self._refreshed_at is None or now - self._refreshed_at >= REFRESH_SECONDS:
            self._known = await self._store.all_settings()
            self._refreshed_at = now

    def of(self, tenant: TenantId) -> DigestSettings:
        return self._known.get(tenant, _DEFAULT)
