"""Brings held deliveries back, a few a second, once their endpoint is in force again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import time
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.notify.deliveries import again
from services.notify.directory import Directory
from services.notify.store import DeliveryStore, EndpointStore
from shared.cancelling import cancel
from shared.events import EndpointId, Millis
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.problems import Unavailable

log = structlog.get_logger(__name__)

PERIOD_SECONDS: Final = 1.0


class Drain:
    """A component that looks for held deliveries and asks their owner to attempt them.

    Every replica may run one: the same delivery is asked for under the same
    name, which counts once.
    """

    def __init__(
        self,
        deliveries: DeliveryStore,
        endpoints: EndpointStore,
        directory: Directory,
        writer: RecordWriter,
        per_second: float,
    ) -> None:
        self._deliveries = deliveries
        self._endpoints = endpoints
        self._directory = directory
        self._writer = writer
        self._most = max(1, round(per_second * PERIOD_SECONDS))
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._task)

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def _watch(self) -> None:
        while True:
            with suppress(PyMongoError, Unavailable):  # they are still held a second later
                await self._drain()
            await asyncio.sleep(PERIOD_SECONDS)

    async def _drain(self) -> None:
        ids = await self._deliveries.endpoints_held()
        states = await self._endpoints.states(ids)
        for endpoint in ids:
            known = self._directory.subscriptions.by_id.get(endpoint)
            state = states.get(endpoint)
            if known is not None and (
                not known.enabled
                or not known.is_verified
                or (state is not None and state.since(known.enabled_at).disabled_at is not None)
            ):
                continue
            await self._resume(endpoint)

    async def _resume(self, endpoint: EndpointId) -> None:
        now = Millis(int(time() * 1000))
        held = await self._deliveries.held(endpoint, self._most)
        records = [again(id, one, f"held:{one.held_at}", now, one.trace) for id, one in held]
        await self._writer.write_all(Topic.DELIVERIES, records)
        log.info("held_deliveries_resumed", endpoint=endpoint, count=len(records))
