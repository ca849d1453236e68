"""Writes events to Kafka and tells when they are safe; survives Kafka being away."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic, perf_counter
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from structlog import get_logger

from services.ingest.acknowledging import Acknowledgements
from services.ingest.appender import Appender
from services.ingest.metrics import PRODUCE_SECONDS, UNACKNOWLEDGED
from services.ingest.shares import OverShareError, Shares
from shared.cancelling import cancel, cancel_all
from shared.events import SCHEMA_VERSION, BaseEvent, TenantId, encode
from shared.kafka import client_options
from shared.settings import Settings
from shared.topics import Topic
from shared.web.problems import Unavailable

log = get_logger(__name__)

ACKNOWLEDGE_SECONDS: Final = 4.0
"""Longest wait for Kafka before a request is answered with 503."""
PROBE_SECONDS: Final = 1.0
PROBE_TIMEOUT_SECONDS: Final = 3.0
GIVE_UP_SECONDS: Final = 10.0
"""How long a producer may be cut off before a new one looks for the brokers afresh."""
RECONNECT_SECONDS: Final = 0.5
STOP_SECONDS: Final = 5.0
MAX_UNACKNOWLEDGED: Final = 50_000
"""Records in flight beyond which requests are refused; bounds memory while Kafka is slow."""
BATCH_BYTES: Final = 128 * 1024

Outcome = Callable[[Unavailable | None], None]
"""Is told what became of an event: None, Kafka has it; or why it may not have it."""

_SCHEMA: Final = ("schema", str(SCHEMA_VERSION).encode())


class Producer:
    """The idempotent producer of the topic `events`, made anew when it is broken.

    A record that was not acknowledged in time may still arrive later: the
    client that was told 503 sends it again, and it counts once by its identity.
    """

    def __init__(self, settings: Settings) -> None:
        self._options = client_options(settings)
        self._topic = settings.topic(Topic.EVENTS)
        self._producer: AIOKafkaProducer | None = None
        self._appender: Appender | None = None
        self._problem: str | None = "not connected to Kafka yet"
        self._broken = asyncio.Event()
        self._unacknowledged = Shares(MAX_UNACKNOWLEDGED)
        self._acknowledgements = Acknowledgements()
        self._supervisor: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to connect; `problems` tells until it has worked."""
        UNACKNOWLEDGED.set_function(lambda: self._unacknowledged.used)
        self._acknowledgements.start()
        self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Wait, but not long, for what is unacknowledged, and disconnect."""
        await cancel(self._supervisor)
        self._retire()
        if self._retiring:
            _, late = await asyncio.wait(self._retiring, timeout=STOP_SECONDS)
            await cancel_all(late)
        await self._acknowledgements.stop()

    def problems(self) -> list[str]:
        return [] if self._problem is None else [self._problem]

    def stuck(self) -> list[str]:
        supervisor = self._supervisor
        dead = supervisor is not None and supervisor.done()
        return ["the supervisor of the Kafka producer has ended"] if dead else []

    async def publish(self, events: Sequence[BaseEvent], traceparent: str) -> None:
        """Return when Kafka has all of `events`, which are one tenant's, on enough replicas.

        Raises `Unavailable` when it has not, or cannot be reached; then some
        of them may have been written.
        """
        tenant = events[0].tenant
        appender = self._make_room(tenant, len(events))
        started = perf_counter()
        headers = [_SCHEMA, ("traceparent", traceparent.encode())]
        records = [(event.key.encode(), encode(event)) for event in events]
        batches = appender.append(records, headers)
        try:
            # A batch is never cancelled: others' records are in it, and it may be in flight.
            acknowledged, late = await asyncio.wait(batches, timeout=ACKNOWLEDGE_SECONDS)
            for batch in acknowledged:
                batch.result()
        except KafkaError as error:
            self._fail(error)
            raise Unavailable("Kafka refused the events for now.") from None
        finally:
            self._settle(batches, tenant)
        if late:
            log.warning("kafka_timeout", records=len(events))
            raise Unavailable("Kafka did not acknowledge in time.")
        PRODUCE_SECONDS.observe(perf_counter() - started)

    def send(self, event: BaseEvent, traceparent: str, outcome: Outcome) -> None:
        """Have `outcome` told once what becomes of one event: None when Kafka has it.

        Raises `Unavailable` when nothing was done.
        """
        appender = self._make_room(event.tenant, 1)
        headers = [_SCHEMA, ("traceparent", traceparent.encode())]
        batch = appender.append_one(event.key.encode(), encode(event), headers)
        self._acknowledgements.add(batch, _Sending(self, event.tenant, outcome))

    def settled(self, tenant: TenantId, error: BaseException | None) -> None:
        """Count a record that was sent as under way no more."""
        self._unacknowledged.give_back(tenant, 1)
        if error is not None:
            self._fail(error)

    def _make_room(self, tenant: TenantId, records: int) -> Appender:
        """Return what takes records, `records` of which are counted as under way from now."""
        appender = self._appender
        if appender is None or self._problem is not None:
            raise Unavailable("Kafka cannot be reached; nothing was taken.")
        try:
            self._unacknowledged.take(tenant, records)
        except OverShareError:
            raise Unavailable("Too much is under way; try again.", retry_after=1) from None
        return appender

    def _settle(self, batches: Mapping[Future[None], int], tenant: TenantId) -> None:
        """Count as under way what Kafka may still acknowledge, until it has or has not."""
        for batch, records in batches.items():
            if batch.done():
                self._unacknowledged.give_back(tenant, records)
                batch.exception()
            else:
                batch.add_done_callback(partial(self._late, tenant, records))

    def _late(self, tenant: TenantId, records: int, batch: Future[None]) -> None:
        self._unacknowledged.give_back(tenant, records)
        if (error := batch.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """Note that a record was lost to this producer: its sequence numbers have a gap."""
        if not self._broken.is_set():
            log.warning("producer_broken", error=repr(error))
            self._broken.set()

    async def _supervise(self) -> None:
        while True:
            producer = await self._connect()
            self._broken.clear()
            self._producer, self._appender = producer, Appender(producer, self._topic)
            self._problem = None
            log.info("kafka_connected")
            await self._watch(producer)
            self._problem = "the connection to Kafka is being made anew"
            self._retire()

    async def _connect(self) -> AIOKafkaProducer:
        """Return a producer that has found the topic, however long that takes."""
        while True:
            producer = AIOKafkaProducer(
                **self._options,
                enable_idempotence=True,
                acks="all",
                max_batch_size=BATCH_BYTES,
                request_timeout_ms=int(GIVE_UP_SECONDS * 1000),
            )
            try:
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    await producer.start()
                    await producer.partitions_for(self._topic)
            except (KafkaError, OSError, TimeoutError) as error:
                self._problem = f"Kafka or its topic cannot be reached ({type(error).__name__})"
                log.warning("kafka_unreachable", topic=self._topic, error=repr(error))
                await self._discard(producer)
                await asyncio.sleep(RECONNECT_SECONDS)
            except BaseException:
                await self._discard(producer)
                raise
            else:
                return producer

    async def _watch(self, producer: AIOKafkaProducer) -> None:
        """Keep `problems` true until the producer must be replaced."""
        answered = monotonic()
        while not self._broken.is_set():
            if await _answers(producer):
                answered, self._problem = monotonic(), None
            else:
                self._problem = "Kafka does not answer"
                if monotonic() - answered > GIVE_UP_SECONDS:
                    return
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    await self._broken.wait()
            except TimeoutError:
                continue

    def _retire(self) -> None:
        """Let go of the producer; what it still holds ends by itself, sent or expired."""
        producer, self._producer, self._appender = self._producer, None, None
        if producer is not None:
            task = asyncio.create_task(self._discard(producer))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        try:
            await producer.stop()
        except (KafkaError, OSError) as error:
            log.warning("producer_stop_failed", error=repr(error))


class _Sending:
    """One record under way, and who is told what becomes of it."""

    __slots__ = ("_outcome", "_producer", "_started", "_tenant", "deadline")

    def __init__(self, producer: Producer, tenant: TenantId, outcome: Outcome) -> None:
        self._producer = producer
        self._tenant = tenant
        self._outcome: Outcome | None = outcome
        self._started = perf_counter()
        self.deadline = monotonic() + ACKNOWLEDGE_SECONDS

    def settle(self, error: BaseException | None) -> None:
        self._producer.settled(self._tenant, error)
        if error is None:
            PRODUCE_SECONDS.observe(perf_counter() - self._started)
        self._tell(None if error is None else Unavailable("Kafka refused the events for now."))

    def expire(self) -> None:
        log.warning("kafka_timeout", records=1)
        self._tell(Unavailable("Kafka did not acknowledge in time."))

    def _tell(self, problem: Unavailable | None) -> None:
        outcome, self._outcome = self._outcome, None
        if outcome is not None:
            outcome(problem)


async def _answers(producer: AIOKafkaProducer) -> bool:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
            return bool(await asyncio.shield(producer.client.force_metadata_update()))
    except (TimeoutError, KafkaError, OSError):
        return False
