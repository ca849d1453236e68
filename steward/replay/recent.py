"""What was seen lately, in bounded memory."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

REMEMBERED: Final = 20_000


class Recent(Generic[K, V]):
    """A mapping that forgets its oldest entries: who wrote which message, for replies."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: dict[K, V] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._known

    def put(self, key: K, value: V) -> None:
        """Remember an entry as the latest."""
        self._known.pop(key, None)
        self._known[key] = value
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]

    def get(self, key: K | None) -> V | None:
        """Return what is remembered, if it still is."""
        return None if key is None else self._known.get(key)
