"""The local stack itself: what it keeps over restarts and crashes."""

from __future__ import annotations

from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from steward.stack import Addresses, LocalStack

TOPIC = "kept"


async def write(addresses: Addresses, value: str) -> None:
    """Write one record and, in a transaction, one document."""
    async with AIOKafkaProducer(
        bootstrap_servers=addresses.kafka, enable_idempotence=True, acks="all"
    ) as producer:
        await producer.send_and_wait(TOPIC, value.encode())
    async with (
        AsyncMongoClient[dict[str, str]](addresses.mongo) as client,
        client.start_session() as session,
        await session.start_transaction(),
    ):
        await client.test.kept.insert_one({"_id": value}, session=session)


async def read(addresses: Addresses) -> tuple[list[str], list[str]]:
    """Return the records and the documents."""
    async with AsyncMongoClient[dict[str, str]](addresses.mongo) as client:
        documents = [document["_id"] async for document in client.test.kept.find().sort("_id")]
    partition = TopicPartition(TOPIC, 0)
    earliest = AIOKafkaConsumer(bootstrap_servers=addresses.kafka, auto_offset_reset="earliest")
    async with earliest as consumer:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        records = []
        while len(records) < end:
            record = await consumer.getone()
            records.append((record.value or b"").decode())
    return records, documents


async def make_topic(addresses: Addresses) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()


async def test_crashed_servers_come_back_with_their_data(own_stack: LocalStack) -> None:
    await make_topic(own_stack.addresses)
    await write(own_stack.addresses, "a")
    own_stack.restart_kafka()
    own_stack.restart_mongo()
    await write(own_stack.addresses, "b")
    assert await read(own_stack.addresses) == (["a", "b"], ["a", "b"])


async def test_data_stay_when_the_ports_change(tmp_path: Path) -> None:
    first = LocalStack(tmp_path)
    before = first.start()
    await make_topic(before)
    await write(before, "a")
    first.stop()
    second = LocalStack(tmp_path)
    after = second.start()
    assert after.kafka != before.kafka
    assert after.mongo != before.mongo
    await write(after, "b")
    assert await read(after) == (["a", "b"], ["a", "b"])
    second.stop()


def test_servers_that_the_user_runs_are_left_alone(stack: Addresses, tmp_path: Path) -> None:
    local = LocalStack(tmp_path, kafka=stack.kafka, mongo=stack.mongo)
    assert local.start() == stack
    local.stop()
    assert list(tmp_path.iterdir()) == []
