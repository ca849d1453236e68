"""Cancels tasks so that they do end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_SECONDS: Final = 0.1


async def cancel(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and return once all have ended, however they ended.

    A cancellation can get lost: PyMongo 4's asynchronous calls drop about one in
    twenty, and Python 3.11's `asyncio.wait_for` one that comes together with
    the result. It is repeated until it is heeded.
    """
    await cancel_all(task for task in tasks if task is not None)


async def cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Like `cancel`, for any number of tasks."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)


async def within(seconds: float, task: asyncio.Task[Any]) -> bool:
    """Give a task so many seconds to end, then cancel it; return whether it ended by itself."""
    _, late = await asyncio.wait([task], timeout=seconds)
    await cancel_all(late)
    return not late
