"""Publishes a stage's outputs so that none is lost: acknowledged, or published again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
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
        """Hand records to the producer in order, waiting while Kafka is away.

        Their acknowledgements come later: see `acknowledged`.
        """
        sent: list[Sent] = []
        while len(sent) < len(records):
            try:
                producer = await self._started()
                for record in records[len(sent) :]:
                    ack = await producer.send(
                        record.topic, record.value, key=record.key, headers=list(record.headers)
                    )
                    sent.append(Sent(record, ack, producer))
            except (KafkaError, OSError) as error:
                self._note(error)
                await asyncio.sleep(RETRY_SECONDS)
        return sent

    async def acknowledged(self, sent: Sequence[Sent]) -> None:
        """Return when the broker has every one of these records, sending again what failed."""
        pending = list(sent)
        while pending:
            await asyncio.wait([one.ack for one in pending], timeout=ACK_SECONDS)
            failed = [one for one in pending if one.error is not None]
            for one in failed:
                self._note(one.error)
                self._retire(one.producer)
            if failed:
                await asyncio.sleep(RETRY_SECONDS)
            pending = await self.send([one.record for one in failed])
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


async def _close(producer: AIOKafkaProducer) -> None:
    with suppress(KafkaError, OSError):
        await producer.stop()
