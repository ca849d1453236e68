"""Closes consumers so that closing always ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.cancelling import within

CLOSE_SECONDS: Final = 5.0


async def close(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, started or not.

    aiokafka 0.14's fetcher swallows its cancellation when the assignment has
    just changed, and `stop` then waits for it for ever. Cancelled a second
    time it heeds it.
    """
    closing = asyncio.create_task(_stop(consumer))
    await within(CLOSE_SECONDS, closing)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    with suppress(KafkaError, OSError):
        await consumer.stop()
