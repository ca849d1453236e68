"""Repeats the parts while there is time, and takes the middle of what was measured."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Final

Figures = dict[str, float]
MOST: Final = 3


async def rounds(
    names: Sequence[str],
    measure: Callable[[str], Awaitable[Figures]],
    seconds: float,
    most: int = MOST,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, list[Figures]]:
    """Measure every part once, and again in turn as long as it fits into `seconds`."""
    began = clock()
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    longest = dict.fromkeys(names, 0.0)
    for number in range(most):
        for name in names:
            started = clock()
            if number and started - began + longest[name] > seconds:
                continue
            runs[name].append(await measure(name))
            longest[name] = max(longest[name], clock() - started)
    return runs


def medians(runs: Sequence[Figures]) -> Figures:
    """Return the median of each figure."""
    return {name: median(run[name] for run in runs if name in run) for name in _names(runs)}


def spread(runs: Sequence[Figures]) -> dict[str, list[float]]:
    """Return the least and the most of each figure that was measured more than once."""
    found = {name: [run[name] for run in runs if name in run] for name in _names(runs)}
    return {name: [min(each), max(each)] for name, each in found.items() if len(each) > 1}


def _names(runs: Sequence[Figures]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run))
