"""Tasks that a partition's stage asked for, under way in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog

from shared.cancelling import cancel_all
from shared.events import Millis
from shared.stream.contracts import Outcome, Performer

log = structlog.get_logger(__name__)

MOST_TASKS: Final = 1_000


class Tasks:
    """Runs a stage's tasks through its performer and keeps their outcomes until taken."""

    def __init__(self, performer: Performer | None, wake: Callable[[], None]) -> None:
        self._performer = performer
        self._wake = wake
        self._running: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []

    @property
    def at_capacity(self) -> bool:
        """Whether so many tasks are under way that no further records should be folded."""
        return len(self._running) >= MOST_TASKS

    def start(self, tasks: Iterable[Any]) -> None:
        """Begin tasks; returns at once."""
        for task in tasks:
            running = asyncio.create_task(self._run(task))
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    def take_outcomes(self) -> list[Outcome]:
        """Return what has ended since the last call."""
        taken, self._outcomes = self._outcomes, []
        return taken

    async def drain(self, seconds: float) -> None:
        """Wait for what is under way; after `seconds`, cancel the rest (their leases remain)."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=seconds)
        await self.cancel(late)

    async def cancel(self, running: Iterable[asyncio.Task[None]] | None = None) -> None:
        """Cancel tasks (all of them by default) and wait until they have ended."""
        await cancel_all(self._running if running is None else running)

    async def _run(self, task: Any) -> None:
        assert self._performer is not None, "a stage that performs tasks needs a performer"
        try:
            result = await self._performer.perform(task)
        except Exception:
            log.exception("performer_raised", task=type(task).__name__)
            return
        self._outcomes.append(Outcome(task, result, Millis(int(time.time() * 1000))))
        self._wake()
