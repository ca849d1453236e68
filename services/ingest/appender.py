"""Gathers records into batches by partition, and hands them to the producer.

Far cheaper than the producer's own way, which makes a future for every record
and hashes every key anew.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import Future, Task
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

LINGER_SECONDS: Final = 0.002
"""How long the first record of a request to a broker waits for others."""
MOST_KEYS: Final = 50_000
"""Keys whose partition is remembered."""


class Filling(NamedTuple):
    """A batch that still takes records; `done` tells when Kafka has it."""

    partition: int
    builder: Any
    done: Future[None]


class Appender:
    """Appends to one topic through one producer.

    To each broker there is one request at a time; what comes meanwhile goes
    along with the next.
    """

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._partitions: list[int] = []
        self._partition_of: dict[bytes, int] = {}
        self._filling: dict[int, Filling] = {}
        self._waiting: dict[int | None, list[Filling]] = {}
        self._senders: dict[int | None, Task[None]] = {}

    def append(
        self, records: Iterable[tuple[bytes, bytes]], headers: Sequence[tuple[str, bytes]]
    ) -> dict[Future[None], int]:
        """Put keys with values into batches.

        Return the batches, told by what tells that Kafka has them, and how
        many of the records are in each.
        """
        counts: dict[Future[None], int] = {}
        for key, value in records:
            done = self.append_one(key, value, headers)
            counts[done] = counts.get(done, 0) + 1
        return counts

    def append_one(
        self, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> Future[None]:
        """Put one record into a batch; return what tells that Kafka has the batch."""
        partition = self._partition_of.get(key)
        if partition is None:
            partition = self._hash(key)
        batch = self._filling.get(partition) or self._open(partition)
        now = int(time.time() * 1000)
        if batch.builder.append(timestamp=now, key=key, value=value, headers=headers) is None:
            batch = self._open(partition)  # it was full
            batch.builder.append(timestamp=now, key=key, value=value, headers=headers)
        return batch.done

    def _refresh(self) -> None:
        known = self._producer.client.cluster.partitions_for_topic(self._topic) or ()
        if len(known) != len(self._partitions):
            self._partitions = sorted(known)
            self._partition_of.clear()

    def _hash(self, key: bytes) -> int:
        if not self._partitions:
            self._refresh()
        if len(self._partition_of) >= MOST_KEYS:
            self._partition_of.clear()
        partition: int = DefaultPartitioner()(key, self._partitions, self._partitions)
        self._partition_of[key] = partition
        return partition

    def _open(self, partition: int) -> Filling:
        self._refresh()
        loop = asyncio.get_running_loop()
        batch = Filling(partition, self._producer.create_batch(), loop.create_future())
        self._filling[partition] = batch
        place = TopicPartition(self._topic, partition)
        leader = self._producer.client.cluster.leader_for_partition(place)
        self._waiting.setdefault(leader, []).append(batch)
        if leader not in self._senders:
            self._senders[leader] = loop.create_task(self._send_all(leader))
        return batch

    async def _send_all(self, leader: int | None) -> None:
        """Send what waits for a broker until nothing does."""
        await asyncio.sleep(LINGER_SECONDS)
        try:
            while batches := self._waiting.pop(leader, None):
                for batch in batches:
                    if self._filling.get(batch.partition) is batch:
                        del self._filling[batch.partition]
                await asyncio.gather(*map(self._send, batches))
        finally:
            del self._senders[leader]

    async def _send(self, batch: Filling) -> None:
        batch.builder.close()
        try:
            delivered = await self._producer.send_batch(
                batch.builder, self._topic, partition=batch.partition
            )
            await delivered
        except Exception as error:
            batch.done.set_exception(error)
        else:
            batch.done.set_result(None)
