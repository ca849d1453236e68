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


class GroupHistory(Struct, frozen=True):
    """A member's days in a group, the earliest first."""

    group: str
    days: list[Day]

    @property
    def layers(self) -> list[InLayer]:
        """The layers one after another."""
        found = []
        for layer, days in groupby(self.days, key=lambda each: each.layer):
            run = list(days)
            found.append(InLayer(layer, run[0].day, run[-1].day, len(run)))
        return found


class MemberHistory(Struct, frozen=True):
    """A member's days, by group."""

    groups: list[GroupHistory]

    def of(self, group: str) -> GroupHistory | None:
        """Return the days in one group, if there are any."""
        return next((each for each in self.groups if each.group == group and each.days), None)
