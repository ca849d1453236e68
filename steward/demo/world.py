"""The demo platform's own picture of its groups, and what becomes of Steward's actions there."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from msgspec import Struct

from shared.actions import ActionKind
from shared.events import BaseEvent, MessagePosted, Millis
from shared.verdicts import Label

_SHUT_OUT: Final = (ActionKind.MEMBER_KICK, ActionKind.MEMBER_BAN)
_POSTED: Final = (
    ActionKind.MEMBER_WELCOME,
    ActionKind.MESSAGE_REPLY,
    ActionKind.MEMBER_WARN,
    ActionKind.MEMBER_PROMOTED,
)
"""Actions that end up as words in the group."""


class Webhook(Struct, frozen=True, kw_only=True):
    """What Steward asks for, as it arrives. Unknown fields are dropped."""

    type: ActionKind
    id: str
    group: str
    time: Millis
    cause: str = ""
    member: str | None = None
    message: str | None = None
    text: str = ""
    seconds: int = 0
    reason: str = ""
    labels: list[Label] = []
    details: dict[str, str | float | int | bool] = {}


class World:
    """Messages that are to be seen, members who may not write, and what Steward had posted.

    `refused` are the ids of messages that were not let in.

    Mutes count in the time of the day that is being played, so a mute of ten
    minutes is over within a second when a day takes a minute.
    """

    def __init__(self) -> None:
        self.visible: set[tuple[str, str]] = set()
        self.removed: set[tuple[str, str]] = set()
        self.posts: defaultdict[str, list[str]] = defaultdict(list)
        self.refused: set[str] = set()
        self.executed: Counter[ActionKind] = Counter()
        self.actions: list[Webhook] = []
        self._muted_until: dict[tuple[str, str], Millis] = {}
        self._shut_out: set[tuple[str, str]] = set()

    def admit(self, event: BaseEvent) -> bool:
        """Let something happen, unless it is a message of a member who may not write."""
        member = (event.group, event.member)
        if not isinstance(event, MessagePosted):
            return True
        if member in self._shut_out or event.time < self._muted_until.get(member, 0):
            self.refused.add(event.id)
            return False
        self.visible.add((event.group, event.message))
        return True

    def execute(self, webhook: Webhook) -> None:
        """Do what Steward asks for."""
        self.executed[webhook.type] += 1
        self.actions.append(webhook)
        member = (webhook.group, webhook.member or "")
        if webhook.type is ActionKind.MESSAGE_DELETE and webhook.message is not None:
            self._remove((webhook.group, webhook.message))
        elif webhook.type is ActionKind.MEMBER_MUTE:
            until = Millis(webhook.time + webhook.seconds * 1000)
            self._muted_until[member] = max(until, self._muted_until.get(member, Millis(0)))
        elif webhook.type in _SHUT_OUT:
            self._shut_out.add(member)
        elif webhook.type in _POSTED and webhook.text:
            self.posts[webhook.group].append(webhook.text)

    def _remove(self, message: tuple[str, str]) -> None:
        self.visible.discard(message)
        self.removed.add(message)
