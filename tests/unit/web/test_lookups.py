from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import AutoReconnect

from shared.web.lookups import Lookups


class Question:
    """Counts how often it is asked; answers, or fails, as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def __call__(self, key: str) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return f"{key} {self.asked}"


async def test_a_fresh_answer_is_not_asked_for_again() -> None:
    question = Question()
    lookups = Lookups(question, fresh_seconds=60)
    assert await lookups.get("a") == await lookups.get("a") == "a 1"


async def test_a_stale_answer_is_asked_for_again() -> None:
    lookups = Lookups(Question(), fresh_seconds=0)
    assert [await lookups.get("a"), await lookups.get("a")] == ["a 1", "a 2"]


async def test_requests_at_once_share_one_question() -> None:
    question = Question()
    lookups = Lookups(question, fresh_seconds=60)
    assert set(await asyncio.gather(*(lookups.get("a") for _ in range(50)))) == {"a 1"}
    assert question.asked == 1


async def test_an_older_answer_is_good_while_mongodb_is_away() -> None:
    question = Question()
    lookups = Lookups(question, fresh_seconds=0)
    await lookups.get("a")
    question.error = AutoReconnect("away")
    assert await lookups.get("a") == "a 1"
    assert await lookups.get("a") == "a 1"
    assert question.asked == 2, "it is not asked at every request"


async def test_an_older_answer_is_good_while_mongodb_hangs() -> None:
    asked = 0

    async def hang(key: str) -> str:
        nonlocal asked
        asked += 1
        if asked > 1:
            await asyncio.sleep(3600)
        return key

    lookups = Lookups(hang, fresh_seconds=0)
    await lookups.get("a")
    assert await asyncio.wait_for(lookups.get("a"), 2) == "a"


async def test_without_an_older_answer_the_fault_is_raised() -> None:
    question = Question()
    question.error = AutoReconnect("away")
    with pytest.raises(AutoReconnect):
        await Lookups(question, fresh_seconds=60).get("a")


async def test_what_is_there_no_more_is_forgotten() -> None:
    question = Question()
    lookups = Lookups(question, fresh_seconds=0)
    await lookups.get("a")
    question.error = LookupError("gone")
    with pytest.raises(LookupError):
        await lookups.get("a")
    question.error = AutoReconnect("away")
    with pytest.raises(AutoReconnect):
        await lookups.get("a")


async def test_memory_is_bounded() -> None:
    question = Question()
    lookups = Lookups(question, fresh_seconds=60, capacity=2)
    for key in "abca":
        await lookups.get(key)
    assert question.asked == 4
