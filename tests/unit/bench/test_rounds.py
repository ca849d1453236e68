"""Parts are repeated in turn while there is time, and their medians and spread are told."""

from __future__ import annotations

from bench.rounds import Figures, medians, rounds, spread


class Clock:
    """A clock that a part moves on by as long as it takes."""

    def __init__(self, takes: dict[str, float]) -> None:
        self.now = 0.0
        self.takes = takes
        self.order: list[str] = []

    async def measure(self, name: str) -> Figures:
        self.order.append(name)
        self.now += self.takes[name]
        return {"at": self.now}


async def test_every_part_is_measured_once_however_long_it_takes() -> None:
    clock = Clock({"a": 50, "b": 70})
    runs = await rounds(["a", "b"], clock.measure, 100, clock=lambda: clock.now)
    assert {name: len(each) for name, each in runs.items()} == {"a": 1, "b": 1}


async def test_parts_are_repeated_only_where_they_still_fit() -> None:
    clock = Clock({"long": 40, "short": 10})
    runs = await rounds(["long", "short"], clock.measure, 80, clock=lambda: clock.now)
    assert clock.order == ["long", "short", "short", "short"]
    assert clock.now <= 80
    assert len(runs["short"]) == 3


def test_the_median_and_the_spread_are_of_those_runs_that_have_the_figure() -> None:
    runs = [{"a": 1.0, "b": 5.0}, {"a": 9.0}, {"a": 2.0}]
    assert medians(runs) == {"a": 2.0, "b": 5.0}
    assert spread(runs) == {"a": [1.0, 9.0]}
