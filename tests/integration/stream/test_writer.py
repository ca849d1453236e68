"""What a REST call hands to a stage, on a real Kafka."""

from __future__ import annotations

import json

import pytest

from shared.settings import Settings
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.problems import Unavailable
from steward.stack.ports import free_ports
from tests.integration.stream.traffic import messages, read_all


async def test_a_written_record_is_in_kafka_when_the_call_returns(settings: Settings) -> None:
    writer = RecordWriter(settings)
    for event in messages(3):
        await writer.write(Topic.EVENTS, event)
    found = await read_all(settings, Topic.EVENTS)
    await writer.stop()
    assert {json.loads(record.value)["id"] for record in found} == {
        event.id for event in messages(3)
    }


async def test_without_kafka_the_caller_is_told_to_try_again(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"kafka": f"127.0.0.1:{free_ports(1)[0]}"})
    writer = RecordWriter(nowhere)
    with pytest.raises(Unavailable, match="Kafka cannot be reached"):
        await writer.write(Topic.EVENTS, messages(1)[0])
    await writer.stop()
