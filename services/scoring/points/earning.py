"""Which events earn points, for whom."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.scoring.points.terms import PLACE, Earning
from services.scoring.worth import message_points
from shared.events import (
    ActivityAttended,
    BaseEvent,
    CheckinMade,
    MessagePosted,
    PurchaseMade,
    ReactionAdded,
    Role,
)

ACCEPTS: Final = frozenset({"✅", "✔️", "✔", "white_check_mark", "accepted", "采纳", "最佳答案"})
"""Reactions that accept a message as the answer."""
MINOR_UNITS: Final = 100


class Earned(NamedTuple):
    """Who earned by an event, what for (a place in `EARNINGS`), and how many times."""

    member: str
    place: int
    times: int


def earned_by(event: BaseEvent) -> Earned | None:
    """Return what an event earns, if anything: low-value posts and bots earn nothing."""
    if event.role is Role.BOT:
        return None
    kind = type(event)
    if kind is MessagePosted:
        _, low_value = message_points(event)  # type: ignore[arg-type]
        return None if low_value else Earned(event.member, PLACE[Earning.MESSAGE], 1)
    if kind is CheckinMade:
        return Earned(event.member, PLACE[Earning.CHECKIN], 1)
    if kind is ActivityAttended:
        return Earned(event.member, PLACE[Earning.ACTIVITY], 1)
    if isinstance(event, PurchaseMade):
        return Earned(event.member, PLACE[Earning.PURCHASE], event.amount // MINOR_UNITS)
    if isinstance(event, ReactionAdded):
        return _accepted(event)
    return None


def _accepted(event: ReactionAdded) -> Earned | None:
    if event.emoji not in ACCEPTS or not event.author or event.author == event.member:
        return None
    return Earned(event.author, PLACE[Earning.ANSWER], 1)
