"""What tenants have defined, kept in memory and read anew every second."""

from __future__ import annotations

from typing import Final

import structlog

from services.scoring.segments.definitions import NOTHING, DefinitionError, Definitions, InForce
from services.scoring.segments.store import DefinitionStore
from shared.events import TenantId
from shared.stream.refreshed import Renewed

log = structlog.get_logger(__name__)

_OVERLAP_MS: Final = 60_000
"""How far before the latest change is read again: hosts' clocks differ."""


class KnownTenants(Renewed):
    """The reference of the stages that go by what tenants laid down.

    `refresh` raises PyMongo's errors, and then the stage waits.
    """

    def __init__(self, store: DefinitionStore) -> None:
        super().__init__(self._read)
        self._store = store
        self._nothing = InForce(NOTHING.definitions, store.zone)
        self._known: dict[TenantId, InForce] = {}
        self._changed_at = 0

    async def _read(self) -> None:
        latest = self._changed_at
        async for each in self._store.changed_since(latest - _OVERLAP_MS):
            latest = max(latest, each.changed_at)
            known = self._known.get(each.tenant)
            if known is None or known.definitions.version != each.version:
                self._learn(each.tenant, each)
        self._changed_at = latest  # only now: what a failure left unread is older

    def of(self, tenant: TenantId) -> InForce:
        return self._known.get(tenant, self._nothing)

    def _learn(self, tenant: TenantId, definitions: Definitions) -> None:
        try:
            self._known[tenant] = InForce(definitions, self._store.zone)
        except DefinitionError as error:  # checked by an earlier release that allowed more
            log.warning("definitions_unusable", tenant=tenant, part=error.part, why=error.message)
