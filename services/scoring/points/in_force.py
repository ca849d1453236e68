"""Tenants' terms, kept in memory and read anew every second."""

from __future__ import annotations

from time import monotonic
from typing import Final

from services.scoring.points.store import TermsStore
from services.scoring.points.terms import Terms
from shared.events import TenantId

REFRESH_SECONDS: Final = 1.0
_OVERLAP_MS: Final = 60_000
"""How far before the latest change is read again: hosts' clocks differ."""


class TermsInForce:
    """The reference of the points stage. `refresh` raises PyMongo's errors: then it waits."""

    def __init__(self, store: TermsStore) -> None:
        self._store = store
        self._known: dict[TenantId, Terms] = {}
        self._changed_at = 0
        self._refreshed_at: float | None = None

    async def refresh(self) -> None:
        now = monotonic()
        if self._refreshed_at is None or now - self._refreshed_at >= REFRESH_SECONDS:
            latest = self._changed_at
            async for each in self._store.changed_since(latest - _OVERLAP_MS):
                latest = max(latest, each.changed_at)
                self._known[each.tenant] = each
            self._changed_at = latest  # only now: what a failure left unread is older
            self._refreshed_at = now

    def of(self, tenant: TenantId) -> Terms:
        known = self._known.get(tenant)
        if known is None:
            known = self._known[tenant] = Terms(tenant=tenant)
        return known
