"""One partition number of a stage, from its claim to its loss: restore, fold, flush, sweep."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from shared.events import Millis
from shared.mongo import Document
from shared.stream import metrics
from shared.stream.background import MOST_DUE, Background, Found, Snapshot
from shared.stream.checkpoints import Checkpoint
from shared.stream.contracts import Clock, Due, Key, Kind, Outcome
from shared.stream.folding import Effects, Folder, Step
from shared.stream.inbox import Inbox
from shared.stream.patience import Patience
from shared.stream.publisher import Outbox
from shared.stream.raw import RawRecords
from shared.stream.restoring import rebuild
from shared.stream.tasks import Tasks
from shared.stream.workshop import Workshop
from shared.topics import Topic

CHUNK: Final = 500
SLICE_SECONDS: Final = 0.03
DRAIN_SECONDS: Final = 3.0
STUCK_SECONDS: Final = 60.0
CAREFUL_SECONDS: Final = 60.0
RESTORING: Final = "restoring"


class Partition:
    """Owns one partition number of the stage's topics.

    `run` restores the state and then folds until `quiesce`; afterwards it may
    `run` again, and keeps its state if nobody has owned it in between.
    """

    def __init__(self, number: int, workshop: Workshop) -> None:
        self.number = number
        self.inbox = Inbox()
        self._shop = workshop
        self._stage = workshop.stage
        self._flush_seconds = workshop.settings.flush_seconds * self._stage.leisure
        self._sweep_seconds = workshop.settings.sweep_seconds * self._stage.leisure
        self._tasks = Tasks(self._stage.performer, self.inbox.wake)
        self._patience = Patience(number, RESTORING)
        self._outbox = Outbox(workshop.publisher)
        self._background = Background(
            number, workshop, self._outbox, self._patience, self.inbox.wake
        )
        self._folder: Folder | None = None
        self._epoch = 0
        self._unflushed = 0
        self._dirty = False
        self._closing = False
        self._careful_until = 0.0
        self._due_by = Millis(0)
        self._flushed_at = self._swept_at = self._progress_at = self._record_at = 0.0

    async def run(self) -> None:
        """Own the partition until `quiesce`. Raises `Fenced` when it was taken away."""
        self.inbox.clear()
        started = time.monotonic()
        folder = await self._restored()
        self._progress_at = self._flushed_at = self._record_at = time.monotonic()
        metrics.RESTORE_SECONDS.labels(self._stage.name).observe(self._progress_at - started)
        self._patience.waiting_for = ""
        self._shop.feed.rewind(self.number, dict(folder.offsets))
        while not self._closing:
            await self.inbox.wait(self._idle_seconds(), for_records=self._takes_records)
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
        self._outbox.clear()
        self._dirty = False
        await self._background.cancel()
        await self._tasks.cancel()

    def be_careful(self) -> None:
        """Look for the input that the last run failed of, so that it does not stop this one too.

        What cannot be encoded for MongoDB is seen in a flush only, among
        thousands of changes. For a while every input is tried by itself.
        """
        self._careful_until = time.monotonic() + CAREFUL_SECONDS

    @property
    def offsets(self) -> dict[str, int]:
        """The next offset to fold, by topic."""
        return dict(self._folder.offsets) if self._folder is not None else {}

    @property
    def is_restoring(self) -> bool:
        """Whether no record has been folded yet since the assignment."""
        return self.waiting_for == RESTORING

    @property
    def waiting_for(self) -> str:
        """What outside it waits for, or nothing."""
        return self._patience.waiting_for

    @property
    def is_stuck(self) -> bool:
        """Whether records wait and nothing moves, though nothing outside is waited for."""
        idle = time.monotonic() - self._progress_at
        return self.inbox.size > 0 and not self.waiting_for and idle > STUCK_SECONDS

    async def _restored(self) -> Folder:
        """Return the state as of the checkpoint: kept if it is still ours, else rebuilt."""
        self._patience.waiting_for = RESTORING
        checkpoints = self._shop.checkpoints
        if self._folder is not None and await self._patience.until_answered(
            lambda: checkpoints.still_owned(self.number, self._epoch)
        ):
            return self._folder
        checkpoint = await self._patience.until_answered(lambda: checkpoints.claim(self.number))
        await self._refresh()
        folder = Folder(self._stage, self._shop.settings, self.number)
        await rebuild(folder, self._stage, self._shop.settings, self.number, checkpoint)
        self._epoch = checkpoint.epoch
        self._folder = folder
        return folder

    async def _turn(self, folder: Folder) -> None:
        """Do once what there is to do."""
        if self._background.has_ended or self._is_behind:
            await self._after_errand(folder)
        await self._apply_outcomes(folder)
        if self._takes_records:
            taken = self.inbox.take(CHUNK)
            if taken is not None:
                await self._fold(folder, *taken)
            if self.inbox.has_room:
                self._shop.feed.relieve(self.number)
        if not self._background.is_busy:
            self._begin_errand(folder)

    async def _fold(self, folder: Folder, topic: Topic, records: RawRecords) -> None:
        await self._refresh()
        effects = Effects()
        steps = folder.admit(topic, records, effects)
        await self._apply(folder, steps, effects)
        self._record_at = self._progress_at = time.monotonic()

    async def _apply_outcomes(self, folder: Folder) -> None:
        outcomes = self._tasks.take_outcomes()
        if outcomes:
            await self._apply_inputs(folder, outcomes)
            self._progress_at = time.monotonic()  # timers that go off anew are no progress

    async def _apply_inputs(self, folder: Folder, items: Sequence[Due | Outcome]) -> None:
        await self._refresh()
        effects = Effects()
        await self._apply(folder, folder.steps(items, effects), effects)

    async def _refresh(self) -> None:
        for reference in self._stage.references:
            await self._patience.until_answered(reference.refresh)

    async def _apply(self, folder: Folder, steps: list[Step], effects: Effects) -> None:
        """Load what the steps read, apply them without holding the loop for long, publish."""
        await self._load(folder, [key for step in steps for key in step.keys])
        folder.careful = time.monotonic() < self._careful_until
        slice_end = time.monotonic() + SLICE_SECONDS
        for step in steps:
            folder.apply(step, effects)
            self._unflushed += 1
            if time.monotonic() > slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_SECONDS
        folder.conclude(effects)
        self._dirty = True
        await self._outbox.send(effects.outgoing)
        if not self._closing:  # else their leases bring them back
            self._tasks.start(effects.tasks)

    async def _load(self, folder: Folder, keys: Sequence[Key]) -> None:
        for kind, ids in folder.documents.missing(keys).items():
            folder.documents.learn(kind, ids, await self._find(kind, ids))

    async def _find(self, kind: Kind[Any], ids: list[str]) -> dict[str, Document]:
        async def find() -> dict[str, Document]:
            found = self._shop.database[kind.name].find({"_id": {"$in": ids}})
            return {raw["_id"]: raw async for raw in found}

        return await self._patience.until_answered(find)

    async def _after_errand(self, folder: Folder) -> None:
        """Wait for what the background does; apply the timers that it found due."""
        found = await self._background.take()
        folder.documents.flushed()
        if not self._closing:
            await self._apply_due(folder, found)

    async def _apply_due(self, folder: Folder, found: Found) -> None:
        """Hand the stage the documents that are due, as they are by now."""
        event_time = self._stage.clock is Clock.EVENT
        now = max(self._due_by, folder.clock) if event_time else self._due_by
        for kind, due in found.items():
            items = folder.due(kind, due, now)
            if items:
                await self._apply_inputs(folder, items)
            if len(due) == MOST_DUE:
                self._swept_at = 0.0

    async def _flush(self, folder: Folder) -> None:
        """Write everything down, and wait for it."""
        while self._background.is_busy:
            await self._after_errand(folder)
        if self._dirty:
            self._background.begin(self._snapshot(folder))
            await self._after_errand(folder)

    def _begin_errand(self, folder: Folder) -> None:
        """Have the state written and due documents looked for, if it is time."""
        if self._sweep_is_due():
            self._swept_at = time.monotonic()
            self._due_by = self._now(folder)
            self._background.begin(self._snapshot(folder), self._due_by)
        elif self._flush_is_due():
            self._background.begin(self._snapshot(folder))

    def _snapshot(self, folder: Folder) -> Snapshot | None:
        """Return what is to be written, if anything; folding goes on beside it."""
        self._flushed_at = time.monotonic()
        if not self._dirty:
            return None
        checkpoint = Checkpoint(self._epoch, dict(folder.offsets), dict(folder.appended))
        snapshot = Snapshot(checkpoint, folder.documents.freeze(), self._outbox.unacknowledged())
        self._unflushed = 0
        self._dirty = False
        return snapshot

    def _now(self, folder: Folder) -> Millis:
        """Return what time it is for the partition's timers (see `Clock`)."""
        idle = time.monotonic() - self._record_at > self._shop.settings.idle_seconds
        if self._stage.clock is Clock.WALL or idle:
            return Millis(int(time.time() * 1000))
        return folder.clock

    def _idle_seconds(self) -> float:
        """Return for how long there is nothing to do if no record comes."""
        if self._background.is_busy:
            return 1.0
        until = [self._swept_at + self._sweep_seconds if self._has_timers() else float("inf")]
        if self._dirty:
            until.append(self._flushed_at + self._flush_seconds)
        return max(0.0, min(1.0, min(until) - time.monotonic()))

    @property
    def _takes_records(self) -> bool:
        return not (self._tasks.at_capacity or self._is_behind)

    @property
    def _is_behind(self) -> bool:
        """Whether so much has changed beside the errand that its end is to be waited for."""
        return self._background.is_busy and self._has_much_to_write

    def _flush_is_due(self) -> bool:
        late = time.monotonic() - self._flushed_at >= self._flush_seconds
        return self._dirty and (late or self._has_much_to_write)

    @property
    def _has_much_to_write(self) -> bool:
        """Whether more would make a transaction that MongoDB cannot hold in its cache."""
        settings, folder = self._shop.settings, self._folder
        changed = 0 if folder is None else len(folder.documents.changes)
        return self._unflushed >= settings.flush_records or changed >= settings.flush_documents

    def _sweep_is_due(self) -> bool:
        return self._has_timers() and time.monotonic() - self._swept_at >= self._sweep_seconds

    def _has_timers(self) -> bool:
        return any(kind.timed for kind in self._stage.kinds)
