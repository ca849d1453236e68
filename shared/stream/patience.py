"""Waits out MongoDB's absence: a call is repeated until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from pymongo.errors import PyMongoError

log = structlog.get_logger(__name__)
T = TypeVar("T")

FIRST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 3.0


class Patience:
    """One partition's; `waiting_for` tells what it waits for now, or nothing."""

    def __init__(self, number: int, waiting_for: str) -> None:
        self.waiting_for = waiting_for
        self._number = number

    async def until_answered(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what a call returns, repeating it while MongoDB is away.

        So it must be safe to repeat: also after one whose answer was lost.
        """
        delay = FIRST_SECONDS
        while True:
            try:
                result = await call()
            except PyMongoError as error:
                if not self.waiting_for.startswith("MongoDB"):
                    log.warning("mongodb_failing", partition=self._number, error=repr(error)[:300])
                self.waiting_for = f"MongoDB: {type(error).__name__}"
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_SECONDS)
            else:
                if self.waiting_for.startswith("MongoDB"):
                    self.waiting_for = ""
                return result
