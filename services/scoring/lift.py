"""Whether asking silent members to come back brings them back: those asked and those held out."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import Final, NamedTuple

from services.scoring.calendar import DAY, DAYS_KEPT, day_of
from services.scoring.member import Member

RETURN_DAYS: Final = 28
"""Who is active again within so many days has come back."""
JUDGED_DAYS: Final = DAYS_KEPT - RETURN_DAYS
"""How many days back it is known who came back within `RETURN_DAYS`."""
_Z: Final = 1.96


class Share(NamedTuple):
    """How many were judged, and how many of them came back."""

    judged: int
    returned: int

    @property
    def rate(self) -> float:
        """The share that came back; 0 where nobody was judged."""
        return self.returned / self.judged if self.judged else 0.0


class Lift(NamedTuple):
    """The difference that asking makes to the share that comes back, with a 95 % interval."""

    asked: Share
    held_out: Share
    pending: int

    @property
    def difference(self) -> float | None:
        """How much greater the share is among those asked; None where one side is empty."""
        if not self.asked.judged or not self.held_out.judged:
            return None
        return self.asked.rate - self.held_out.rate

    @property
    def margin(self) -> float | None:
        """Half of the interval's width (Agresti and Caffo 2000: one more of each outcome)."""
        if self.difference is None:
            return None
        spread = 0.0
        for share in (self.asked, self.held_out):
            rate = (share.returned + 1) / (share.judged + 2)
            spread += rate * (1 - rate) / (share.judged + 2)
        return _Z * sqrt(spread)


def lift_of(members: Iterable[Member], at: int) -> Lift:
    """Judge at `at` (ms) all who were to be won back 28 days ago or longer."""
    counts = {False: [0, 0], True: [0, 0]}
    pending = 0
    for member in members:
        told = member.told
        if at < told.win_back_at + RETURN_DAYS * DAY:
            pending += 1
            continue
        asked_on = day_of(told.win_back_at, member.offset)
        side = counts[told.held_out]
        side[0] += 1
        side[1] += _came_back(member, asked_on)
    asked, held_out = Share(*counts[False]), Share(*counts[True])
    return Lift(asked, held_out, pending)


def _came_back(member: Member, asked_on: int) -> bool:
    return any(
        member.presence.is_active_on(day) for day in range(asked_on + 1, asked_on + RETURN_DAYS + 1)
    )
