"""Looks whether the topics are as a stage needs them."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka import client_options
from shared.settings import Settings


class TopicsNotReady(Exception):
    """A topic is missing, or the topics cannot have one owner per partition number."""


async def check_topics(settings: Settings, names: Iterable[str]) -> int:
    """Return how many partitions each of the topics has.

    Raises `TopicsNotReady` unless all are there with equally many.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        described = await admin.describe_topics(list(names))
    finally:
        await admin.close()
    missing = sorted(one["topic"] for one in described if one["error_code"])
    if missing:
        raise TopicsNotReady(f"no topic {', '.join(missing)}: run `steward migrate`")
    counts: dict[str, int] = {one["topic"]: len(one["partitions"]) for one in described}
    if len(set(counts.values())) > 1:
        raise TopicsNotReady(f"topics must have equally many partitions: {counts}")
    return next(iter(counts.values()))
