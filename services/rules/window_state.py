"""The windows of one partition, looked at alike: in memory, in documents, over a tenant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from services.rules import long_windows
from services.rules.entering import Entries, by_series
from services.rules.tenant_windows.series import count, tally_keys
from services.rules.tenant_windows.tallying import TenantWindows
from services.rules.windows import Entry, Windows
from shared.condition_types import Value
from shared.events import Millis
from shared.stream.contracts import Documents, Key, Record
from shared.tallies import Tally


class WindowState:
    """What windows count. Nothing is counted before `fold`."""

    def __init__(self, partition: int = 0) -> None:
        self._short = Windows()
        self._tenants = TenantWindows(partition)

    def keys(self, entries: Iterable[Entry]) -> Iterable[Key]:
        """Name the documents of those windows among these that have any."""
        for entry in entries:
            if entry.window.across_groups:
                yield self._tenants.key(entry)
            elif entry.window.durable:
                yield long_windows.series_key(entry)

    def look(self, entries: Entries, time: Millis, documents: Documents) -> dict[str, Value]:
        """Return the signal of each window at `time` with the new entries in."""
        if entries.several:
            return self._greatest(entries, time, documents)
        values = self._short.look(entries.short, time)
        for entry in entries.durable:
            look = self._tenants.look if entry.window.across_groups else long_windows.look
            values[entry.window.signal] = look(entry, time, documents)
        return values

    def _greatest(self, entries: Entries, time: Millis, documents: Documents) -> dict[str, Value]:
        """Return the same of an event that enters several series of a window: the greatest."""
        values: dict[str, int] = defaultdict(int)
        for entry, others in by_series(entries.short):
            value = self._short.value(entry, others, time)
            values[entry.window.signal] = max(values[entry.window.signal], value)
        for entry, others in by_series(entries.durable):
            look = self._tenants.look if entry.window.across_groups else long_windows.look
            value = look(entry, time, documents, others)
            values[entry.window.signal] = max(values[entry.window.signal], value)
        return dict(values)

    def fold(self, entries: Entries, record: Record, documents: Documents) -> None:
        """Take the entries of a record's event in."""
        event = record.value
        if entries.durable:
            across = [each for each in entries.durable if each.window.across_groups]
            long = [each for each in entries.durable if not each.window.across_groups]
            long_windows.fold(long, event.tenant, event.time, record.appended, documents)
            self._tenants.fold(across, event.tenant, record.offset, event.time)
        self._short.fold(entries.short, event.time)

    def rebuild(self, entries: Entries, record: Record) -> None:
        """Take in what is not durable."""
        time = record.value.time
        across = [each for each in entries.durable if each.window.across_groups]
        self._tenants.rebuild(across, record.offset, time)
        self._short.fold(entries.short, time)

    def tally_keys(self, tally: Tally) -> Iterable[Key]:
        """Name the documents of the series, owned by this partition, that a tally changes."""
        return tally_keys(tally)

    def count(self, tally: Tally, appended: Millis, documents: Documents) -> None:
        """Take in what a partition has counted in series that this one owns."""
        count(tally, appended, documents)

    def conclude(self) -> list[Tally]:
        """Return what the owners of tenants' series are to be told of the events since."""
        return self._tenants.conclude()
