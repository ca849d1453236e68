"""Who is trusted and which campaigns were overturned, kept up to date for the stage."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.rules.review.store import StandingStore
from services.rules.review.trust import KnownStanding

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 1.0
MOST_OVERTURNED: Final = 50_000


class StandingReference(KnownStanding):
    """A reference of the stage: read from MongoDB at most once a second.

    While MongoDB is away the last known standing stays in force; before the
    first answer `refresh` raises.
    """

    def __init__(self, store: StandingStore) -> None:
        super().__init__()
        self._store = store
        self._refreshed_at: float | None = None
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> None:
        """Read anew, a second after the last look began. Raises PyMongo's errors the first time."""
        begun_after = monotonic() - REFRESH_SECONDS
        if self._looked(begun_after):
            return
        async with self._refreshing:  # whoever comes meanwhile waits, and goes by what was read
            if self._looked(begun_after):
                return
            asked_at = monotonic()
            try:
                self.trusted = await self._store.trusted()
                self.pardoned = await self._store.overturned(MOST_OVERTURNED)
            except PyMongoError as error:
                if self._refreshed_at is None:
                    raise
                log.warning("standing_not_refreshed", error=type(error).__name__)
            self._refreshed_at = asked_at

    def _looked(self, after: float) -> bool:
        return self._refreshed_at is not None and self._refreshed_at > after
