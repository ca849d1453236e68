"""What scoring tells of one group beside its state."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct


class Day(Struct, frozen=True):
    """A day of a group."""

    day: date
    messages: int
    operator_messages: int
    bot_messages: int
    spam: int
    active: int
    health: int | None = None


class Activity(Struct, frozen=True):
    """A group's days, and its messages by weekday and hour."""

    days: list[Day]
    hours: list[list[int]]


class KeyPerson(Struct, frozen=True):
    """Somebody whom the talk goes to and through."""

    member: str
    score: float


class KeyPeople(Struct, frozen=True):
    """A group's key people."""

    items: list[KeyPerson]


class Line(Struct, frozen=True):
    """Two who talk to each other."""

    one: str
    other: str
    weight: float


class Talk(Struct, frozen=True):
    """The strongest lines of a group's talk."""

    people: int
    items: list[Line]


class Half(Struct, frozen=True):
    """One of two proposed groups."""

    members: list[str]
    kept: float
    expected_talk: float


class Split(Struct, frozen=True):
    """Whether a group should be split."""

    advised: bool
    reason: str
    talkers: int
    communities: int
    modularity: float
    needed: float
    lost: float
    halves: list[Half]


class Highlight(Struct, frozen=True):
    """A message of a digest."""

    message: str
    member: str
    text: str
    time: datetime
    value: int
    reacted: int
    replied: int
    saved: int


class Digest(Struct, frozen=True):
    """The best of a group's day or week."""

    first: date
    last: date
    items: list[Highlight]


class FirstWeek(Struct, frozen=True):
    """Newcomers whose first week is over."""

    arrived: int
    returned: int
    share: float | None = None


class Conduct(Struct, frozen=True):
    """How a group is run."""

    operator_messages: int
    member_messages: int
    broadcasts_per_day: float
    first_week: FirstWeek
    promotion_share: float | None = None
    broadcast_share: float | None = None
