"""An event made ready to be judged: seen, with its part in the windows of who judges it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from services.rules.entering import NOTHING, Entries
from services.rules.observation import Observation, observe
from services.rules.rule_sets.catalog import Judges, RuleSets
from services.rules.windows import Entry
from services.rules.word_lists.lists import TenantLists, WordLists
from shared.events import BaseEvent
from shared.stream.contracts import Record

MOST_REMEMBERED: Final = 2_000
"""Events between the naming of their documents and their verdict."""


class Prepared(Struct, frozen=True, gc=False):
    """An event as it is judged."""

    seen: Observation
    judges: Judges
    acting: Entries
    watching: Entries = NOTHING

    @property
    def entries(self) -> Entries:
        """Its part in all windows, each once."""
        return self.acting if self.watching is NOTHING else self.watching.union(self.acting)

    def without_documents(self) -> Prepared:
        """Return it without its part in windows that are documents."""
        acting, watching = self.acting.in_memory(), self.watching.in_memory()
        return Prepared(self.seen, self.judges, acting, watching)


def prepared(event: BaseEvent, judges: Judges, lists: TenantLists | None = None) -> Prepared:
    """Return an event made ready for those who judge it; `lists` are its tenant's words."""
    seen = observe(event, lists)
    watching = judges.watching.window_entries(seen) if judges.watching is not None else NOTHING
    return Prepared(seen, judges, judges.acting.window_entries(seen), watching)


class Preparing:
    """Makes events ready; remembers those whose documents were named until they are applied.

    The rule sets in force may change in between: an event is judged by those
    that its documents were named for.
    """

    def __init__(self, rule_sets: RuleSets, lists: WordLists) -> None:
        self._rule_sets = rule_sets
        self._lists = lists
        self._remembered: dict[int, Prepared] = {}

    def named(self, record: Record) -> Sequence[Entry]:
        """Return the entries of a record's event whose windows are documents."""
        event: BaseEvent = record.value
        judges = self._rule_sets.judges(event.tenant, event.group)
        if not judges.need_documents:
            return ()
        ready = prepared(event, judges, self._lists.of(event.tenant))
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[record.offset] = ready
        return ready.entries.durable

    def take(self, record: Record) -> Prepared:
        """Return a record's event made ready, with no more documents than were named."""
        event: BaseEvent = record.value
        ready = self._remembered.pop(record.offset, None)
        if ready is not None and ready.seen.event is event:
            return ready
        judges = self._rule_sets.judges(event.tenant, event.group)
        ready = prepared(event, judges, self._lists.of(event.tenant))
        return ready.without_documents() if judges.need_documents else ready
