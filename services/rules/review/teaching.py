"""Reads what moderators taught, in every process, a little before each batch."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.rules.review.store import LessonStore
from services.rules.review.taught import Taught
from shared.cancelling import cancel
from shared.events import Millis

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 1.0
SLICE_SECONDS: Final = 0.02
"""How long one look may teach: many lessons, as after a start, are learned over several looks."""
OVERLAP: Final = 60_000
"""Lessons this much older, in ms, than the latest known may still come in."""


class Teaching:
    """A component that looks every second; lessons reach every replica within a few seconds.

    While MongoDB is away nothing new is learned.
    """

    def __init__(self, store: LessonStore, taught: Taught) -> None:
        self._store = store
        self._taught = taught
        self._latest = Millis(0)
        self._known: dict[str, Millis] = {}
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for lessons."""
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._watching)

    def problems(self) -> list[str]:
        return []  # the rules go on without what was taught

    def stuck(self) -> list[str]:
        return []

    async def look(self) -> bool:
        """Learn what is new, for a moment; return whether there may be more."""
        until = monotonic() + SLICE_SECONDS
        async for id, lesson in self._store.since(Millis(self._latest - OVERLAP)):
            if self._known.get(id) == lesson.time:
                continue
            self._taught.teach(lesson.tenant, lesson.text, lesson.bad)
            self._known[id] = lesson.time
            self._latest = max(self._latest, lesson.time)
            if monotonic() > until:
                return True
        oldest = self._latest - OVERLAP
        self._known = {id: time for id, time in self._known.items() if time >= oldest}
        return False

    async def _watch(self) -> None:
        while True:
            more = False
            try:
                more = await self.look()
            except PyMongoError as error:
                log.warning("lessons_not_read", error=type(error).__name__)
            await asyncio.sleep(SLICE_SECONDS if more else REFRESH_SECONDS)
