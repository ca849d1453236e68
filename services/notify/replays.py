"""Publishes the deliveries that REST makes: replays."""

from __future__ import annotations

import asyncio
from typing import Final

from aiokafka.errors import KafkaError

from shared.events import SCHEMA_VERSION, Delivery, Topic, encode
from shared.settings import Settings
from shared.stream.publisher import Outgoing, Publisher
from shared.web.problems import Unavailable

ACKNOWLEDGE_SECONDS: Final = 4.0


class Replays:
    """The producer of REST's deliveries; a component of the service."""

    def __init__(self, settings: Settings) -> None:
        self._publisher = Publisher(settings)
        self._topic = settings.topic(Topic.DELIVERIES)

    async def start(self) -> None:
        """Do nothing: it connects when it is first used."""

    async def stop(self) -> None:
        """Disconnect."""
        await self._publisher.stop()

    def problems(self) -> list[str]:
        return []  # the stage's own publisher tells how Kafka is

    def stuck(self) -> list[str]:
        return []

    async def publish(self, delivery: Delivery) -> None:
        """Return when Kafka has the delivery. Raises `Unavailable` when it has not in time.

        It may be delivered all the same then, and once, however often the
        request is repeated.
        """
        outgoing = Outgoing(
            self._topic,
            delivery.key.encode(),
            encode(delivery),
            (
                ("schema", str(SCHEMA_VERSION).encode()),
                ("traceparent", delivery.trace.encode()),
            ),
        )
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self._publisher.acknowledged(await self._publisher.send([outgoing]))
        except (TimeoutError, KafkaError, OSError):
            raise Unavailable("Kafka cannot be reached; try again.") from None
