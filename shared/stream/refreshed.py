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
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> None:
        """Read what changed, if the last look began a second before this call, or earlier.

        Whoever calls during a look goes by it however long it takes: otherwise one
        slow look for each would follow. Raises PyMongo's errors.
        """
        begun_after = monotonic() - REFRESH_SECONDS
        if self._looked(begun_after):
            return
        async with self._refreshing:
            if self._looked(begun_after):
                return
            asked_at = monotonic()
            await self._look()
            self._refreshed_at = asked_at

    async def _look(self) -> None:
        await self._read_changes()

    def _looked(self, after: float) -> bool:
        return self._refreshed_at is not None and self._refreshed_at > after


class Refreshed(Renewed):
    """A component that looks every second, and a reference of a stage.

    While MongoDB is away what was read last stays in force; before the first
    answer there is nothing to go by, and `refresh` raises PyMongo's errors.
    """

    def __init__(self, name: str, read: Callable[[], Awaitable[None]]) -> None:
        super().__init__(read)
        self._name = name
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

    async def _look(self) -> None:
        try:
            await super()._look()
        except PyMongoError as error:
            if self._refreshed_at is None:
                raise
            log.warning("not_refreshed", what=self._name, error=type(error).__name__)

    async def _watch(self) -> None:
        while True:
            try:
                await self.refresh()
            except PyMongoError as error:
                log.warning("not_read", what=self._name, error=type(error).__name__)
            await asyncio.sleep(REFRESH_SECONDS)
