"""Tenants' terms, kept in memory and read anew every second."""

from __future__ import annotations

from services.scoring.laid_down import LaidDown
from services.scoring.points.store import TermsStore
from services.scoring.points.terms import Terms
from shared.events import TenantId


class TermsInForce(LaidDown[Terms]):
    """The reference of the points stage."""

    def __init__(self, store: TermsStore) -> None:
        super().__init__(store.changed_since, self._take)
        self._known: dict[TenantId, Terms] = {}

    def of(self, tenant: TenantId) -> Terms:
        known = self._known.get(tenant)
        if known is None:
            known = self._known[tenant] = Terms(tenant=tenant)
        return known

    def _take(self, terms: Terms) -> None:
        self._known[terms.tenant] = terms
