"""The word lists in force, kept in memory and brought up to date about every second."""

from __future__ import annotations

import asyncio
from datetime import datetime

from services.rules.word_lists.lists import KnownLists, Ready, WordList
from services.rules.word_lists.store import Changed, WordListStore
from shared.stream.refreshed import Refreshed


class ListsInForce(Refreshed):
    """Keeps lists up to date with what operators supply."""

    def __init__(self, store: WordListStore, lists: KnownLists) -> None:
        super().__init__("word lists", self._read)
        self._store = store
        self._lists = lists
        self._changed_at: datetime | None = None

    async def _read(self) -> None:
        changed = await self._store.changed_since(self._changed_at)
        for each in changed:
            if each.version != self._lists.version(each.tenant, each.name):
                await self._take(each)
        moments = [self._changed_at, *(each.changed_at for each in changed)]
        self._changed_at = max((each for each in moments if each is not None), default=None)

    async def _take(self, changed: Changed) -> None:
        found = await self._store.get(changed.tenant, changed.name)
        if found is None:
            self._lists.remove(changed.tenant, changed.name)
        else:
            # beside the event loop: a long list takes a tenth of a second
            self._lists.put(changed.tenant, await asyncio.to_thread(_ready, found))


def _ready(found: WordList) -> Ready:
    return Ready(found.name, found.version, found.words, found.exceptions)
