"""Edits that turn one text into another, and positions traced back through them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct


class Edit(Struct, frozen=True, gc=False):
    """Characters `start` to `end` are replaced by `text`, which was read for reason `why`."""

    start: int
    end: int
    text: str
    why: str


class Layer:
    """Edits of one text that do not overlap, in order; made once, applied once."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = edits
        self._targets: list[int] = []
        shift = 0
        for edit in edits:
            self._targets.append(edit.start + shift)
            shift += len(edit.text) - (edit.end - edit.start)

    def apply(self, text: str) -> str:
        """Return the text with all edits made."""
        parts: list[str] = []
        position = 0
        for edit in self.edits:
            parts += (text[position : edit.start], edit.text)
            position = edit.end
        parts.append(text[position:])
        return "".join(parts)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return which stretch of the text before became `start` to `end` (not empty).

        A stretch that touches a replacement covers all that was replaced.
        """
        return self._source(start)[0], self._source(end - 1)[1]

    def _source(self, position: int) -> tuple[int, int]:
        i = bisect_right(self._targets, position) - 1
        if i < 0:
            return position, position + 1
        edit, target = self.edits[i], self._targets[i]
        if position < target + len(edit.text):
            return edit.start, edit.end
        source = edit.end + position - target - len(edit.text)
        return source, source + 1
