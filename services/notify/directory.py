"""The endpoints in force, kept in memory and brought up to date about every second."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.notify.endpoints import Endpoint, Subscriptions
from services.notify.store import EndpointStore
from shared.events import EndpointId

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 1.0


class Directory:
    """All endpoints, read from MongoDB; only what changed is read again.

    A component that looks every second, and a reference of the stage. While
    MongoDB is away the last known endpoints stay in force; before the first
    answer there are none to go by, and `refresh` raises.
    """

    def __init__(self, store: EndpointStore) -> None:
        self._store = store
        self._known: dict[EndpointId, Endpoint] = {}
        self._changed_at: datetime | None = None
        self._refreshed_at: float | None = None
        self._refreshing = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self.subscriptions = Subscriptions()

    async def start(self) -> None:
        """Begin to look for changes."""
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    def problems(self) -> list[str]:
        return ["the endpoints have not been read yet"] if self._refreshed_at is None else []

    def stuck(self) -> list[str]:
        return []

    async def refresh(self) -> None:
        """Read what changed, if the last look is a second old.

        Raises PyMongo's errors if the endpoints were never read.
        """
        if self._fresh():
            return
        async with self._refreshing:
            if self._fresh():
                return
            try:
                await self._read()
            except PyMongoError as error:
                if self._refreshed_at is None:
                    raise
                log.warning("endpoints_not_refreshed", error=type(error).__name__)
            self._refreshed_at = monotonic()

    async def find(self, id: EndpointId) -> Endpoint | None:
        """Return an endpoint, asking MongoDB for one that is not known here yet."""
        known = self.subscriptions.by_id.get(id)
        return known if known is not None else await self._store.find(id)

    async def _watch(self) -> None:
        while True:
            try:
                await self.refresh()
            except PyMongoError as error:
                log.warning("endpoints_not_read", error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)

    def _fresh(self) -> bool:
        return self._refreshed_at is not None and monotonic() - self._refreshed_at < REFRESH_SECONDS

    async def _read(self) -> None:
        known, latest = dict(self._known), self._changed_at
        async for changed_at, id, endpoint in self._store.changed_since(latest):
            self._changed_at = max(changed_at, self._changed_at or changed_at)
            if endpoint is None:
                known.pop(id, None)
            else:
                known[id] = endpoint
        if known != self._known:
            self._known = known
            self.subscriptions = Subscriptions.of(known.values())
