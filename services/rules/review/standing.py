"""Who is trusted and which campaigns were overturned, kept up to date for the stage."""

from __future__ import annotations

from typing import Final

from services.rules.review.store import StandingStore
from services.rules.review.trust import KnownStanding
from shared.stream.refreshed import Refreshed

MOST_OVERTURNED: Final = 50_000


class StandingReference(KnownStanding, Refreshed):
    """A reference of the stage. Whoever asks while it is read goes by what is read."""

    def __init__(self, store: StandingStore) -> None:
        KnownStanding.__init__(self)
        Refreshed.__init__(self, "standing", self._read)
        self._store = store

    async def _read(self) -> None:
        self.trusted = await self._store.trusted()
        self.pardoned = await self._store.overturned(MOST_OVERTURNED)
