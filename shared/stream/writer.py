"""Hands a stage what a REST call asks of it: written to Kafka, applied by the partition's owner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka.errors import KafkaError

from shared.events import SCHEMA_VERSION, encode
from shared.settings import Settings
from shared.stream.contracts import Keyed
from shared.stream.publisher import Outgoing, Publisher
from shared.topics import Topic
from shared.web.problems import Unavailable

ACKNOWLEDGE_SECONDS: Final = 4.0
"""Longest wait for Kafka before a request is answered with 503."""


class RecordWriter:
    """Appends single records durably, for routes whose effect belongs to a partition's owner.

    A record may still arrive after `Unavailable`, and a client tries again:
    give the same request the same identity, and it counts once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher = Publisher(settings)

    async def start(self) -> None:
        """Do nothing: the first record connects."""

    async def stop(self) -> None:
        await self._publisher.stop()

    def problems(self) -> list[str]:
        return []  # the stage's own publisher tells how Kafka is

    def stuck(self) -> list[str]:
        return []

    async def write(self, topic: Topic, record: Keyed, traceparent: str = "") -> None:
        """Return when Kafka has the record on enough replicas.

        Raises `Unavailable` when it cannot be reached in time.
        """
        await self.write_all(topic, [record], traceparent)

    async def write_all(
        self, topic: Topic, records: Sequence[Keyed], traceparent: str = ""
    ) -> None:
        """Return when Kafka has all of the records, in this order; as `write` in all else."""
        headers = (
            ("schema", str(SCHEMA_VERSION).encode()),
            ("traceparent", traceparent.encode()),
        )
        name = self._settings.topic(topic)
        out = [Outgoing(name, one.key.encode(), encode(one), headers) for one in records]
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self._publisher.acknowledged(await self._publisher.send(out))
        except (TimeoutError, KafkaError, OSError):
            raise Unavailable("Kafka cannot be reached; try again.") from None
