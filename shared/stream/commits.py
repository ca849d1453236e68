"""Tells Kafka's own tools where a consumer is, and sees by that whether Kafka answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaConnectionError, KafkaError

COMMIT_SECONDS: Final = 3.0
GIVE_UP_SECONDS: Final = 45.0
"""How long Kafka may leave a consumer without an answer before another takes its place.

aiokafka 0.14's keeper of metadata dies of uvloop's `RuntimeError` when it writes to a connection
that was just closed. Then its consumer never finds the group's coordinator again, takes itself
for a member still, and fetches what others own by now.
"""


class Commits:
    """The commits of one consumer at a time. State does not depend on them: see `Checkpoints`."""

    def __init__(self) -> None:
        self.problem = ""
        """Why the latest one did not get through; empty if it did."""
        self._answered_at = 0.0

    def begin(self) -> None:
        """Take it that Kafka answers until it does not: for a new consumer."""
        self._is_answered("")

    async def tell(self, consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit offsets. Raises `KafkaConnectionError` where Kafka has not answered for long."""
        if not offsets:
            self._is_answered(self.problem)
            return
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await consumer.commit(dict(offsets))
            self._is_answered("")
        except CommitFailedError as error:  # the group rebalances, says the coordinator
            self._is_answered(f"not committed: {error!r}")
        except (KafkaError, TimeoutError) as error:
            self.problem = f"Kafka does not answer: {error!r}"
            silent = monotonic() - self._answered_at
            if silent > GIVE_UP_SECONDS:
                raise KafkaConnectionError(f"no answer to commits for {silent:.0f} s") from None

    def _is_answered(self, problem: str) -> None:
        self.problem, self._answered_at = problem, monotonic()
