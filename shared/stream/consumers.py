"""Closes consumers so that closing always ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

CLOSE_SECONDS: Final = 5.0


async def close(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, started or not.

    aiokafka 0.14's fetcher swallows its cancellation when the assignment has
    just changed, and `stop` then waits for it for ever. The time-out cancels it
    a second time, which it heeds.
    """
    with suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(consumer.stop(), timeout=CLOSE_SECONDS)
