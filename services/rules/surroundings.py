"""What is known around an event: its windows, its member's past, what moderators taught."""

from __future__ import annotations

from services.rules.documents import MemberRecord
from services.rules.entering import Entries
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
        _add_member(around, pack, record, time)
        learned = self._taught.of(seen.event.tenant) if self._taught is not None else None
        if learned is not None:
            around.update(learned.signals(seen))
        return around


def _add_member(signals: dict[str, Value], pack: Pack, record: MemberRecord, time: Millis) -> None:
    if record.removals and (removals := record.removals_within(pack.escalation_span, time)):
        signals["member.removals"] = removals
    if record.joined_at is not None and record.joined_at <= time:
        signals["member.joined"] = True
        signals["member.age"] = (time - record.joined_at) // 1000
