"""Memory of the ids in a partition's last records: drops repetitions."""

from __future__ import annotations

from array import array


class SeenIds:
    """Tells whether an id was already in the last `span` records of a partition.

    A function of the log alone: fed the same records from `span` before any
    offset, it answers the same from there on. Keeps Python's salted 64-bit hash
    of an id, about 100 bytes each; two ids in the span collide with a chance of
    10^5 / 2^64, and nobody outside can aim at it.
    """

    def __init__(self, span: int) -> None:
        self._size = span + 1
        self._slots = array("q")
        self._last_seen: dict[int, int] = {}
        self._next = 0

    def add(self, offset: int, identity: str) -> bool:
        """Note the id of the record at `offset`; return whether it is new in the span.

        Offsets must not go back.
        """
        if not self._slots:  # most topics of an idle partition have no record at all
            self._slots = array("q", bytes(8 * self._size))
        self._forget_until(offset)
        seen = hash(identity)
        new = seen not in self._last_seen
        self._last_seen[seen] = offset
        self._slots[offset % self._size] = seen
        return new

    def _forget_until(self, offset: int) -> None:
        """Let go of what leaves the span when `offset` enters it."""
        if offset - self._next >= self._size:
            self._last_seen.clear()
            self._next = offset
        for entering in range(self._next, offset + 1):
            leaving = entering - self._size
            slot = self._slots[entering % self._size]
            if self._last_seen.get(slot) == leaving:
                del self._last_seen[slot]
        self._next = offset + 1
