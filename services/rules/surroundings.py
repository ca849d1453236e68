"""What is known around an event: its windows, its member's past, what moderators taught."""

from __future__ import annotations

from collections.abc import Sequence

from services.rules.documents import MemberRecord
from services.rules.observation import Observation
from services.rules.pack import Pack
from services.rules.review.taught import Taught
from services.rules.window_state import WindowState
from services.rules.windows import Entry
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
        entries: Sequence[Entry],
        seen: Observation,
        record: MemberRecord,
        documents: Documents,
    ) -> dict[str, Value]:
        """Return the signals around an event, which counts in its own windows; changes nothing."""
        time = seen.event.time
        windows = self._windows.look(entries, time, documents)
        around = _member_signals(pack, record, time)
        around.update((f"window.{name}", value) for name, value in windows.items())
        learned = self._taught.of(seen.event.tenant) if self._taught is not None else None
        if learned is not None:
            around.update(learned.signals(seen))
        return around


def _member_signals(pack: Pack, record: MemberRecord, time: Millis) -> dict[str, Value]:
    signals: dict[str, Value] = {}
    if record.removals and (removals := record.removals_within(pack.escalation_span, time)):
        signals["member.removals"] = removals
    if record.joined_at is not None and record.joined_at <= time:
        signals["member.joined"] = True
        signals["member.age"] = (time - record.joined_at) // 1000
    return signals
