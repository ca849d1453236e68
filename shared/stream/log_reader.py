"""Reads a stretch of a partition's log outside the consumer group, to rebuild recent state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka import client_options
from shared.settings import Settings
from shared.stream.raw import RawRecords

BATCH: Final = 500


class LogReader:
    """Reads any stretch of the topics' logs; one short-lived consumer without a group."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = AIOKafkaConsumer(
            **client_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def __aenter__(self) -> LogReader:
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def start_of(self, topic: str, partition: int, end: int, span: int, since: int) -> int:
        """Return from which offset to read so that what lies before `end` is covered.

        Covered are the last `span` records and all that were appended at `since`
        (ms) or later, as far as the log still has them.
        """
        place = TopicPartition(topic, partition)
        first = (await self._consumer.beginning_offsets([place]))[place]
        start = max(0, end - span)
        found = (await self._consumer.offsets_for_times({place: max(0, since)}))[place]
        if found is not None:
            start = min(start, found.offset)
        return int(max(first, start))

    async def read(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[RawRecords]:
        """Yield the records with offsets from `start` until before `end`, in batches."""
        place = TopicPartition(topic, partition)
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        while start < end:
            fetched = await self._consumer.getmany(place, timeout_ms=1_000, max_records=BATCH)
            records = [record for record in fetched.get(place, ()) if record.offset < end]
            if records:
                yield records
            start = await self._consumer.position(place)
