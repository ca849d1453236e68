"""One partition number of a stage, from its claim to its loss: restore, fold, flush, sweep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import structlog
from pymongo.errors import PyMongoError

from shared.events import Millis, Topic
from shared.mongo import Database
from shared.settings import Settings
from shared.stream import metrics
from shared.stream.checkpoints import Checkpoint, Checkpoints
from shared.stream.contracts import Clock, Due, Key, Kind, Outcome, Stage
from shared.stream.documents import due_before
from shared.stream.folding import Effects, Folder, Step
from shared.stream.inbox import Inbox
from shared.stream.publisher import Publisher, Sent
from shared.stream.raw import RawRecords
from shared.stream.restoring import rebuild
from shared.stream.tasks import Tasks

log = structlog.get_logger(__name__)
T = TypeVar("T")

CHUNK: Final = 500
SLICE_SECONDS: Final = 0.03
MOST_DUE: Final = 500
DRAIN_SECONDS: Final = 3.0
STUCK_SECONDS: Final = 60.0
RESTORING: Final = "restoring"


class Feed(Protocol):
    """Where a partition's records come from."""

    def rewind(self, number: int, offsets: dict[str, int]) -> None:
        """Go on with the records at these offsets (by topic; a new topic from its start)."""

    def relieve(self, number: int) -> None:
        """Fetch for this partition again: its inbox has room."""


@dataclass(frozen=True)
class Workshop:
    """What the partitions of a process share."""

    stage: Stage
    settings: Settings
    database: Database
    checkpoints: Checkpoints
    publisher: Publisher
    feed: Feed


class Partition:
    """Owns one partition number of the stage's topics.

    `run` restores the state and then folds until `quiesce`; afterwards it may
    `run` again, and keeps its state if nobody has owned it in between.
    """

    def __init__(self, number: int, workshop: Workshop) -> None:
        self.number = number
        self.inbox = Inbox()
        self.waiting_for = RESTORING
        self._shop = workshop
        self._stage = workshop.stage
        self._tasks = Tasks(self._stage.performer, self.inbox.wake)
        self._folder: Folder | None = None
        self._epoch = 0
        self._sent: list[Sent] = []
        self._unflushed = 0
        self._dirty = False
        self._closing = False
        self._flushed_at = self._swept_at = self._progress_at = self._record_at = 0.0

    async def run(self) -> None:
        """Own the partition until `quiesce`. Raises `Fenced` when it was taken away."""
        self.inbox.clear()
        started = time.monotonic()
        folder = await self._restored()
        self._progress_at = self._flushed_at = self._record_at = time.monotonic()
        metrics.RESTORE_SECONDS.labels(self._stage.name).observe(self._progress_at - started)
        self.waiting_for = ""
        self._shop.feed.rewind(self.number, dict(folder.offsets))
        while not self._closing:
            await self.inbox.wait(self._patience(), for_records=not self._tasks.at_capacity)
            await self._turn(folder)
        await self._tasks.drain(DRAIN_SECONDS)
        await self._apply_outcomes(folder)
        await self._flush(folder)

    def open(self) -> None:
        """Allow a `run`."""
        self._closing = False

    def close(self) -> None:
        """Have `run` end after what it is doing now, with everything flushed."""
        self._closing = True
        self.inbox.wake()

    async def abandon(self) -> None:
        """Forget everything since the last flush; a later `run` restores from MongoDB."""
        self._folder = None
        self._sent.clear()
        self._dirty = False
        await self._tasks.cancel()

    @property
    def offsets(self) -> dict[str, int]:
        """The next offset to fold, by topic."""
        return dict(self._folder.offsets) if self._folder is not None else {}

    @property
    def is_restoring(self) -> bool:
        """Whether no record has been folded yet since the assignment."""
        return self.waiting_for == RESTORING

    @property
    def is_stuck(self) -> bool:
        """Whether records wait and nothing moves, though nothing outside is waited for."""
        idle = time.monotonic() - self._progress_at
        return self.inbox.size > 0 and not self.waiting_for and idle > STUCK_SECONDS

    async def _restored(self) -> Folder:
        """Return the state as of the checkpoint: kept if it is still ours, else rebuilt."""
        self.waiting_for = RESTORING
        checkpoints = self._shop.checkpoints
        if self._folder is not None and await self._patiently(
            lambda: checkpoints.still_owned(self.number, self._epoch)
        ):
            return self._folder
        checkpoint = await self._patiently(lambda: checkpoints.claim(self.number))
        for reference in self._stage.references:
            await self._patiently(reference.refresh)
        folder = Folder(self._stage, self._shop.settings, self.number)
        await rebuild(folder, self._stage, self._shop.settings, self.number, checkpoint)
        self._epoch = checkpoint.epoch
        self._folder = folder
        return folder

    async def _turn(self, folder: Folder) -> None:
        """Do once what there is to do."""
        await self._apply_outcomes(folder)
        if not self._tasks.at_capacity:
            taken = self.inbox.take(CHUNK)
            if taken is not None:
                await self._fold(folder, *taken)
            if self.inbox.has_room:
                self._shop.feed.relieve(self.number)
        if self._flush_is_due():
            await self._flush(folder)
        if self._sweep_is_due():
            await self._sweep(folder)

    async def _fold(self, folder: Folder, topic: Topic, records: RawRecords) -> None:
        effects = Effects()
        steps = folder.admit(topic, records, effects)
        await self._apply(folder, steps, effects)
        self._unflushed += len(records)
        self._record_at = time.monotonic()

    async def _apply_outcomes(self, folder: Folder) -> None:
        outcomes = self._tasks.take_outcomes()
        if outcomes:
            await self._apply_inputs(folder, outcomes)

    async def _apply_inputs(self, folder: Folder, items: Sequence[Due | Outcome]) -> None:
        effects = Effects()
        await self._apply(folder, folder.steps(items, effects), effects)

    async def _apply(self, folder: Folder, steps: list[Step], effects: Effects) -> None:
        """Load what the steps read, apply them without holding the loop for long, publish."""
        for reference in self._stage.references:
            await self._patiently(reference.refresh)
        await self._load(folder, [key for step in steps for key in step.keys])
        slice_end = time.monotonic() + SLICE_SECONDS
        for step in steps:
            folder.apply(step, effects)
            if time.monotonic() > slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_SECONDS
        self._dirty = True
        self._sent += await self._shop.publisher.send(effects.outgoing)
        if not self._closing:  # else their leases bring them back
            self._tasks.start(effects.tasks)
        self._progress_at = time.monotonic()

    async def _load(self, folder: Folder, keys: Sequence[Key]) -> None:
        for kind, ids in folder.documents.missing(keys).items():
            found = await self._patiently(lambda kind=kind, ids=ids: self._find(kind, ids))  # type: ignore[misc]
            folder.documents.learn(kind, ids, found)

    async def _find(self, kind: Kind[Any], ids: list[str]) -> dict[str, dict[str, Any]]:
        query = {"_id": {"$in": ids}}
        return {raw["_id"]: raw async for raw in self._shop.database[kind.name].find(query)}

    async def _flush(self, folder: Folder) -> None:
        """Outputs acknowledged first, then documents and checkpoint in one transaction."""
        self._flushed_at = time.monotonic()
        if not self._dirty:
            return
        await self._shop.publisher.acknowledged(self._sent)
        self._sent.clear()
        checkpoint = Checkpoint(self._epoch, folder.offsets, folder.appended)
        changes = folder.documents.changes
        await self._patiently(lambda: self._shop.checkpoints.save(self.number, checkpoint, changes))
        metrics.FLUSHED_DOCUMENTS.labels(self._stage.name).inc(len(changes))
        metrics.FLUSH_SECONDS.labels(self._stage.name).observe(time.monotonic() - self._flushed_at)
        folder.documents.flushed()
        self._unflushed = 0
        self._dirty = False
        self._progress_at = time.monotonic()

    async def _sweep(self, folder: Folder) -> None:
        """Hand the stage its due documents. Flushes first: MongoDB must not lag behind."""
        self._swept_at = time.monotonic()
        await self._flush(folder)
        now = self._now(folder)
        for kind in self._stage.kinds:
            if kind.timed:
                due = await self._patiently(lambda kind=kind: self._find_due(kind, now))  # type: ignore[misc]
                folder.documents.learn(kind, due.keys(), due)
                items = folder.due(kind, due, now)
                if items:
                    await self._apply_inputs(folder, items)
                if len(due) == MOST_DUE:
                    self._swept_at = 0.0

    async def _find_due(self, kind: Kind[Any], now: Millis) -> dict[str, dict[str, Any]]:
        query = due_before(self.number, now)
        cursor = self._shop.database[kind.name].find(query).sort("due_at").limit(MOST_DUE)
        return {raw["_id"]: raw async for raw in cursor}

    def _now(self, folder: Folder) -> Millis:
        """Return what time it is for the partition's timers (see `Clock`)."""
        idle = time.monotonic() - self._record_at > self._shop.settings.idle_seconds
        if self._stage.clock is Clock.WALL or idle:
            return Millis(int(time.time() * 1000))
        return folder.clock

    def _patience(self) -> float:
        """Return for how long there is nothing to do if no record comes."""
        settings = self._shop.settings
        until = [self._swept_at + settings.sweep_seconds if self._has_timers() else float("inf")]
        if self._dirty:
            until.append(self._flushed_at + settings.flush_seconds)
        return max(0.0, min(1.0, min(until) - time.monotonic()))

    def _flush_is_due(self) -> bool:
        settings = self._shop.settings
        late = time.monotonic() - self._flushed_at >= settings.flush_seconds
        return self._dirty and (late or self._unflushed >= settings.flush_records)

    def _sweep_is_due(self) -> bool:
        late = time.monotonic() - self._swept_at >= self._shop.settings.sweep_seconds
        return self._has_timers() and late

    def _has_timers(self) -> bool:
        return any(kind.timed for kind in self._stage.kinds)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a call while MongoDB is away. Every call here may be repeated safely."""
        delay = 0.2
        while True:
            try:
                result = await call()
            except PyMongoError as error:
                if not self.waiting_for.startswith("MongoDB"):
                    log.warning("mongodb_failing", partition=self.number, error=repr(error)[:300])
                self.waiting_for = f"MongoDB: {type(error).__name__}"
                await asyncio.sleep(delay)
                delay = min(delay * 2, 3.0)
            else:
                if self.waiting_for.startswith("MongoDB"):
                    self.waiting_for = ""
                return result
