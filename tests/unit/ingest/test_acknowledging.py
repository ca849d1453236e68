from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from services.ingest.acknowledging import Acknowledgements


@dataclass
class Sender:
    """Writes down what it is told."""

    deadline: float
    told: list[object] = field(default_factory=list)

    def settle(self, error: BaseException | None) -> None:
        self.told.append(error)

    def expire(self) -> None:
        self.told.append("late")


def batch() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def test_everybody_of_a_batch_is_told_what_became_of_it() -> None:
    acknowledgements, good, bad = Acknowledgements(), batch(), batch()
    first, second, third = Sender(10), Sender(10), Sender(10)
    acknowledgements.add(good, first)
    acknowledgements.add(bad, second)
    acknowledgements.add(good, third)
    error = ConnectionError()
    good.set_result(None)
    bad.set_exception(error)
    await asyncio.sleep(0)
    assert (first.told, second.told, third.told) == ([None], [error], [None])


async def test_only_who_has_waited_long_enough_is_told_once_that_it_takes_too_long() -> None:
    acknowledgements, stuck = Acknowledgements(), batch()
    early, late = Sender(5), Sender(20)
    acknowledgements.add(stuck, early)
    acknowledgements.add(stuck, late)
    for now in (4, 6, 7):
        acknowledgements.sweep(now)
    assert (early.told, late.told) == (["late"], [])
    stuck.set_result(None)
    await asyncio.sleep(0)
    assert (early.told, late.told) == (["late", None], [None])


async def test_what_was_settled_is_not_looked_at_again() -> None:
    acknowledgements, done = Acknowledgements(), batch()
    sender = Sender(5)
    acknowledgements.add(done, sender)
    done.set_result(None)
    await asyncio.sleep(0)
    acknowledgements.sweep(100)
    assert sender.told == [None]
