"""Events of several logs come in the order of their time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from hypothesis import given
from hypothesis import strategies as st

from services.rules.backtests.merging import in_order
from shared.events import BaseEvent
from tests.unit.rules.judging import message


async def log(times: Sequence[int]) -> AsyncGenerator[BaseEvent, None]:
    for time in times:
        yield message("", time)


async def merged(logs: Sequence[Sequence[int]], most: int = 10_000) -> list[int]:
    found: list[int] = []
    async with aclosing(in_order([log(each) for each in logs])) as events:
        async for event in events:
            found.append(int(event.id.rpartition("-")[2]))
            if len(found) == most:
                break
    return found


@given(st.lists(st.lists(st.integers(0, 50)).map(sorted), max_size=5))
def test_logs_in_order_make_one_in_order(logs: list[list[int]]) -> None:
    assert asyncio.run(merged(logs)) == sorted(time for each in logs for time in each)


def test_a_log_keeps_its_own_order() -> None:
    assert asyncio.run(merged([[5, 1, 9], [2, 3]])) == [2, 3, 5, 1, 9]


def test_it_may_end_before_the_logs_do() -> None:
    assert asyncio.run(merged([[1, 4], [2, 3]], 2)) == [1, 2]
