"""Publishes a stage's outputs so that none is lost: acknowledged, or published again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.kafka import client_options
from shared.settings import Settings

log = structlog.get_logger(__name__)

ACK_SECONDS: Final = 15
RETRY_SECONDS: Final = 0.5

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record on its way out, encoded; `topic` is the full name."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True, eq=False)
class Sent:
    """A record that a producer has taken; `ack` ends when the broker has it."""

    record: Outgoing
    ack: asyncio.Future[object]
    producer: AIOKafkaProducer

    @property
    def error(self) -> BaseException | None:
        """Why the record cannot count as published, once waiting has ended."""
        if not self.ack.done():
            return TimeoutError("no acknowledgement in time")
        if self.ack.cancelled():
            return ConnectionError("the producer was closed")
        return self.ack.exception()

    @property
    def has_failed(self) -> bool:
        """Whether it is known that the record must be sent again."""
        return self.ack.done() and self.error is not None

    @property
    def has_arrived(self) -> bool:
        """Whether the broker has it."""
        return self.ack.done() and self.error is None


class Publisher:
    """An idempotent producer that a process's partitions share.

    After a failure the producer is made anew, and what was not acknowledged is
    sent again by its owner: repetitions carry the same id, and the next stage
    drops them.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self.failing = ""

    async def send(self, records: Sequence[Outgoing]) -> list[Sent]:
        """Hand records to producers in order, waiting while Kafka is away.

        Their acknowledgements come later: see `acknowledged`.
        """
        sent: list[Sent] = []
        while len(sent) < len(records):
            sent += await self.send_some(records[len(sent) :])
        return sent

    async def send_some(self, records: Sequence[Outgoing]) -> list[Sent]:
        """Hand records to one producer in order: as many as it takes before it fails, if it does.

        A producer that fails is given up: one whose sender has died takes nothing any more.
        """
        sent: list[Sent] = []
        producer: AIOKafkaProducer | None = None
        try:
            producer = await self._started()
            for record in records:
                ack = await producer.send(
                    record.topic, record.value, key=record.key, headers=list(record.headers)
                )
                sent.append(Sent(record, ack, producer))
        except (KafkaError, OSError) as error:
            self._note(error)
            if producer is not None:
                self._retire(producer)
            await asyncio.sleep(RETRY_SECONDS)
        return sent

    async def acknowledged(self, sent: Sequence[Sent]) -> None:
        """Return when the broker has every one of these records, sending again what failed."""
        outbox = Outbox(self)
        outbox.extend(sent)
        await outbox.acknowledged(outbox.unacknowledged())

    def gave_up(self, producer: AIOKafkaProducer) -> bool:
        """Return whether records go out through another producer by now."""
        return producer is not self._producer

    def failed(self, sent: Sent) -> None:
        """Give up the producer that did not get this record to the broker."""
        self._note(sent.error)
        self._retire(sent.producer)

    def succeeded(self) -> None:
        """Note that the broker takes records."""
        self.failing = ""

    def _note(self, error: BaseException | None) -> None:
        if not self.failing:
            log.warning("publishing_failed", error=repr(error))
        self.failing = f"publishing fails: {error!r}"

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._start()
            return self._producer

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **client_options(self._settings),
            enable_idempotence=True,
            acks="all",
            max_batch_size=256 * 1024,
            request_timeout_ms=ACK_SECONDS * 1000,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    def _retire(self, producer: AIOKafkaProducer) -> None:
        """Give a failing producer up. It closes by itself once what it holds has expired."""
        if self._producer is producer:
            self._producer = None
            closing = asyncio.create_task(_close(producer))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def stop(self, seconds: float = ACK_SECONDS) -> None:
        """Close the producer once what it holds was sent, or after so many seconds."""
        if self._producer is not None:
            self._retire(self._producer)
        if self._closing:
            await asyncio.wait(self._closing, timeout=seconds)


class Outbox:
    """What one partition sent and the broker may not have yet; keeps its order.

    Through one producer records of a key arrive in the order they were sent.
    Where a producer was given up, what it still holds comes to its end first,
    and what failed is sent again before anything that follows.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._sent: list[Sent] = []
        self._arrived = 0
        self._sending = asyncio.Lock()

    def extend(self, sent: Sequence[Sent]) -> None:
        """Take charge of records that were sent already."""
        self._sent += sent

    def clear(self) -> None:
        """Forget everything."""
        self._sent.clear()
        self._arrived = 0

    def unacknowledged(self) -> tuple[Sent, ...]:
        """Return what was sent up to now and is not known to have arrived."""
        return tuple(self._sent)

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Hand records to producers in order, waiting while Kafka is away."""
        left = records
        async with self._sending:
            while left:
                while self._is_broken():
                    await self._mend()
                sent = await self._publisher.send_some(left)
                self._sent += sent
                left = left[len(sent) :]

    async def acknowledged(self, sent: Sequence[Sent]) -> None:
        """Return when the broker has these records, sending again what failed."""
        while waiting := [one for one in sent if not one.has_arrived]:
            pending = [one.ack for one in waiting if not one.ack.done()]
            if pending:
                await asyncio.wait(pending, timeout=ACK_SECONDS)
            if any(one.error is not None for one in waiting):
                async with self._sending:
                    await self._mend()
        arrived = set(sent)
        self._sent = [one for one in self._sent if one not in arrived]
        self._arrived = 0
        self._publisher.succeeded()

    def _is_broken(self) -> bool:
        """Return whether something failed, or waits in a producer that was given up."""
        while self._arrived < len(self._sent) and self._sent[self._arrived].has_arrived:
            self._arrived += 1
        return any(
            one.has_failed or self._publisher.gave_up(one.producer)
            for one in islice(self._sent, self._arrived, None)
            if not one.has_arrived
        )

    async def _mend(self) -> None:
        """Send again, in order, whatever did not arrive once every answer is in."""
        pending = [one.ack for one in self._sent if not one.ack.done()]
        if pending:
            await asyncio.wait(pending, timeout=ACK_SECONDS)
        failed = [one for one in self._sent if one.error is not None]
        if failed:
            for one in failed:
                self._publisher.failed(one)
            await asyncio.sleep(RETRY_SECONDS)
            again = await self._publisher.send_some([one.record for one in failed])
            for one, sent in zip(failed, again, strict=False):
                one.ack, one.producer = sent.ack, sent.producer


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, OSError):
        await producer.stop()
