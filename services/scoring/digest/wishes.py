"""What tenants want of digests, kept in memory and read anew every second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.scoring.digest.plan import DigestSettings
from services.scoring.digest.store import DigestStore
from shared.events import TenantId
from shared.stream.refreshed import Renewed

_DEFAULT: Final = DigestSettings()


class KnownWishes(Renewed):
    """The reference of the digests' stage. `refresh` raises PyMongo's errors."""

    def __init__(self, store: DigestStore) -> None:
        super().__init__(self._read)
        self._store = store
        self._known: Mapping[TenantId, DigestSettings] = {}

    async def _read(self) -> None:
        self._known = await self._store.all_settings()

    def of(self, tenant: TenantId) -> DigestSettings:
        return self._known.get(tenant, _DEFAULT)
