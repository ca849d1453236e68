"""Reads a stretch of a partition's log outside the consumer group, to rebuild recent state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka import client_options
from shared.settings import Settings
from shared.stream.consumers import close
from shared.stream.raw import RawRecords

BATCH: Final = 500


class LogReader:
    """Reads one partition's log through a short-lived consumer without a group.

    `topic` is the full name. Raises Kafka's errors while it is away.
    """

    def __init__(self, settings: Settings, topic: str, partition: int) -> None:
        self._place = TopicPartition(topic, partition)
        self._consumer = AIOKafkaConsumer(
            **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def __aenter__(self) -> LogReader:
        try:
            await self._consumer.start()
        except BaseException:
            await close(self._consumer)
            raise
        self._consumer.assign([self._place])
        return self

    async def __aexit__(self, *_: object) -> None:
        await close(self._consumer)

    async def bounds(self) -> tuple[int, int]:
        """Return the first offset that the log still has, and the one after its last."""
        first = (await self._consumer.beginning_offsets([self._place]))[self._place]
        return int(first), int((await self._consumer.end_offsets([self._place]))[self._place])

    async def start_of(self, end: int, span: int, since: int) -> int:
        """Return from which offset to read so that what lies before `end` is covered.

        Covered are the last `span` records and all that were appended at `since`
        (ms) or later, as far as the log still has them.
        """
        first, _ = await self.bounds()
        start = max(0, end - span)
        times = {self._place: max(0, since)}
        found = (await self._consumer.offsets_for_times(times))[self._place]
        if found is not None:
            start = min(start, found.offset)
        return max(first, int(start))

    async def read(self, start: int, end: int) -> AsyncIterator[RawRecords]:
        """Yield the records with offsets from `start` until before `end`, in batches."""
        self._consumer.seek(self._place, start)
        while start < end:
            fetched = await self._consumer.getmany(self._place, timeout_ms=1_000, max_records=BATCH)
            records = [one for one in fetched.get(self._place, ()) if one.offset < end]
            if records:
                yield records
            start = await self._consumer.position(self._place)
