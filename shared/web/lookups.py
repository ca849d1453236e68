"""Answers from MongoDB, remembered for a moment, and for longer while MongoDB is away."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, Generic, TypeVar

from pymongo.errors import ConnectionFailure
from structlog import get_logger

log = get_logger(__name__)

V = TypeVar("V")

PATIENCE_SECONDS: Final = 0.5
"""How long a request waits for MongoDB when an older answer could do."""
EARLY: Final = 0.2
"""In which last part of its time an answer is asked for again before anybody has to wait."""
RETRY_SECONDS: Final = 5.0
"""How long an older answer is used without asking, once MongoDB has not answered."""


class Lookups(Generic[V]):
    """A bounded memory in front of a question.

    An answer is fresh for `fresh_seconds`. Then it is asked for again; if
    MongoDB cannot be reached, the older answer stays good. Requests for the
    same key share one question. A question that raises `LookupError` makes
    the older answer forgotten.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[V]], fresh_seconds: float, capacity: int = 10_000
    ) -> None:
        self._ask = ask
        self._fresh_seconds = fresh_seconds
        self._capacity = capacity
        self._answers: OrderedDict[str, tuple[V, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[V]] = {}

    def fresh(self, key: str) -> V | None:
        """Return the answer for `key` if it is fresh.

        One that soon is not is asked for again meanwhile.
        """
        known = self._answers.get(key)
        left = 0.0 if known is None else known[1] - monotonic()
        if known is None or left <= 0:
            return None
        if left < self._fresh_seconds * EARLY:
            self._question(key)
        return known[0]

    async def get(self, key: str) -> V:
        """Return the answer for `key`.

        Raises what the question raises; PyMongo's connection errors only where
        there is no older answer.
        """
        known = self._answers.get(key)
        if known is not None and monotonic() < known[1]:
            self._answers.move_to_end(key)
            return known[0]
        question = self._question(key)
        if known is None:
            return await asyncio.shield(question)
        await asyncio.wait({question}, timeout=PATIENCE_SECONDS)
        if question.done() and not isinstance(question.exception(), ConnectionFailure):
            return question.result()
        log.warning("answer_unconfirmed", reason="MongoDB does not answer")
        self.put(key, known[0], RETRY_SECONDS)
        return known[0]

    def put(self, key: str, answer: V, fresh_seconds: float | None = None) -> None:
        """Remember an answer that is known without asking."""
        seconds = self._fresh_seconds if fresh_seconds is None else fresh_seconds
        self._answers[key] = (answer, monotonic() + seconds)
        self._answers.move_to_end(key)
        if len(self._answers) > self._capacity:
            self._answers.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget the answer, because it has changed."""
        self._answers.pop(key, None)

    def _question(self, key: str) -> asyncio.Task[V]:
        question = self._asking.get(key)
        if question is None:
            question = asyncio.create_task(self._learn(key))
            self._asking[key] = question
            question.add_done_callback(lambda _: self._asking.pop(key, None))
            question.add_done_callback(_retrieve)
        return question

    async def _learn(self, key: str) -> V:
        try:
            answer = await self._ask(key)
        except LookupError:
            self.drop(key)
            raise
        self.put(key, answer)
        return answer


def _retrieve(question: asyncio.Task[V]) -> None:
    """Mark a failure as seen: the requests that waited for it may be gone."""
    if not question.cancelled():
        question.exception()
