"""Keeps one owned partition running: restarts what failed, gives up what was taken."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog

from shared.cancelling import within
from shared.stream import metrics
from shared.stream.checkpoints import Fenced
from shared.stream.partition import Partition
from shared.stream.workshop import Workshop

log = structlog.get_logger(__name__)

FENCED_SECONDS: Final = 1.0
FAILED_SECONDS: Final = 3.0
SHOWN_SECONDS: Final = 10.0
"""How long a failure is told after it: longer than one that comes again takes to do so."""


class Owned:
    """A partition and the task that runs it."""

    def __init__(self, number: int, workshop: Workshop) -> None:
        self.number = number
        self.partition = Partition(number, workshop)
        self._failure = ""
        self._failed_at = 0.0
        self._stage = workshop.stage.name
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def is_running(self) -> bool:
        """Whether records may be put into the partition's inbox."""
        return self._task is not None and not self._task.done()

    @property
    def problem(self) -> str:
        """Why the partition makes no progress now, or nothing."""
        failing = self._failure and time.monotonic() - self._failed_at < SHOWN_SECONDS
        return self._failure if failing else self.partition.waiting_for

    def start(self) -> None:
        """Begin (or go on) to run the partition in the background."""
        assert not self.is_running
        self._closing = False
        self.partition.open()
        self._task = asyncio.create_task(self._keep_running())

    async def quiesce(self, seconds: float) -> None:
        """Stop with everything flushed; after `seconds`, drop what was not."""
        if self._task is None:
            return
        self._closing = True
        self.partition.close()
        patience = 0 if self.partition.is_restoring else seconds
        if not await within(patience, self._task):
            log.warning("partition_not_drained", stage=self._stage, partition=self.number)
            await self.partition.abandon()
        self._task = None

    async def _keep_running(self) -> None:
        while not self._closing:
            try:
                await self.partition.run()
                return
            except Fenced as error:
                metrics.FENCED.labels(self._stage).inc()
                log.warning("fenced", stage=self._stage, partition=self.number, error=str(error))
                pause = FENCED_SECONDS
            except Exception as error:
                self._failure = f"{type(error).__name__}: {error}"[:300]
                self._failed_at = time.monotonic()
                log.exception("partition_failed", stage=self._stage, partition=self.number)
                self.partition.be_careful()
                pause = FAILED_SECONDS
            await self.partition.abandon()
            if not self._closing:
                await asyncio.sleep(pause)
