"""The endpoints in force, kept in memory and brought up to date about every second."""

from __future__ import annotations

from datetime import datetime

from services.notify.endpoints import Endpoint, Subscriptions
from services.notify.store import EndpointStore
from shared.events import EndpointId
from shared.stream.refreshed import Refreshed


class Directory(Refreshed):
    """All endpoints, read from MongoDB; only what changed is read again."""

    def __init__(self, store: EndpointStore) -> None:
        super().__init__("endpoints", self._read)
        self._store = store
        self._known: dict[EndpointId, Endpoint] = {}
        self._changed_at: datetime | None = None
        self.subscriptions = Subscriptions()

    async def find(self, id: EndpointId) -> Endpoint | None:
        """Return an endpoint, asking MongoDB for one that is not known here yet."""
        known = self.subscriptions.by_id.get(id)
        return known if known is not None else await self._store.find(id)

    async def _read(self) -> None:
        known, latest = dict(self._known), self._changed_at
        async for changed_at, id, endpoint in self._store.changed_since(latest):
            latest = max(changed_at, latest or changed_at)
            if endpoint is None:
                known.pop(id, None)
            else:
                known[id] = endpoint
        self._changed_at = latest  # only now: what a failure left unread is older
        if known != self._known:
            self._known = known
            self.subscriptions = Subscriptions.of(known.values())
