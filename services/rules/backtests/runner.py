"""Runs backtests one at a time, beside the stage, on a quarter of a core."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from time import monotonic
from typing import Final

import msgspec
import structlog
from aiokafka.errors import KafkaError
from msgspec import Struct
from pymongo.errors import PyMongoError

from services.rules.backtests.job import MOST_EVENTS, Job, State
from services.rules.backtests.merging import in_order
from services.rules.backtests.replay import Backtest, across_groups, warm_up
from services.rules.backtests.store import BacktestStore
from services.rules.pack import PackError
from services.rules.rule_sets.catalog import Catalog
from services.rules.word_lists.lists import KnownLists, WordLists
from shared.cancelling import cancel
from shared.events import BaseEvent, Event, Millis, TenantId
from shared.settings import Settings
from shared.stream.log_reader import LogReader
from shared.topics import Topic

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 2.0
SLICE_SECONDS: Final = 0.01
IDLE_SLICES: Final = 3
"""Rests after each slice of work, as long as it: live records come first."""
TELL_SECONDS: Final = 5.0
_DECODER: Final = msgspec.json.Decoder(Event)


class Lost(Exception):
    """Another process runs the backtest now."""


class Runner:
    """Takes backtests from the queue; one that was left behind is begun again.

    Events come from the log, as long as it keeps them.
    """

    def __init__(
        self, store: BacktestStore, catalog: Catalog, settings: Settings, lists: WordLists
    ) -> None:
        self._lists = lists
        self._store = store
        self._catalog = catalog
        self._settings = settings
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for backtests."""
        self._running = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._running)

    def problems(self) -> list[str]:
        if self._running is not None and self._running.done():
            return ["nobody runs backtests any more"]
        return []

    def stuck(self) -> list[str]:
        return []

    async def _watch(self) -> None:
        while True:
            try:
                job = await self._store.claim()
                if job is not None:
                    await self._finish(job)
                    continue
            except (PyMongoError, KafkaError, OSError, Lost) as error:
                log.warning("backtest_interrupted", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _finish(self, job: Job) -> None:
        """Run a backtest to its end; one that fails says why, and the next one goes on."""
        try:
            await self._run(job)
        except (PyMongoError, KafkaError, OSError, Lost):
            raise
        except Exception as error:
            log.exception("backtest_failed", version=job.version)
            told = error.message if isinstance(error, PackError) else repr(error)[:500]
            await self._store.tell(job, {"state": State.FAILED, "error": told})

    async def _run(self, job: Job) -> None:
        candidate = job.pack()
        settled = self._catalog.of(job.tenant).pack
        lists = self._lists_of(job.tenant)
        backtest = Backtest(settled, candidate, job.start, lists, job.groups)
        since = job.start - warm_up((settled, candidate))
        parts = [[number] for number in range(self._settings.partitions)]
        groups = job.groups
        if across_groups((settled, candidate)):
            parts, groups = [[number for (number,) in parts]], []
        for done, numbers in enumerate(parts):
            logs = [self._events(job, groups, number, since) for number in numbers]
            async with aclosing(in_order(logs)) as events:
                await self._fold(job, _Share(done, len(parts), since, job.end), events, backtest)
        report = backtest.report()
        fields = {"state": State.DONE, "progress": 1.0, "events": report.events, "report": report}
        await self._store.tell(job, fields)
        log.info("backtest_done", version=job.version, events=report.events)

    def _lists_of(self, tenant: TenantId) -> WordLists:
        """Return a tenant's lists as they are now: they stay so for the whole of a backtest."""
        found = self._lists.of(tenant)
        return KnownLists({} if found is None else {tenant: found})

    async def _fold(
        self, job: Job, share: _Share, events: AsyncIterator[BaseEvent], backtest: Backtest
    ) -> None:
        pace = _Pace()
        async for event in events:
            if backtest.events >= MOST_EVENTS:
                return
            try:
                backtest.see(event)
            except Exception as error:  # live, it would be a dead letter
                log.warning("backtest_skips", event=event.id, error=type(error).__name__)
            if await pace.rest():
                told = {"progress": share.progress(event.time), "events": backtest.events}
                if not await self._store.tell(job, told):
                    raise Lost

    async def _events(
        self, job: Job, groups: list[str], partition: int, since: int
    ) -> AsyncGenerator[BaseEvent, None]:
        """Yield the tenant's events of the span, of these or all groups, in the log's order."""
        topic = self._settings.topic(Topic.EVENTS)
        async with LogReader(self._settings, topic, partition) as reader:
            _, end = await reader.bounds()
            start = await reader.start_of(end, 0, since)
            async for records in reader.read(start, end):
                for raw in records:
                    event = _event(raw.value or b"")
                    if event is not None and _wanted(event, job, groups, since):
                        yield event
                await asyncio.sleep(0)


def _event(body: bytes) -> BaseEvent | None:
    try:
        event: BaseEvent = _DECODER.decode(body)
    except msgspec.MsgspecError:  # it is a dead letter
        return None
    return event


def _wanted(event: BaseEvent, job: Job, groups: list[str], since: int) -> bool:
    return (
        event.tenant == job.tenant
        and since <= event.time < job.end
        and (not groups or event.group in groups)
    )


class _Share(Struct, frozen=True):
    """A stretch of the work: number `done` of so many, each about the same span of time."""

    done: int
    of: int
    since: int
    until: int

    def progress(self, time: Millis) -> float:
        """Return how much of the whole is done once events of this time are reached."""
        reached = (time - self.since) / max(self.until - self.since, 1)
        return round((self.done + min(max(reached, 0.0), 1.0)) / self.of, 3)


class _Pace:
    """Works in slices, and rests between them."""

    def __init__(self) -> None:
        self._began = self._told_at = monotonic()

    async def rest(self) -> bool:
        """Rest if the slice is over; return whether it is time to tell how it goes."""
        worked = monotonic() - self._began
        if worked < SLICE_SECONDS:
            return False
        await asyncio.sleep(IDLE_SLICES * worked)
        self._began = monotonic()
        if self._began - self._told_at < TELL_SECONDS:
            return False
        self._told_at = self._began
        return True
