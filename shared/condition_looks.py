"""What a signal's value looks like to conditions: which numbers it lies between. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final

from shared.condition_types import Value

MOST_KNOWN: Final = 10_000
"""Values of signals, and looks, that are remembered."""


class Looks(dict[tuple[str, Value], int]):
    """The number of what a signal with a value looks like to conditions; 0: like the default.

    It is the same for all values of one class of one signal, and of no others.
    """

    def __init__(self, signals: Mapping[str, tuple[str, Value]], conditions: Sequence[str]) -> None:
        """Take the signals that `conditions` read, with their variables in these and defaults."""
        super().__init__()
        self._compared = {
            name: compared_numbers(variable, conditions) for name, (variable, _) in signals.items()
        }
        self._defaults = {
            name: _class_of(default, self._compared[name]) for name, (_, default) in signals.items()
        }
        self._numbers: dict[tuple[str, Value], int] = {}
        self._latest = 0

    def __missing__(self, item: tuple[str, Value]) -> int:
        if len(self) >= MOST_KNOWN:
            self.clear()
        number = self[item] = self._number(*item)
        return number

    def _number(self, name: str, value: Value) -> int:
        if name not in self._compared:
            return 0
        code = _class_of(value, self._compared[name])
        if code == self._defaults[name]:
            return 0
        found = self._numbers.get((name, code))
        if found is None:
            if len(self._numbers) >= MOST_KNOWN:
                self._numbers.clear()
            self._latest += 1  # never one that was given: remembered answers go by these numbers
            found = self._numbers[name, code] = self._latest
        return found


def compared_numbers(variable: str, conditions: Sequence[str]) -> list[int] | None:
    """Return the numbers that a variable is compared with; None if it is used otherwise too."""
    compared = re.compile(
        rf"(?:\A|[(!&|])\s*{variable}\s*(?:==|!=|<=|>=|<|>)\s*(\d+)\s*(?=[)&|]|\Z)"
    )
    numbers: set[int] = set()
    for condition in conditions:
        found = compared.findall(condition)
        if len(found) != len(re.findall(rf"\b{variable}\b", condition)):
            return None
        numbers.update(map(int, found))
    return sorted(numbers)


def _class_of(value: Value, numbers: Sequence[int] | None) -> Value:
    """Return which class a number belongs to: between two of the numbers, or one of them.

    If None are given, each value is a class by itself.
    """
    if numbers is None:
        return value
    if isinstance(value, str):
        raise TypeError("a string has no class")
    at = bisect_left(numbers, value)
    return 2 * at + (at < len(numbers) and numbers[at] == value)
