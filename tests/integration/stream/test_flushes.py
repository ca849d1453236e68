"""When state is written, and what becomes of a flush that MongoDB rolls back."""

from __future__ import annotations

from typing import Any

import pytest

from shared.mongo import Client, Database
from shared.settings import Settings
from shared.stream import Runtime
from shared.stream.checkpoints import Checkpoints
from tests.integration.stream.counting import COUNTS, counting_stage
from tests.integration.stream.traffic import messages, publish, total_is, until


async def test_many_changed_documents_are_written_before_it_is_time(
    settings: Settings, client: Client, database: Database
) -> None:
    seldom = settings.model_copy(update={"flush_seconds": 3_600.0, "flush_documents": 2})
    runtime = Runtime(counting_stage(), seldom, client)
    await runtime.start()
    await publish(settings, messages(200))
    await until(lambda: total_is(database, 200))
    await runtime.stop()


async def test_flushes_that_are_rolled_back_are_repeated_one_at_a_time(
    settings: Settings, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[int] = []
    under_way = 0
    save = Checkpoints.save

    async def watched(self: Checkpoints, *what: Any) -> None:
        nonlocal under_way
        beside.append(under_way)
        under_way += 1
        try:
            await save(self, *what)
        finally:
            under_way -= 1

    async def repeated_alone() -> bool:
        return len(beside) >= 8 and beside[-4:] == [0, 0, 0, 0]

    monkeypatch.setattr(Checkpoints, "save", watched)
    runtime = Runtime(counting_stage(), settings, client)
    await runtime.start()
    await publish(settings, messages(200))
    await until(lambda: total_is(database, 200))
    async with client.start_session() as session, await session.start_transaction():
        await database[COUNTS.name].update_many({}, {"$set": {"held": True}}, session=session)
        beside.clear()
        await publish(settings, messages(400)[200:])
        await until(repeated_alone)
        assert any("MongoDB" in problem for problem in runtime.problems())
        await session.abort_transaction()
    await until(lambda: total_is(database, 400))
    await runtime.stop()
