"""Watches how many deliveries are overdue."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import time
from typing import Final

from pymongo.errors import PyMongoError

from services.notify import metrics
from services.notify.store import DeliveryStore
from shared.ending import end
from shared.events import Millis

PERIOD_SECONDS: Final = 10.0
MOST_COUNTED: Final = 10_000


class Backlog:
    """A component that keeps the gauge of overdue deliveries, of all partitions."""

    def __init__(self, store: DeliveryStore, partitions: int) -> None:
        self._store = store
        self._partitions = partitions
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await end(self._task)

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def _watch(self) -> None:
        while True:
            now = Millis(int(time() * 1000))
            with suppress(PyMongoError):  # the gauge stays as it is while MongoDB is away
                metrics.BACKLOG.set(await self._store.due(now, self._partitions, MOST_COUNTED))
            await asyncio.sleep(PERIOD_SECONDS)
