"""A real Kafka and a real mongod for the tests, started once a run.

`STEWARD_TEST_KAFKA` and `STEWARD_TEST_MONGO` name servers that already run, so
that single tests start at once.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from pymongo import AsyncMongoClient, MongoClient

from shared.settings import Settings
from shared.topics import Topic
from steward.stack import Addresses, LocalStack

MOST_EMPTIED: Final = 5_000
"""Documents of a collection beyond which dropping it is quicker."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Where Kafka and MongoDB are."""
    local = LocalStack(
        tmp_path_factory.mktemp("stack"),
        kafka=os.environ.get("STEWARD_TEST_KAFKA"),
        mongo=os.environ.get("STEWARD_TEST_MONGO"),
    )
    local.prepare()
    yield local.start()
    local.stop()


class Lasting(LocalStack):
    """A stack whose servers outlive the thread of a test that starts them again."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._starting = ThreadPoolExecutor(1)

    def start(self) -> Addresses:
        return self._starting.submit(super().start).result()

    def start_kafka(self) -> None:
        self._starting.submit(super().start_kafka).result()

    def start_mongo(self) -> None:
        self._starting.submit(super().start_mongo).result()

    def stop(self) -> None:
        super().stop()
        self._starting.shutdown(wait=False)  # a start that fails stops from its own thread


@pytest.fixture(scope="session")
def mortal_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A second stack, for the tests that kill servers; started with the first of them."""
    local = Lasting(tmp_path_factory.mktemp("mortal-stack"))
    local.prepare()
    local.start()
    yield local
    local.stop()


@pytest.fixture
async def own_stack(mortal_stack: LocalStack) -> AsyncIterator[LocalStack]:
    """A running stack for this test alone, empty, whose servers it may kill and start again."""
    yield mortal_stack
    mortal_stack.start()
    await empty(mortal_stack.addresses)


async def empty(addresses: Addresses) -> None:
    """Delete all topics and databases."""
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    try:
        topics = [name for name in await admin.list_topics() if not name.startswith("__")]
        await admin.delete_topics(topics)
    finally:
        await admin.close()
    async with AsyncMongoClient[dict[str, Any]](addresses.mongo) as client:
        for name in set(await client.list_database_names()) - {"admin", "config", "local"}:
            await client.drop_database(name)


def settings_for(addresses: Addresses, **values: Any) -> Settings:
    """Return settings with topics and a database that no other test shares."""
    unique = f"t{uuid.uuid4().hex[:10]}"
    return Settings(
        kafka=addresses.kafka,
        mongo=SecretStr(addresses.mongo),
        namespace=f"{unique}.",
        database=unique,
        **{"partitions": 4, **values},
    )


async def remove(settings: Settings) -> None:
    """Delete the topics and the database that a test used."""
    await remove_topics(settings)
    async with AsyncMongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
        await client.drop_database(settings.database)


async def remove_topics(settings: Settings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        await admin.delete_topics([settings.topic(topic) for topic in Topic])
    finally:
        await admin.close()


class Databases:
    """Migrated databases: a test has one to itself, and leaves it empty to another.

    Making fifty collections with their indexes takes seconds, emptying them does not.
    """

    def __init__(self) -> None:
        self._free: list[str] = []

    def take(self) -> str | None:
        """Return one that is free, if any."""
        return self._free.pop() if self._free else None

    async def give_back(self, settings: Settings) -> None:
        """Empty a test's database for the next one."""
        async with AsyncMongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
            database = client[settings.database]
            for name in await database.list_collection_names():
                if await database[name].estimated_document_count() > MOST_EMPTIED:
                    await database.drop_collection(name)
                else:
                    await database[name].delete_many({})
        self._free.append(settings.database)

    def drop(self, mongo: str) -> None:
        """Delete them all."""
        with MongoClient[dict[str, Any]](mongo) as client:
            for name in self._free:
                client.drop_database(name)


@pytest.fixture(scope="session")
def databases(stack: Addresses) -> Iterator[Databases]:
    """The databases that this run has made and uses again."""
    made = Databases()
    yield made
    made.drop(stack.mongo)


@pytest.fixture
async def settings(stack: Addresses, databases: Databases) -> AsyncIterator[Settings]:
    """Settings of an installation of the test's own, migrated and empty."""
    from steward.migrate import make_topics, migrate

    own = settings_for(stack)
    made = databases.take()
    if made is None:
        await migrate(own)
    else:
        own = own.model_copy(update={"database": made})
        await make_topics(own)
    yield own
    await remove_topics(own)
    await databases.give_back(own)
