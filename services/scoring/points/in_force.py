"""Tenants' terms, kept in memory and read anew every second."""

from __future__ import annotations

from typing import Final

from services.scoring.points.store import TermsStore
from services.scoring.points.terms import Terms
from shared.events import TenantId
from shared.stream.refreshed import Renewed

_OVERLAP_MS: Final = 60_000
"""How far before the latest change is read again: hosts' clocks differ."""


class TermsInForce(Renewed):
    """The reference of the points stage. `refresh` raises PyMongo's errors: then it waits."""

    def __init__(self, store: TermsStore) -> None:
        super().__init__(self._read)
        self._store = store
        self._known: dict[TenantId, Terms] = {}
        self._changed_at = 0

    async def _read(self) -> None:
        latest = self._changed_at
        async for each in self._store.changed_since(latest - _OVERLAP_MS):
            latest = max(latest, each.changed_at)
            self._known[each.tenant] = each
        self._changed_at = latest  # only now: what a failure left unread is older

    def of(self, tenant: TenantId) -> Terms:
        known = self._known.get(tenant)
        if known is None:
            known = self._known[tenant] = Terms(tenant=tenant)
        return known
