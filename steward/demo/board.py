"""What the live view shows, whoever shows it: plain facts, gathered a few times a second."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

_UNSEEN: Final = frozenset({"Cf", "Cc", "Me", "Mn"})
"""Unicode categories that a terminal shows as nothing, or as a mess."""


@dataclass(frozen=True)
class ComingIn:
    """Something that just happened."""

    clock: str
    group: str
    who: str
    what: str


@dataclass(frozen=True)
class Flagged:
    """An event that was flagged: what it said, as what and why, and the verdict."""

    clock: str
    group: str
    who: str
    what: str
    labels: Sequence[str]
    because: str
    decision: str


@dataclass(frozen=True)
class Leader:
    """A member who matters: `points` is the score as it is today."""

    who: str
    group: str
    layer: str
    points: float


@dataclass(frozen=True)
class GroupState:
    """How a group is doing: `health` is from 0 to 100, `why` what weighs on it most."""

    name: str
    health: int
    stage: str
    why: str


@dataclass
class Board:
    """Everything that is on the screen."""

    clock: str = "00:00"
    total: int = 1
    sent: int = 0
    rate: float = 0.0
    flagged: int = 0
    flags: Sequence[Flagged] = ()
    coming_in: Sequence[ComingIn] = ()
    leaders: Sequence[Leader] = ()
    groups: Sequence[GroupState] = ()
    webhooks: Counter[str] = field(default_factory=Counter)
    deliveries: Counter[str] = field(default_factory=Counter)
    note: str = ""


def visible(text: str) -> str:
    """Return a text without what a terminal cannot show: invisible characters, line ends."""
    spaced = text.replace("\n", " ")
    return "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)


def clock(hour: float) -> str:
    """Write an hour of the day, 0 to 24, as hours and minutes."""
    minutes = int(hour * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"
