"""Makes what the services need in Kafka and MongoDB: topics, collections, indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from pymongo import ASCENDING, IndexModel
from pymongo.errors import CollectionInvalid

from shared.kafka import client_options
from shared.mongo import Database, connect
from shared.settings import Settings
from shared.stream.checkpoints import COLLECTION as CHECKPOINTS
from shared.topics import Topic

SERVICES: Final = ("ingest", "rules", "scoring", "notify")
_DAY_MS: Final = 86_400_000
RETENTION_MS: Final = dict.fromkeys(Topic, 7 * _DAY_MS) | {Topic.DLQ: 30 * _DAY_MS}
DUE: Final = IndexModel(
    [("partition", ASCENDING), ("due_at", ASCENDING)],
    name="due",
    partialFilterExpression={"due_at": {"$gt": 0}},
)
"""By which each collection of timed documents is swept."""

Indexes = Sequence[tuple[str, Sequence[IndexModel]]]


async def migrate(settings: Settings) -> None:
    """Make what is missing; running it again changes nothing.

    Raises aiokafka's and PyMongo's errors when a server refuses or is away.
    """
    await make_topics(settings)
    async with connect(settings) as client:
        await _make_collections(client[settings.database])


async def make_topics(settings: Settings) -> None:
    """Make the topics that are missing; raises aiokafka's errors."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [_topic(settings, topic) for topic in Topic if settings.topic(topic) not in there]
        if missing:
            answer = await admin.create_topics(missing)
            for name, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(f"topic {name}")
    finally:
        await admin.close()


def _topic(settings: Settings, topic: Topic) -> NewTopic:
    return NewTopic(
        settings.topic(topic),
        num_partitions=settings.partitions,
        replication_factor=settings.kafka_replication,
        topic_configs={
            # The broker's clock: restoring looks records up by when they were appended,
            # and history with old event times must not expire at once.
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(RETENTION_MS[topic]),
        },
    )


async def _make_collections(database: Database) -> None:
    """Make collections before they are used: inside a transaction they could not be made."""
    there = set(await database.list_collection_names())
    for name, indexes in _declared():
        if name not in there:
            with suppress(CollectionInvalid):  # another migrate was faster
                await database.create_collection(name)
            there.add(name)
        if indexes:
            await database[name].create_indexes(list(indexes))


def _declared() -> Iterator[tuple[str, Sequence[IndexModel]]]:
    """Yield the collections that services declare, with their indexes."""
    yield CHECKPOINTS, ()
    for name in _packages():
        for kind in getattr(_module(f"{name}.stage"), "KINDS", ()):
            yield kind.name, (DUE,) if kind.timed else ()
        yield from getattr(_module(f"{name}.store"), "INDEXES", ())


def _packages() -> Iterator[str]:
    """Yield the services and the packages in them."""
    for service in SERVICES:
        yield f"services.{service}"
        inside = import_module(f"services.{service}").__path__
        for each in iter_modules(inside, f"services.{service}."):
            if each.ispkg:
                yield each.name


def _module(name: str) -> ModuleType | None:
    return import_module(name) if find_spec(name) is not None else None
