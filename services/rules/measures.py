"""What only some rules ask for and is told for them alone: evenness, language, the group …"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from services.rules.languages import language
from services.rules.observation import Observation
from services.rules.shape import entropy, mentions, script
from services.rules.signals import ENTROPY, LANGUAGE, MENTIONS, SCRIPT
from shared.condition_types import Value
from shared.conditions import Condition, flat

_ENTROPY: Final = f"text.{ENTROPY}"
_LENGTH: Final = "text.length"
_LEAST: Final = re.compile(rf"\s*{flat(_LENGTH)}\s*(>=|>)\s*(\d{{1,9}})\s*")
_NEVER: Final = 1 << 62
_WHOLE: Final[dict[str, Callable[[str], Value]]] = {
    f"text.{SCRIPT}": script,
    f"text.{LANGUAGE}": language,
    f"text.{MENTIONS}": mentions,
}
"""What is measured of a text as it was written."""
_GROUP: Final = "group.id"
_NOTHING: Final[dict[str, Value]] = {}


class Measures:
    """Measures texts for some conditions, from the length on from which one of them cares."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        conditions = list(conditions)
        asking = [each.flat for each in conditions if _ENTROPY in each.names]
        self.least = min(map(least_length, asking), default=_NEVER)
        asked = {name for each in conditions for name in each.names}
        self._asked = [(name, measure) for name, measure in _WHOLE.items() if name in asked]
        self._group = _GROUP in asked

    def signals(self, seen: Observation) -> dict[str, Value]:
        """Return those of these signals that a condition may ask for; not to be changed."""
        if self._group:
            return {**self._of_text(seen), _GROUP: str(seen.event.group)}
        return self._of_text(seen)

    def _of_text(self, seen: Observation) -> dict[str, Value]:
        if seen.reading is None:
            return _NOTHING
        even = int(seen.signals[_LENGTH]) >= self.least
        if not (even or self._asked):
            return _NOTHING
        normal = seen.reading.normal
        found: dict[str, Value] = {_ENTROPY: entropy(normal.text)} if even else {}
        found |= {name: measure(normal.original) for name, measure in self._asked}
        return {name: value for name, value in found.items() if value}


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
