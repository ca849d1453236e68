"""The consumer runtime that every stage runs on: joins the group, owns partitions, feeds them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from shared.cancelling import within
from shared.kafka import client_options
from shared.mongo import Client
from shared.settings import Settings
from shared.stream import metrics
from shared.stream.checkpoints import Checkpoints
from shared.stream.commits import Commits
from shared.stream.consumers import close
from shared.stream.contracts import Stage
from shared.stream.owned import Owned
from shared.stream.publisher import Publisher
from shared.stream.topics import TopicsNotReady, check_topics
from shared.stream.workshop import Workshop

log = structlog.get_logger(__name__)

SESSION_MS: Final = 10_000
REBALANCE_MS: Final = 60_000
QUIESCE_SECONDS: Final = 30.0
POLL_MS: Final = 200
MOST_RECORDS: Final = 2_000
REPORT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 2.0


class Runtime:
    """Runs a stage in this process, as one member of the stage's consumer group.

    A member owns partition number n of all of the stage's topics, or of none:
    the topics have equally many partitions and the range assignor deals them
    out alike. Start and stop it with the service; ask `problems` for readiness
    and `stuck` for liveness.
    """

    def __init__(self, stage: Stage, settings: Settings, client: Client) -> None:
        self._stage = stage
        self._settings = settings
        self._topics = {settings.topic(topic): topic for topic in stage.topics}
        database = client[settings.database]
        owner = settings.instance or "dynamic"
        self._publisher = Publisher(settings)
        self._workshop = Workshop(
            stage,
            settings,
            database,
            Checkpoints(client, database, stage.name, owner),
            self._publisher,
            self,
        )
        self._owned: dict[int, Owned] = {}
        self._parked: dict[int, Owned] = {}
        self._expected: dict[TopicPartition, int] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._main: asyncio.Task[None] | None = None
        self._stopping = False
        self._joined = False
        self._problem = "not started"
        self._commits = Commits()
        self._reported_at = 0.0

    async def start(self) -> None:
        """Join the group in the background; Kafka and MongoDB may still be away."""
        self._main = asyncio.create_task(self._keep_consuming())

    async def stop(self) -> None:
        """Drain, flush and leave the group, within the grace time whatever is away."""
        self._stopping = True
        grace = self._settings.grace_seconds
        if self._main is not None:
            await within(grace * 0.8, self._main)
        await self._publisher.stop(grace * 0.2)

    def problems(self) -> list[str]:
        """Return why the stage cannot do its work now; nothing when it can."""
        found = [problem for problem in (self._problem, self._commits.problem) if problem]
        if not self._joined:
            found.append("has not joined the consumer group")
        if self._publisher.failing:
            found.append(self._publisher.failing)
        found += [
            f"partition {number}: {one.problem}"
            for number, one in self._owned.items()
            if one.problem
        ]
        return [f"{self._stage.name}: {problem}" for problem in found]

    def stuck(self) -> list[str]:
        """Return what only a restart can help: no progress though all it needs is there."""
        found = [
            f"{self._stage.name}: partition {number} makes no progress"
            for number, one in self._owned.items()
            if one.partition.is_stuck
        ]
        if self._main is not None and self._main.done() and not self._stopping:
            found.append(f"{self._stage.name}: the consumer loop has ended")
        return found

    # What partitions ask for (partition.Feed).

    def rewind(self, number: int, offsets: dict[str, int]) -> None:
        """Go on with the records at these offsets, by topic."""
        if self._consumer is None:
            return
        for name, topic in self._topics.items():
            place = TopicPartition(name, number)
            if place in self._consumer.assignment():
                self._expected[place] = offsets.get(topic, 0)
                self._consumer.seek(place, offsets.get(topic, 0))
                self._consumer.resume(place)

    def relieve(self, number: int) -> None:
        """Fetch for this partition again."""
        if self._consumer is not None:
            paused = self._consumer.paused()
            places = [TopicPartition(name, number) for name in self._topics]
            self._consumer.resume(*(place for place in places if place in paused))

    # The consumer loop.

    async def _keep_consuming(self) -> None:
        while not self._stopping:
            try:
                await self._consume()
            except (KafkaError, OSError, TopicsNotReady) as error:
                self._problem = f"Kafka: {error}" if str(error) else f"Kafka: {error!r}"
                log.warning("consuming_failed", stage=self._stage.name, error=repr(error))
            except Exception as error:
                self._problem = repr(error)
                log.exception("consuming_failed", stage=self._stage.name)
            finally:
                await self._leave()
            if not self._stopping:
                await asyncio.sleep(RETRY_SECONDS)

    async def _consume(self) -> None:
        await check_topics(self._settings, self._topics)
        consumer = self._consumer = self._new_consumer()
        await consumer.start()
        consumer.subscribe(list(self._topics), listener=_Listener(self))
        self._problem = ""
        self._commits.begin()
        while not self._stopping:
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            for place, records in fetched.items():
                await self._hand_over(consumer, place, records)
            await self._report(consumer)
            if self._stage.gathering and sum(map(len, fetched.values())) < MOST_RECORDS:
                await asyncio.sleep(self._stage.gathering.total_seconds())

    def _new_consumer(self) -> AIOKafkaConsumer:
        instance = self._settings.instance
        return AIOKafkaConsumer(
            **client_options(self._settings),
            group_id=self._settings.topic(self._stage.name),
            group_instance_id=f"{self._stage.name}-{instance}" if instance else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 5,
            rebalance_timeout_ms=REBALANCE_MS,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )

    async def _hand_over(
        self, consumer: AIOKafkaConsumer, place: TopicPartition, records: list[ConsumerRecord]
    ) -> None:
        """Put fetched records into their partition's inbox, in unbroken order."""
        owned = self._owned.get(place.partition)
        expected = self._expected.get(place)
        if owned is None or not owned.is_running or expected is None:
            return
        records = [record for record in records if record.offset >= expected]
        if not records:
            return
        if records[0].offset > expected and not await self._has_expired(consumer, place, expected):
            log.warning("gap_in_fetch", topic=place.topic, partition=place.partition)
            consumer.seek(place, expected)
            return
        self._expected[place] = records[-1].offset + 1
        owned.partition.inbox.put(self._topics[place.topic], records)
        if owned.partition.inbox.is_full:
            names = [TopicPartition(name, place.partition) for name in self._topics]
            consumer.pause(*(name for name in names if name in consumer.assignment()))

    async def _has_expired(
        self, consumer: AIOKafkaConsumer, place: TopicPartition, expected: int
    ) -> bool:
        """Return whether a gap is because Kafka has deleted the records; if so, count them."""
        first = (await consumer.beginning_offsets([place]))[place]
        if first <= expected:
            return False
        lost = first - expected
        log.error("records_expired", topic=place.topic, partition=place.partition, count=lost)
        metrics.LOST_LOG.labels(self._stage.name, self._topics[place.topic]).inc(lost)
        return True

    async def _report(self, consumer: AIOKafkaConsumer) -> None:
        """Tell lag and ownership now and then: metrics, and offsets for Kafka's own tools."""
        if time.monotonic() - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = time.monotonic()
        buffered = sum(one.partition.inbox.size for one in self._owned.values())
        metrics.BUFFERED.labels(self._stage.name).set(buffered)
        commits: dict[TopicPartition, int] = {}
        for place in consumer.assignment():
            topic = self._topics[place.topic]
            owned = self._owned.get(place.partition)
            offset = owned.partition.offsets.get(topic) if owned is not None else None
            end = consumer.highwater(place)
            if offset is None:
                continue
            commits[place] = offset
            if end is not None:
                lag = max(0, end - offset)
                metrics.LAG.labels(self._stage.name, topic, str(place.partition)).set(lag)
        await self._commits.tell(consumer, commits)

    async def _leave(self) -> None:
        await self.revoke(list(self._owned))
        self._joined = False
        self._commits.begin()
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await close(consumer)

    # What the group decides.

    async def revoke(self, numbers: Iterable[int]) -> None:
        """Stop these partitions with everything flushed; keep their state for a return."""
        leaving = [self._owned.pop(number) for number in numbers if number in self._owned]
        budget = min(QUIESCE_SECONDS, self._settings.grace_seconds * 0.5)
        await asyncio.gather(*(one.quiesce(budget) for one in leaving))
        self._parked.update({one.number: one for one in leaving})
        metrics.OWNED.labels(self._stage.name).set(len(self._owned))

    def assign(self, places: Iterable[TopicPartition]) -> None:
        """Start the partitions that this member owns from now on."""
        if self._consumer is None:
            return  # it is leaving the group
        places = set(places)
        self._consumer.pause(*places)
        self._expected.clear()
        numbers = {place.partition for place in places}
        for number in sorted(numbers):
            owned = self._parked.pop(number, None) or Owned(number, self._workshop)
            self._owned[number] = owned
            owned.start()
        self._parked.clear()
        uneven = len(places) != len(numbers) * len(self._topics)
        self._problem = "the group deals the topics out unevenly" if uneven else ""
        self._joined = True
        metrics.OWNED.labels(self._stage.name).set(len(self._owned))
        log.info("assigned", stage=self._stage.name, partitions=sorted(numbers))


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the runtime what the group decided; aiokafka would swallow what is raised here."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        try:
            await self._runtime.revoke({place.partition for place in revoked})
        except Exception:
            log.exception("revocation_failed")

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        try:
            self._runtime.assign(assigned)
        except Exception:
            log.exception("assignment_failed")
