"""Clearing away what earlier runs left, on real servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka import client_options
from shared.mongo import connect
from shared.settings import Settings
from steward.demo.ground import clear_earlier, fresh
from steward.migrate import migrate

NOW = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)


async def topics(settings: Settings) -> set[str]:
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def test_earlier_runs_are_removed_and_nothing_else(settings: Settings) -> None:
    earlier, own = fresh(settings, NOW), fresh(settings, NOW + timedelta(minutes=5))
    await migrate(earlier)
    await migrate(own)
    await clear_earlier(settings, own)
    async with connect(settings) as client:
        left = set(await client.list_database_names())
    assert earlier.database not in left
    assert {settings.database, own.database} <= left
    names = await topics(settings)
    assert not {name for name in names if name.startswith(earlier.namespace)}
    assert {settings.topic("events"), own.topic("events")} <= names
    await clear_earlier(settings, fresh(settings, NOW))
