"""A member's days, as scoring tells them. Pure."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct


class Day(Struct, frozen=True):
    """How a member stood in a group on a day."""

    day: date
    layer: str
    score: float


class InLayer(NamedTuple):
    """Days that follow one another in one layer."""

    layer: str
    first: date
    last: date
    days: int


class Week(Struct, frozen=True):
    """The part that a member played in a group's talk in a week, and how sure that is."""

    first_day: date
    last_day: date
    part: str
    confidence: float


class InPart(NamedTuple):
    """Weeks that follow one another in one part, and how sure the latest of them is."""

    part: str
    first: date
    last: date
    days: int
    confidence: float


class GroupHistory(Struct, frozen=True):
    """A member's days and weeks in a group, the earliest first."""

    group: str
    days: list[Day]
    parts: list[Week] = []

    @property
    def layers(self) -> list[InLayer]:
        """The layers one after another."""
        found = []
        for layer, days in groupby(self.days, key=lambda each: each.layer):
            run = list(days)
            found.append(InLayer(layer, run[0].day, run[-1].day, len(run)))
        return found

    @property
    def roles(self) -> list[InPart]:
        """The parts one after another, from the first of the days on."""
        found = []
        known = [each for each in self.parts if each.last_day >= self.days[0].day]
        for part, weeks in groupby(known, key=lambda each: each.part):
            run = list(weeks)
            first, last = max(run[0].first_day, self.days[0].day), run[-1].last_day
            found.append(InPart(part, first, last, (last - first).days + 1, run[-1].confidence))
        return found


class MemberHistory(Struct, frozen=True):
    """A member's days, by group."""

    groups: list[GroupHistory]

    def of(self, group: str) -> GroupHistory | None:
        """Return the days in one group, if there are any."""
        return next((each for each in self.groups if each.group == group and each.days), None)
