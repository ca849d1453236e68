"""A partition's bounded buffer of fetched records."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

from shared.stream.raw import RawRecord, RawRecords
from shared.topics import Topic

HIGH_WATER: Final = 10_000
LOW_WATER: Final = 2_500


class Inbox:
    """Holds what was fetched and not yet folded; says when fetching is to pause and go on."""

    def __init__(self) -> None:
        self._batches: deque[tuple[Topic, deque[RawRecord]]] = deque()
        self._changed = asyncio.Event()
        self.size = 0

    @property
    def is_full(self) -> bool:
        """Whether fetching is to pause."""
        return self.size >= HIGH_WATER

    @property
    def has_room(self) -> bool:
        """Whether fetching may go on after a pause."""
        return self.size <= LOW_WATER

    def put(self, topic: Topic, records: RawRecords) -> None:
        """Add records that follow the ones that are there."""
        self._batches.append((topic, deque(records)))
        self.size += len(records)
        self._changed.set()

    def take(self, most: int) -> tuple[Topic, list[RawRecord]] | None:
        """Remove and return up to `most` records of one topic, oldest first."""
        if not self._batches:
            return None
        topic, records = self._batches[0]
        taken = [records.popleft() for _ in range(min(most, len(records)))]
        if not records:
            self._batches.popleft()
        self.size -= len(taken)
        return topic, taken

    def clear(self) -> None:
        """Drop everything: it will be fetched again."""
        self._batches.clear()
        self.size = 0

    def wake(self) -> None:
        """End a `wait`: there is something to do beside records."""
        self._changed.set()

    async def wait(self, seconds: float, *, for_records: bool) -> None:
        """Return when there is something to do, or after a while.

        That is a call of `wake`, or a record, unless none is wanted now.
        """
        if for_records and self._batches:
            await asyncio.sleep(0)
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
        self._changed.clear()
