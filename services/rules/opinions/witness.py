"""Gets opinions: from what was said before, or else from the endpoint, as far as a budget goes."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final
from weakref import WeakValueDictionary

import structlog
from pymongo.errors import PyMongoError

from services.rules import metrics
from services.rules.opinions.endpoint import MOST_CONNECTIONS, Endpoint, Failed
from services.rules.opinions.opinion import AskOpinion, Came, Opinion
from services.rules.opinions.store import OpinionStore

log = structlog.get_logger(__name__)

FIRST_REST_SECONDS: Final = 5.0
LONGEST_REST_SECONDS: Final = 300.0
"""How long an endpoint in trouble is left alone: it doubles with each failure in a row."""


class Witness:
    """A performer of the stage. Whatever goes wrong, there is no opinion, and rules stand.

    It never keeps the stage waiting: what it cannot ask at once it does not ask.
    """

    def __init__(self, endpoint: Endpoint, store: OpinionStore, calls_per_day: int) -> None:
        """Let each tenant ask the endpoint `calls_per_day` times a day (UTC)."""
        self._endpoint = endpoint
        self._store = store
        self._most = calls_per_day
        self._busy = 0
        self._failures = 0
        self._rests_until = 0.0
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        """Nothing is opened before it is needed."""

    async def stop(self) -> None:
        await self._endpoint.close()

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def perform(self, task: AskOpinion) -> Opinion | None:
        """Return what the model says; None where it says nothing, whyever."""
        opinion, came = None, Came.BUSY
        if self._busy < MOST_CONNECTIONS:
            self._busy += 1
            try:
                opinion, came = await self._once(task)
            except PyMongoError as error:
                log.warning("opinion_not_looked_up", error=type(error).__name__)
                came = Came.UNKNOWN
            finally:
                self._busy -= 1
        metrics.OPINIONS.labels(came=came).inc()
        return opinion

    async def _once(self, task: AskOpinion) -> tuple[Opinion | None, Came]:
        """Ask about texts that say the same one after the other: the first is asked for all."""
        key = "/".join((task.event.tenant, *task.names))
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            known = await self._store.known(task.event.tenant, self._endpoint.model, task.names)
            return (known, Came.CACHED) if known is not None else await self._asked(task)

    async def _asked(self, task: AskOpinion) -> tuple[Opinion | None, Came]:
        tenant = task.event.tenant
        if monotonic() < self._rests_until:
            return None, Came.RESTING
        if not await self._store.spend(tenant, self._most):
            return None, Came.SPENT
        try:
            with metrics.OPINION_SECONDS.time():
                opinion = await self._endpoint.ask(task.text)
        except Failed as failure:
            if failure.lasting:
                self._rest(failure)
            return None, failure.why
        self._failures = 0
        await self._store.keep(tenant, task.names, opinion)
        return opinion, Came.ASKED

    def _rest(self, failure: Failed) -> None:
        rest = max(FIRST_REST_SECONDS * 2 ** min(self._failures, 10), failure.rest_seconds)
        self._failures += 1
        self._rests_until = monotonic() + min(rest, LONGEST_REST_SECONDS)
        log.warning("opinions_rest", why=failure.why, seconds=min(rest, LONGEST_REST_SECONDS))
