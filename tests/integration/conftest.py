"""A real Kafka and a real mongod for the tests, started once a run.

`STEWARD_TEST_KAFKA` and `STEWARD_TEST_MONGO` name servers that already run, so
that single tests start at once.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from shared.settings import Settings
from shared.topics import Topic
from steward.stack import Addresses, LocalStack


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


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack of the test's own, started, whose servers it may kill and start again."""
    local = LocalStack(tmp_path_factory.mktemp("own-stack"))
    local.prepare()
    local.start()
    yield local
    local.stop()


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
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        await admin.delete_topics([settings.topic(topic) for topic in Topic])
    finally:
        await admin.close()
    async with AsyncMongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
        await client.drop_database(settings.database)


@pytest.fixture
async def settings(stack: Addresses) -> AsyncIterator[Settings]:
    """Settings of an installation of the test's own, migrated; removed afterwards."""
    from steward.migrate import migrate

    own = settings_for(stack)
    await migrate(own)
    yield own
    await remove(own)
