"""Cancelling ends tasks, even those that lose a cancellation on its way."""

from __future__ import annotations

import asyncio

from shared.cancelling import cancel, cancel_all, within


async def _deaf(times: int) -> None:
    """Swallow so many cancellations."""
    for _ in range(times):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue
    await asyncio.sleep(60)


async def test_a_task_that_loses_cancellations_is_cancelled_until_it_ends() -> None:
    task = asyncio.create_task(_deaf(2))
    await asyncio.sleep(0)
    await cancel(task)
    assert task.cancelled()


async def test_nothing_and_what_has_ended_need_no_cancelling() -> None:
    ended = asyncio.create_task(asyncio.sleep(0, "result"))
    await ended
    await cancel(None, ended)
    await cancel_all([])
    assert ended.result() == "result"


async def test_a_task_that_fails_while_it_is_cancelled_has_ended_too() -> None:
    async def fail() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ConnectionError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await cancel(task)
    assert isinstance(task.exception(), ConnectionError)


async def test_a_task_has_its_time_before_it_is_cancelled() -> None:
    quick = asyncio.create_task(asyncio.sleep(0.01))
    slow = asyncio.create_task(_deaf(1))
    assert await within(30, quick)
    assert not await within(0.01, slow)
    assert slow.cancelled()
