"""What tenants laid down, kept in memory: only what changed is read again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final, Generic, Protocol, TypeVar

from shared.stream.refreshed import Renewed

_OVERLAP_MS: Final = 60_000
"""How far before the latest change is read again: hosts' clocks differ."""


class Dated(Protocol):
    """Something that a tenant laid down; `changed_at` is when (ms)."""

    @property
    def changed_at(self) -> int: ...


D = TypeVar("D", bound=Dated)


class LaidDown(Renewed, Generic[D]):
    """A reference of a stage. `refresh` raises PyMongo's errors, and then the stage waits."""

    def __init__(
        self, changed_since: Callable[[int], AsyncIterator[D]], learn: Callable[[D], None]
    ) -> None:
        super().__init__(self._read)
        self._changed_since = changed_since
        self._learn = learn
        self._changed_at = 0

    async def _read(self) -> None:
        latest = self._changed_at
        async for each in self._changed_since(latest - _OVERLAP_MS):
            latest = max(latest, each.changed_at)
            self._learn(each)
        self._changed_at = latest  # only now: what a failure left unread is older
