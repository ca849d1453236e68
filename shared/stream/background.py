"""What a partition has MongoDB do while it folds on: write its state, look for due timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from pymongo.errors import PyMongoError

from shared.cancelling import cancel
from shared.events import Millis
from shared.mongo import Document
from shared.stream import metrics
from shared.stream.checkpoints import Checkpoint
from shared.stream.contracts import Key, Kind
from shared.stream.documents import due_before
from shared.stream.patience import Patience
from shared.stream.publisher import Outbox, Sent
from shared.stream.workshop import Workshop

log = structlog.get_logger(__name__)

MOST_DUE: Final = 500

Found = Mapping[Kind[Any], dict[str, Document]]
"""Due documents, by kind and id."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A partition's state between two batches: what changed, and what led to it going out."""

    checkpoint: Checkpoint
    changes: Mapping[Key, Any]
    sent: Sequence[Sent]


class Background:
    """Does one errand at a time: a flush, or a sweep, which begins with a flush.

    While a sweep looks, nothing else of this partition is written: what it
    found is as MongoDB has it until `take` hands it over.
    """

    def __init__(
        self,
        number: int,
        shop: Workshop,
        outbox: Outbox,
        patience: Patience,
        wake: Callable[[], None],
    ) -> None:
        self._number = number
        self._shop = shop
        self._outbox = outbox
        self._patience = patience
        self._wake = wake
        self._errand: asyncio.Task[Found] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an errand was begun and not yet taken."""
        return self._errand is not None

    @property
    def has_ended(self) -> bool:
        """Whether an errand waits to be taken."""
        return self._errand is not None and self._errand.done()

    def begin(self, snapshot: Snapshot | None, due_by: Millis | None = None) -> None:
        """Write the snapshot, if any; then find what is due by a moment, if one is given."""
        assert self._errand is None
        self._errand = asyncio.create_task(self._run(snapshot, due_by))
        self._errand.add_done_callback(lambda _: self._wake())

    async def take(self) -> Found:
        """Wait for the errand's end; return what is due. Raises `Fenced` for a lost partition."""
        assert self._errand is not None
        try:
            return await self._errand
        finally:
            if self._errand.done():
                self._errand = None

    async def cancel(self) -> None:
        """End the errand, whatever it has come to."""
        errand, self._errand = self._errand, None
        await cancel(errand)

    async def _run(self, snapshot: Snapshot | None, due_by: Millis | None) -> Found:
        if snapshot is not None:
            await self._write(snapshot)
        if due_by is None:
            return {}
        timed = [kind for kind in self._shop.stage.kinds if kind.timed]
        return {kind: await self._due(kind, due_by) for kind in timed}

    async def _write(self, snapshot: Snapshot) -> None:
        """Outputs acknowledged first, then documents and checkpoint in one transaction."""
        started = time.monotonic()
        await self._outbox.acknowledged(snapshot.sent)
        await self._save(snapshot)
        stage = self._shop.stage.name
        metrics.FLUSHED_DOCUMENTS.labels(stage).inc(len(snapshot.changes))
        metrics.FLUSH_SECONDS.labels(stage).observe(time.monotonic() - started)

    async def _save(self, snapshot: Snapshot) -> None:
        """Write the snapshot; once MongoDB rolls a flush back, one after the other.

        It does so where what is not committed yet does not fit into its cache: flushes
        that are repeated together would go on rolling each other back.
        """
        save = partial(
            self._shop.checkpoints.save, self._number, snapshot.checkpoint, snapshot.changes
        )
        if not self._shop.alone.locked():
            try:
                await save()
            except PyMongoError as error:
                metrics.REPEATED_FLUSHES.labels(self._shop.stage.name).inc()
                log.warning("flush_repeated", partition=self._number, error=repr(error)[:300])
            else:
                return
        self._patience.waiting_for = "MongoDB: flushes one after the other"
        async with self._shop.alone:
            await self._patience.until_answered(save)

    async def _due(self, kind: Kind[Any], moment: Millis) -> dict[str, Document]:
        async def find() -> dict[str, Document]:
            query = due_before(self._number, moment)
            cursor = self._shop.database[kind.name].find(query).sort("due_at").limit(MOST_DUE)
            return {raw["_id"]: raw async for raw in cursor}

        return await self._patience.until_answered(find)
