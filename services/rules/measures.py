"""What is measured only where a rule asks for it: how even the characters of a text are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from services.rules.observation import Observation
from services.rules.shape import entropy
from services.rules.signals import ENTROPY
from shared.condition_types import Value
from shared.conditions import Condition, flat

_ENTROPY: Final = f"text.{ENTROPY}"
_LENGTH: Final = "text.length"
_LEAST: Final = re.compile(rf"\s*{flat(_LENGTH)}\s*(>=|>)\s*(\d{{1,9}})\s*")
_NEVER: Final = 1 << 62
_NOTHING: Final[dict[str, Value]] = {}


class Measures:
    """Measures texts for some conditions, from the length on from which one of them cares."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        asking = [each.flat for each in conditions if _ENTROPY in each.names]
        self.least = min(map(least_length, asking), default=_NEVER)

    def signals(self, seen: Observation) -> dict[str, Value]:
        """Return `text.entropy`, if a condition may ask for it; not to be changed."""
        if seen.reading is None or int(seen.signals[_LENGTH]) < self.least:
            return _NOTHING
        found = entropy(seen.reading.normal.text)
        return {_ENTROPY: found} if found else _NOTHING


def least_length(source: str) -> int:
    """Return a length of the text below which a condition cannot hold; 0 where none is known.

    What is joined by `&&` alone, outside of all brackets, must all hold.
    """
    if any(sign in source for sign in ("||", "?", "//")):
        return 0
    least = 0
    for part in _joined(source):
        found = _LEAST.fullmatch(part)
        if found is not None:
            least = max(least, int(found[2]) + (found[1] == ">"))
    return least


def _joined(source: str) -> list[str]:
    """Return what stands between the `&&` outside of brackets; a string may hold brackets."""
    if '"' in source or "'" in source:
        return []
    parts, depth, start = [], 0, 0
    for at, character in enumerate(source):
        depth += (character in "([") - (character in ")]")
        if not depth and source.startswith("&&", at):
            parts.append(source[start:at])
            start = at + 2
    return [*parts, source[start:]]
