"""Background tasks end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from shared.ending import end


async def test_a_task_that_loses_its_cancellation_is_ended_all_the_same() -> None:
    answered = asyncio.get_running_loop().create_future()

    async def work() -> None:
        await asyncio.wait_for(answered, timeout=60)
        await asyncio.sleep(3600)

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    answered.set_result(None)  # in the moment of the cancellation: see `end`
    async with asyncio.timeout(30):
        await end(working)
    assert working.cancelled()


async def test_what_a_task_raised_is_raised_when_it_is_ended() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    failing = asyncio.create_task(fail())
    await asyncio.wait([failing])
    with pytest.raises(ValueError, match="broken"):
        await end(failing)


async def test_a_task_that_was_never_begun_is_ended() -> None:
    await end(None)
