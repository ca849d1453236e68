"""References that are kept in memory, and read anew from MongoDB about every second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from shared.cancelling import cancel

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 1.0


class Renewed:
    """A reference of a stage. `read` reads what changed; while it cannot, the stage waits."""

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        self._read_changes = read
        self._refreshed_at: float | None = None

    async def refresh(self) -> None:
        """Read what changed, if the last look began a second ago. Raises PyMongo's errors."""
        if not self._fresh():
            asked_at = monotonic()
            await self._read_changes()
            self._refreshed_at = asked_at

    def _fresh(self) -> bool:
        return self._refreshed_at is not None and monotonic() - self._refreshed_at < REFRESH_SECONDS


class Refreshed(Renewed):
    """A component that looks every second, and a reference of a stage.

    While MongoDB is away what was read last stays in force; before the first
    answer there is nothing to go by, and `refresh` raises.
    """

    def __init__(self, name: str, read: Callable[[], Awaitable[None]]) -> None:
        super().__init__(read)
        self._name = name
        self._refreshing = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for changes."""
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._watching)

    def problems(self) -> list[str]:
        return [] if self._refreshed_at is not None else [f"no {self._name} have been read yet"]

    def stuck(self) -> list[str]:
        return []

    async def refresh(self) -> None:
        """Read what changed, if the last look began a second ago.

        Raises PyMongo's errors if nothing was ever read.
        """
        if self._fresh():
            return
        async with self._refreshing:  # whoever comes meanwhile goes by what is read
            try:
                await super().refresh()
            except PyMongoError as error:
                if self._refreshed_at is None:
                    raise
                log.warning("not_refreshed", what=self._name, error=type(error).__name__)
                self._refreshed_at = monotonic()

    async def _watch(self) -> None:
        while True:
            try:
                await self.refresh()
            except PyMongoError as error:
                log.warning("not_read", what=self._name, error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)
