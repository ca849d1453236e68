"""Whom to let in further, and whom to say goodbye to: proposals, never done on their own."""

from __future__ import annotations

from typing import NamedTuple

from services.scoring.calendar import DAY
from services.scoring.member import Member
from services.scoring.points.terms import Admission, Terms
from shared.events import Role


class Standing(NamedTuple):
    """What admission looks at, over all of a tenant's groups."""

    level: int
    points: int
    purchases: int
    invited: bool


class Met(NamedTuple):
    """A condition: what it asks for, and what there is."""

    name: str
    wanted: int
    has: int

    @property
    def is_met(self) -> bool:
        """Whether there is enough."""
        return self.has >= self.wanted


class Goodbye(NamedTuple):
    """Why a member may be said goodbye to."""

    silent_days: int
    flags: int
    because: str


def conditions(asked: Admission, standing: Standing) -> list[Met]:
    """Return the conditions that are asked for, each with what there is."""
    all_of_them = (
        Met("level", asked.level, standing.level),
        Met("points", asked.points, standing.points),
        Met("purchase", int(asked.purchase), standing.purchases),
        Met("invited", int(asked.invited), int(standing.invited)),
    )
    return [each for each in all_of_them if each.wanted]


def goodbye_to(member: Member, terms: Terms, at: int) -> Goodbye | None:
    """Return why to propose a farewell at `at` (ms), if there is a reason.

    Never to those who run the group, to bots, or to who has left.
    """
    if member.role is not Role.MEMBER or not member.is_present:
        return None
    silent = max(0, at - member.last_seen) // DAY
    flags = sum(member.flags.values())
    reasons = []
    if silent >= terms.farewell_after_days:
        reasons.append(f"silent for {silent} days")
    if flags >= terms.farewell_flags:
        reasons.append(f"flagged {flags} times")
    return Goodbye(silent, flags, ", ".join(reasons)) if reasons else None
