"""What is known around an event: its windows, its member's past, what moderators taught."""

from __future__ import annotations

from services.rules.documents import MemberRecord
from services.rules.entering import Entries
from services.rules.member_signals import add_member
from services.rules.observation import Observation
from services.rules.pack import Pack
from services.rules.review.taught import Taught
from services.rules.window_state import WindowState
from shared.condition_types import Value
from shared.events import Millis
from shared.stream.contracts import Documents


class Surroundings:
    """The signals around the events of one partition."""

    def __init__(self, windows: WindowState, taught: Taught | None) -> None:
        self._windows = windows
        self._taught = taught

    def signals(
        self,
        pack: Pack,
        entries: Entries,
        seen: Observation,
        record: MemberRecord,
        documents: Documents,
    ) -> dict[str, Value]:
        """Return the signals around an event, which counts in its own windows; changes nothing."""
        time = seen.event.time
        around = self._windows.look(entries, time, documents)
        removals = record.removals_within(pack.escalation_span, time) if record.removals else 0
        add_member(around, removals, _age(record, time))
        learned = self._taught.of(seen.event.tenant) if self._taught is not None else None
        if learned is not None:
            around.update(learned.signals(seen))
        return around


def _age(record: MemberRecord, time: Millis) -> int | None:
    joined = record.joined_at
    return (time - joined) // 1000 if joined is not None and joined <= time else None
