"""Tells each of many senders when Kafka has its record, or that this takes too long.

One callback a batch and one clock for all: a time-out for each request cost
more than everything else about it.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from time import monotonic
from typing import Final, Protocol

from shared.cancelling import cancel

SWEEP_SECONDS: Final = 0.25
"""How much later than its time a sender may be told that it takes too long."""


class Waiter(Protocol):
    """Who wants to know what became of a record."""

    deadline: float
    """Until when it waits, by the monotonic clock."""

    def settle(self, error: BaseException | None) -> None:
        """Kafka has the record (None), or will never have it. Called once."""

    def expire(self) -> None:
        """Kafka has not said anything in time. `settle` is called later all the same."""


class Acknowledgements:
    """Who waits for which batch."""

    def __init__(self) -> None:
        self._waiting: dict[Future[None], list[Waiter]] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._sweeping = asyncio.create_task(self._keep_sweeping())

    async def stop(self) -> None:
        """Stop telling of time-outs; what Kafka says is still told."""
        await cancel(self._sweeping)

    def add(self, batch: Future[None], waiter: Waiter) -> None:
        """Have `waiter` told what becomes of `batch`."""
        waiters = self._waiting.get(batch)
        if waiters is None:
            waiters = self._waiting[batch] = []
            batch.add_done_callback(self._settle)
        waiters.append(waiter)

    def sweep(self, now: float) -> None:
        """Tell those that it takes too long who have waited until `now`."""
        for waiters in self._waiting.values():
            for waiter in waiters:
                if waiter.deadline <= now:
                    waiter.deadline = float("inf")
                    waiter.expire()

    def _settle(self, batch: Future[None]) -> None:
        error = batch.exception()
        for waiter in self._waiting.pop(batch):
            waiter.settle(error)

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep(monotonic())
