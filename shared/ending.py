"""Ends background tasks so that ending always works."""

from __future__ import annotations

import asyncio
from typing import Any, Final

AGAIN_SECONDS: Final = 0.5


async def end(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task, and return once it has ended; raise what it raised, if anything.

    Before Python 3.12 `asyncio.wait_for` loses a cancellation that comes in the
    very moment in which what it waits for is there (python/cpython#86296).
    PyMongo sends each command through it, so one cancellation in fifty of a
    task that is busy with MongoDB is lost: it is asked for until it is heeded.
    """
    if task is None:
        return
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_SECONDS)
    if not task.cancelled():
        task.result()
