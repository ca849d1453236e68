"""A message that others valued: who reacted, replied or saved it, and what that makes it worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import IntFlag
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.profiles.keywords import tokens
from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MessageId,
    MessagePosted,
    ReactionAdded,
    Role,
    TenantId,
)

MOST_PEOPLE: Final = 200
"""People of one message who are told apart; further ones do not count."""
MOST_CHARACTERS: Final = 2_000
_TOKENS: Final = 200


class Valued(IntFlag):
    """What somebody did with another's message."""

    REACTED = 1
    REPLIED = 2
    SAVED = 4


WORTH: Final[dict[Valued, int]] = {Valued.REACTED: 1, Valued.REPLIED: 2, Valued.SAVED: 3}
"""What each person's reaction, reply or saving adds to a message's value, once."""
SAVING: Final = frozenset({"⭐", "⭐️", "🌟", "📌", "🔖", "💾", "收藏", "save", "saved", "bookmark"})
"""Reactions that save a message rather than only like it."""


class Said(Struct, frozen=True):
    """A message of the last hour, as far as a digest needs it."""

    member: MemberId
    text: str
    time: int


class Highlight(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message with what people did with it. MongoDB removes it when `expires_at` has come.

    `people` holds who did what (bits of `Valued`), `value` what that is worth,
    `tokens` the words it is found by. `hidden`: it was flagged; the text is gone.
    """

    tenant: TenantId
    group: GroupId
    message: MessageId
    member: MemberId
    text: str
    time: int
    day: int
    expires_at: datetime
    people: list[tuple[str, int]] = []
    value: int = 0
    tokens: list[str] = []
    hidden: bool = False

    def count(self, what: Valued) -> int:
        """Return how many people did this with the message."""
        return sum(1 for _, did in self.people if did & what)


def highlight(event: BaseEvent, message: MessageId, said: Said, day: int, kept: int) -> Highlight:
    """Return a message of a day as one kept for so many days; nobody valued it yet."""
    text = said.text[:MOST_CHARACTERS]
    return Highlight(
        tenant=event.tenant,
        group=event.group,
        message=message,
        member=said.member,
        text=text,
        time=said.time,
        day=day,
        expires_at=datetime.fromtimestamp(said.time / 1000, tz=UTC) + timedelta(days=kept),
        tokens=tokens(text)[:_TOKENS],
    )


def valued(known: Highlight, by: str, what: Valued, sign: int) -> Highlight:
    """Return the message after somebody did something with it (1), or that was taken back (-1).

    What authors do with their own messages does not count, nor anything twice.
    """
    people = dict(known.people)
    did = people.get(by, 0)
    now = did | what if sign > 0 else did & ~what
    if by == known.member or now == did or (not did and len(people) >= MOST_PEOPLE):
        return known
    people[by] = int(now)
    if not now:
        del people[by]
    value = known.value + sign * WORTH[what]
    return replace(known, people=list(people.items()), value=value)


def rewritten(known: Highlight, text: str) -> Highlight:
    """Return the message with what it says now."""
    text = text[:MOST_CHARACTERS]
    return replace(known, text=text, tokens=tokens(text)[:_TOKENS], hidden=False)


def hidden(known: Highlight) -> Highlight:
    """Return the message without its text, since it was flagged."""
    return replace(known, text="", tokens=[], hidden=True)


def without(known: Highlight, member: str) -> Highlight | None:
    """Return the message without a member who is to be forgotten; None if they wrote it."""
    if known.member == member:
        return None
    for what in Valued:
        known = valued(known, member, what, -1)
    return known


def deed(event: BaseEvent) -> tuple[MessageId, Valued] | None:
    """Return which message an event values, and how; bots value nothing."""
    if event.role is Role.BOT:
        return None
    if isinstance(event, MessagePosted) and event.reply_to:
        return event.reply_to, Valued.REPLIED
    if isinstance(event, ReactionAdded):
        saves = event.emoji.casefold() in SAVING
        return event.message, Valued.SAVED if saves else Valued.REACTED
    return None
