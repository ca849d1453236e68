"""What an event earns, for the member who acts and for those it is addressed to.

The one function of an event by which points are given, and taken back when the
event turns out to be spam.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.scoring.cues import disagrees
from services.scoring.worth import message_points
from shared.events import (
    ActivityAttended,
    BaseEvent,
    CheckinMade,
    ContactRequested,
    ContentViewed,
    InviteAccepted,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PurchaseMade,
    ReactionAdded,
    RelayPosted,
    ReportFiled,
    Role,
)


class Source(StrEnum):
    """Where points come from; a score is explained by them."""

    TALK = "talk"
    RECOGNITION = "recognition"
    PARTICIPATION = "participation"
    COMMITMENT = "commitment"


class Gain(NamedTuple):
    """What one member gets out of one event.

    `counts` names the counters that grow by one, `active` says that it makes
    the day an active day, `reacted_to` is whose message got a reaction, `against` that
    it says that somebody is wrong.
    """

    source: Source
    points: int
    counts: tuple[str, ...]
    active: bool = False
    reacted_to: str = ""
    against: bool = False

    @property
    def kind(self) -> str:
        """The first of the counters: what sort of thing it is."""
        return self.counts[0]


REPLY_POINTS: Final = 2
REACTION_POINTS: Final = 1
CHECKIN_POINTS: Final = 5
VIEW_POINTS: Final = 1
ACTIVITY_POINTS: Final = 25
INVITE_POINTS: Final = 20
PURCHASE_POINTS: Final = 30
PURCHASE_STEP: Final = 2
REPLY_RECEIVED_POINTS: Final = 4
REACTION_RECEIVED_POINTS: Final = 3
MENTIONS_COUNTED: Final = 3
"""How many of a message's mentions count, so that an event touches few documents."""

_UPDATE: Final = Gain(Source.TALK, 0, ("updates",))
_REPLY: Final = Gain(Source.RECOGNITION, REPLY_RECEIVED_POINTS, ("replies_received", "touches"))
_RECEIPT: Final = Gain(Source.RECOGNITION, 0, ("replies_received", "touches"))
_REACTION: Final = Gain(
    Source.RECOGNITION, REACTION_RECEIVED_POINTS, ("reactions_received", "touches")
)
_MENTION: Final = Gain(Source.RECOGNITION, 0, ("mentions_received", "touches"))

_FIXED: Final[dict[type[BaseEvent], Gain]] = {
    CheckinMade: Gain(Source.PARTICIPATION, CHECKIN_POINTS, ("checkins",), active=True),
    ActivityAttended: Gain(Source.PARTICIPATION, ACTIVITY_POINTS, ("activities",), active=True),
    ContentViewed: Gain(Source.PARTICIPATION, VIEW_POINTS, ("views",)),
    InviteAccepted: Gain(Source.COMMITMENT, INVITE_POINTS, ("invites",), active=True),
    RelayPosted: Gain(Source.TALK, 0, ("relays",)),
    ReportFiled: Gain(Source.TALK, 0, ("reports",)),
    ContactRequested: Gain(Source.TALK, 0, ("contacts",)),
    MemberJoined: Gain(Source.TALK, 0, ("joins",)),
    MemberLeft: Gain(Source.TALK, 0, ("leaves",)),
    MessageEdited: Gain(Source.TALK, 0, ("edits",)),
    MessageDeleted: Gain(Source.TALK, 0, ("deletes",)),
}


class Gains(NamedTuple):
    """What everybody gets out of one event: who acted, and those it is addressed to.

    Nobody gets anything from themselves, and each of the others only the most
    that the event gives them.
    """

    own: Gain
    others: tuple[tuple[str, Gain], ...] = ()


def _addressed(event: MessagePosted, low_value: bool) -> tuple[tuple[str, Gain], ...]:
    gains: dict[str, Gain] = dict.fromkeys(event.mentions[:MENTIONS_COUNTED], _MENTION)
    if event.reply_to_member:
        gains[event.reply_to_member] = _RECEIPT if low_value else _REPLY
    gains.pop(event.member, None)
    return tuple(gains.items())


def _message(event: MessagePosted) -> Gains:
    points, low_value = message_points(event)
    counts: tuple[str, ...] = ("messages", "low_value") if low_value else ("messages",)
    if event.reply_to_member and event.reply_to_member != event.member:
        points += 0 if low_value else REPLY_POINTS
        counts += ("replies",)
    against = not low_value and disagrees(event.text)
    own = Gain(Source.TALK, points, counts, active=True, against=against)
    if event.reply_to_member or event.mentions:
        return Gains(own, _addressed(event, low_value))
    return Gains(own)


def _purchase(event: PurchaseMade) -> Gains:
    steps = (event.amount // 100).bit_length()
    points = PURCHASE_POINTS + PURCHASE_STEP * steps
    return Gains(Gain(Source.COMMITMENT, points, ("purchases",), active=True))


def _reaction(event: ReactionAdded) -> Gains:
    if event.author == event.member:
        return Gains(Gain(Source.TALK, 0, ("reactions",), active=True))
    own = Gain(
        Source.TALK, REACTION_POINTS, ("reactions",), active=True, reacted_to=event.author or ""
    )
    return Gains(own, ((event.author, _REACTION),) if event.author else ())


_BY_VALUE: Final[dict[type[BaseEvent], Callable[[Any], Gains]]] = {
    MessagePosted: _message,
    PurchaseMade: _purchase,
    ReactionAdded: _reaction,
}


def gains_of(event: BaseEvent) -> Gains:
    """Return what the event earns; what bots do is counted, but earns nobody anything."""
    judge = _BY_VALUE.get(type(event))
    gains = judge(event) if judge else Gains(_FIXED.get(type(event), _UPDATE))
    if event.role is Role.BOT:
        return Gains(Gain(gains.own.source, 0, gains.own.counts))
    return gains


def addressees(event: BaseEvent) -> tuple[str, ...]:
    """Return the members other than the acting one to whom the event gives something."""
    if event.role is Role.BOT:
        return ()
    if type(event) is MessagePosted:
        if event.reply_to_member or event.mentions:
            return tuple(member for member, _ in _addressed(event, low_value=False))
        return ()
    if type(event) is ReactionAdded and event.author and event.author != event.member:
        return (event.author,)
    return ()
