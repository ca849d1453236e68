"""A backtest that fails says why, and the next one runs."""

from __future__ import annotations

import asyncio
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from services.rules.backtests import runner as running
from services.rules.backtests.job import Job, State, packed
from services.rules.backtests.runner import Runner
from services.rules.rule_sets.catalog import Catalog
from services.rules.word_lists.lists import KnownLists
from shared.settings import Settings
from tests.unit.rules.judging import PACK

GOOD = Job(
    id="bt_1",
    tenant="acme",  # type: ignore[arg-type]
    version=PACK.version,
    whole=packed(PACK),
    start=0,  # type: ignore[arg-type]
    end=1,  # type: ignore[arg-type]
    groups=[],
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    created_by="k",
)
UNREADABLE = replace(GOOD, id="bt_2", whole=zlib.compress(b'{"name": 1}'))
BROKEN = replace(GOOD, id="bt_3", whole=b"no zlib")


class Queue:
    """A queue of backtests, and what was told of each."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = list(jobs)
        self.told: list[tuple[str, dict[str, Any]]] = []

    async def claim(self) -> Job | None:
        return self.jobs.pop(0) if self.jobs else None

    async def tell(self, job: Job, fields: dict[str, Any]) -> bool:
        self.told.append((job.id, fields))
        return True


async def test_a_backtest_that_cannot_be_read_is_told_as_failed_and_the_next_one_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.01)
    queue = Queue(UNREADABLE, BROKEN)
    runner = Runner(queue, Catalog(PACK), Settings(), KnownLists())  # type: ignore[arg-type]
    await runner.start()
    for _ in range(500):
        if len(queue.told) == 2:
            break
        await asyncio.sleep(0.01)
    assert [(id, told["state"]) for id, told in queue.told] == [
        ("bt_2", State.FAILED),
        ("bt_3", State.FAILED),
    ]
    assert all(told["error"] for _, told in queue.told)
    assert runner.problems() == []
    await runner.stop()
    assert runner.problems() == ["nobody runs backtests any more"]
