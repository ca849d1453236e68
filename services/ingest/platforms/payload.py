"""A JSON value of which nothing is sure: asking it for what is not there gives emptiness."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

MOST_ITEMS: Final = 500
"""How many items of a list are looked at."""
_MOST_DIGITS: Final = 2**63


class Payload:
    """A value somewhere in a document, or the lack of one. Never raises."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __getitem__(self, name: str) -> Payload:
        return Payload(self.value.get(name) if isinstance(self.value, dict) else None)

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def __bool__(self) -> bool:
        return bool(self.value)

    def __iter__(self) -> Iterator[Payload]:
        if isinstance(self.value, list):
            yield from map(Payload, self.value[:MOST_ITEMS])

    @property
    def text(self) -> str:
        """The string, or nothing."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def id(self) -> str:
        """The string or whole number as an id, or nothing."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value) if abs(self.value) < _MOST_DIGITS else ""
        return self.text

    @property
    def number(self) -> float | None:
        """The number, also from a decimal string; None where it is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float | str):
            return None
        try:
            found = float(self.value)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None

    @property
    def seconds(self) -> float | None:
        """The number of Unix seconds, given in seconds or in milliseconds."""
        number = self.number
        return number / 1000 if number is not None and abs(number) > 1e11 else number

    def first(self, *names: str) -> Payload:
        """Return the first of these members that is there and not empty."""
        return next((self[name] for name in names if self[name]), Payload(None))
