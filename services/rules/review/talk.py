"""The last messages of each group, kept at hand so that a case can show what came before.

They are recent state: in memory, bounded, and rebuilt from the log.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from services.rules.review.evidence import Line
from shared.events import BaseEvent, MemberId, MessageId, MessagePosted, Millis

KEPT: Final = 20
"""Messages kept of a group."""
SHOWN: Final = 8
"""Lines before a flagged event that its case shows."""
MOST_GROUPS: Final = 2_000
REACH: Final = Millis(1_800_000)
"""How far back they are shown: half the time that the log is folded again on assignment."""


class Talk:
    """The recent messages of one partition's groups."""

    def __init__(self) -> None:
        self._groups: OrderedDict[str, deque[MessagePosted]] = OrderedDict()

    def fold(self, event: BaseEvent) -> None:
        """Take an event in; only messages are kept."""
        if type(event) is not MessagePosted:
            return
        key = event.key
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = deque(maxlen=KEPT)
            if len(self._groups) > MOST_GROUPS:
                self._groups.popitem(last=False)
        else:
            self._groups.move_to_end(key)
        found.append(event)

    def forget(self, key: str, member: MemberId) -> None:
        """Drop what a member of the group with this key said."""
        found = self._groups.get(key)
        if found is not None:
            left = [event for event in found if event.member != member]
            self._groups[key] = deque(left, maxlen=KEPT)

    def before(self, event: BaseEvent) -> list[Line]:
        """Return the lines before an event, oldest first."""
        earlier = (
            each
            for each in self._groups.get(event.key, ())
            if event.time - REACH <= each.time <= event.time and each.identity != event.identity
        )
        return [
            Line(each.member, each.time, each.message, each.text) for each in list(earlier)[-SHOWN:]
        ]

    def message(self, key: str, message: MessageId) -> MessagePosted | None:
        """Return a recent message of the group with this key."""
        return next((e for e in self._groups.get(key, ()) if e.message == message), None)
