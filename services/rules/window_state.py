"""The windows of one partition: short ones in memory, long ones in documents, looked at alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.rules import long_windows
from services.rules.windows import LONGEST_IN_MEMORY, Entry, Windows
from shared.events import Millis, TenantId
from shared.stream.contracts import Documents, Key


class WindowState:
    """What windows count. Nothing is counted before `fold`."""

    def __init__(self) -> None:
        self._short = Windows()

    def keys(self, entries: Iterable[Entry]) -> Iterable[Key]:
        """Name the documents of the long windows among these."""
        return [long_windows.series_key(entry) for entry in _long(entries)]

    def look(self, entries: Sequence[Entry], time: Millis, documents: Documents) -> dict[str, int]:
        """Return each window's value at `time` with the new entries in."""
        long = _long(entries)
        if not long:
            return self._short.look(entries, time)
        values = self._short.look([each for each in entries if each not in long], time)
        for entry in long:
            values[entry.window.name] = long_windows.look(entry, time, documents)
        return values

    def fold(
        self,
        entries: Sequence[Entry],
        tenant: TenantId,
        time: Millis,
        appended: Millis,
        documents: Documents,
    ) -> None:
        """Take the entries in."""
        long_windows.fold(_long(entries), tenant, time, appended, documents)
        self.rebuild(entries, time)

    def rebuild(self, entries: Sequence[Entry], time: Millis) -> None:
        """Take in what is not durable."""
        long = _long(entries)
        short = [each for each in entries if each not in long] if long else entries
        self._short.fold(short, time)


def _long(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.window.span > LONGEST_IN_MEMORY]
