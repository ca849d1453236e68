"""The rule sets in force, kept in memory and brought up to date about every second."""

from __future__ import annotations

from datetime import datetime

from services.rules.rule_sets.catalog import Catalog
from services.rules.rule_sets.store import RuleSetStore
from shared.stream.refreshed import Refreshed


class InForce(Refreshed):
    """Keeps a catalog up to date with what tenants deploy."""

    def __init__(self, store: RuleSetStore, catalog: Catalog) -> None:
        super().__init__("rule sets", self._read)
        self.catalog = catalog
        self._store = store
        self._changed_at: datetime | None = None

    async def _read(self) -> None:
        changed = await self._store.changed_since(self._changed_at)
        deployments = [deployment for _, deployment in changed]
        missing = [
            (each.tenant, version) for each in deployments for version in self.catalog.missing(each)
        ]
        found = await self._store.some(missing)
        for deployment in deployments:
            self.catalog.adopt(deployment, found.get(deployment.tenant, {}))
        moments = [self._changed_at, *(moment for moment, _ in changed)]
        self._changed_at = max((each for each in moments if each is not None), default=None)
