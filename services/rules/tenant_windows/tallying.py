"""Windows over all groups of a tenant, as one partition sees them. Pure.

A value is what the owner of the series has counted, of the events of all
partitions, and what this partition has seen since. What this partition counts
goes to the owners once a batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from services.rules.buckets import counted_value, digest_of, value_at
from services.rules.tenant_windows.pending import Pending
from services.rules.tenant_windows.series import KNOWN_SERIES
from services.rules.windows import Entry
from shared.events import Millis, TenantId, derive_id
from shared.stream.contracts import Documents, Key
from shared.tallies import Counted, SeriesTally, Tally

SLOTS: Final = 16
"""Partitioning keys that a tenant's series are spread over: so many records at most a batch."""
STALENESS: Final = "up to 2 s"
"""How far what is known of other partitions lags behind, while rules keep up with the log."""


class TenantWindows:
    """One partition's part in the windows of tenants."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._pending = Pending()
        self._new: dict[tuple[TenantId, int], dict[str, SeriesTally]] = {}

    def key(self, entry: Entry) -> Key:
        """Return which document an entry's series is known from."""
        return KNOWN_SERIES, digest_of(entry)

    def look(
        self, entry: Entry, time: Millis, documents: Documents, others: Sequence[str] = ()
    ) -> int:
        """Return the value of a window at `time` with the new entry in.

        `others` are further values that the event has in the series.
        """
        kind, id = self.key(entry)
        found = documents.get(kind, id)
        if found is None:
            return value_at(entry, time, self._pending.buckets(id), others)
        self._pending.counted(id, found.counted.get(str(self._partition), -1))
        buckets = [*found.buckets, *self._pending.buckets(id)]
        return value_at(entry, time, buckets, others)

    def fold(self, entries: Iterable[Entry], tenant: TenantId, offset: int, time: Millis) -> None:
        """Take an event's entries in, to be told to their owners."""
        for entry in entries:
            id = digest_of(entry)
            event = Counted(offset, time, counted_value(entry))
            self._pending.add(id, entry.window.span, event)
            slot = self._new.setdefault((tenant, int(id[:8], 16) % SLOTS), {})
            if id not in slot:
                slot[id] = SeriesTally(id, entry.window.span, [])
            slot[id].events.append(event)

    def rebuild(self, entries: Iterable[Entry], offset: int, time: Millis) -> None:
        """Take an event's entries in that were told before; their owners may not have them yet."""
        for entry in entries:
            event = Counted(offset, time, counted_value(entry))
            self._pending.add(digest_of(entry), entry.window.span, event)

    def conclude(self) -> list[Tally]:
        """Return what was taken in since the last time."""
        if not self._new:
            return []
        new, self._new = self._new, {}
        return [
            self._tally(tenant, slot, list(series.values()))
            for (tenant, slot), series in new.items()
        ]

    def _tally(self, tenant: TenantId, slot: int, series: list[SeriesTally]) -> Tally:
        content = hashlib.blake2b(msgspec.json.encode(series), digest_size=16).hexdigest()
        return Tally(
            id=derive_id(tenant, str(self._partition), str(slot), content),
            tenant=tenant,
            slot=slot,
            partition=self._partition,
            time=max(event.time for each in series for event in each.events),
            series=series,
        )
