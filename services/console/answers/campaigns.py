"""Campaigns, as notify tells them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from msgspec import Struct

from services.console.answers.schedules import Schedule


class Recipient(Struct, frozen=True):
    """A group, or one member of it."""

    group: str
    member: str | None = None


class Audience(Struct, frozen=True):
    """Whom a campaign goes to."""

    recipients: list[Recipient] = []
    every_group: bool = False
    segments: list[str] = []
    attributes: dict[str, str] = {}
    groups: list[str] = []


class Variant(Struct, frozen=True):
    """Other words for members of some segments, or for some groups."""

    text: str
    segments: list[str] = []
    groups: list[str] = []


class Content(Struct, frozen=True):
    """What a campaign says, and in whose name."""

    text: str
    variants: list[Variant] = []
    variables: dict[str, str] = {}
    persona: str | None = None


class Quiet(Struct, frozen=True):
    """Nothing is said from `start` until `end`, local time."""

    start: str
    end: str
    zone: str


class Frequency(Struct, frozen=True):
    """How often one recipient may be written to."""

    pause_seconds: int = 0
    quiet: Quiet | None = None


class Definition(Struct, frozen=True):
    """What a campaign is made from."""

    name: str
    audience: Audience
    content: Content
    schedule: Schedule = Schedule()
    frequency: Frequency = Frequency()
    per_minute: int = 600
    holdout: float = 0.0


_RUN: Final = re.compile(r"run (?P<run>\d+) (?P<step>started|ended)(?:: (?P<asked>\d+))?")


class Logged(Struct, frozen=True):
    """Something that happened to a campaign; nobody's `by` is its time's."""

    at: datetime
    what: str
    by: str

    @property
    def step(self) -> str:
        """What happened, without the numbers: `started` and `ended` are a run's."""
        told = _RUN.fullmatch(self.what)
        return told["step"] if told else self.what

    @property
    def run(self) -> str:
        """The number of the run it is about, if it is about one."""
        told = _RUN.fullmatch(self.what)
        return told["run"] if told else ""

    @property
    def asked(self) -> str:
        """How many recipients a run that ended had."""
        told = _RUN.fullmatch(self.what)
        return (told["asked"] or "") if told else ""


class Campaign(Struct, frozen=True):
    """A campaign and where it stands."""

    id: str
    state: str
    created_at: datetime
    changed_at: datetime
    approved_by: str
    runs: int
    asked: int
    definition: Definition
    log: list[Logged]
    approved_at: datetime | None = None
    next_at: datetime | None = None

    @property
    def may(self) -> frozenset[str]:
        """What can be asked of it in its state."""
        return _MOVES.get(self.state, frozenset())

    @property
    def started(self) -> list[datetime]:
        """When its runs began, as far as its log remembers."""
        return [each.at for each in self.log if each.what.endswith("started")]


_MOVES: Final = {
    "draft": frozenset({"approve", "cancel", "edit"}),
    "scheduled": frozenset({"pause", "cancel", "edit"}),
    "running": frozenset({"pause", "cancel"}),
    "paused": frozenset({"resume", "cancel", "edit"}),
    "finished": frozenset({"pause", "cancel"}),
}


class CampaignPage(Struct, frozen=True):
    """Some campaigns, and the cursor of the next ones."""

    items: list[Campaign]
    next: str | None = None


class Persona(Struct, frozen=True):
    """In whose name something is said."""

    id: str
    name: str


class PersonaPage(Struct, frozen=True):
    """The personas."""

    items: list[Persona]


class Segment(Struct, frozen=True):
    """A segment, and how many memberships are in it."""

    id: str
    name: str
    members: int


class SegmentList(Struct, frozen=True):
    """The segments."""

    items: list[Segment]


class Wording(Struct, frozen=True):
    """What one recipient would read, or why nothing can be said to them."""

    group: str
    text: str
    problem: str
    member: str | None = None


class Preview(Struct, frozen=True):
    """What some recipients would read."""

    items: list[Wording]


class DryRun(Struct, frozen=True):
    """What would happen if a campaign were approved now."""

    recipients: int
    held_out: int
    minutes: float
    times: list[datetime]
    first: list[Wording]


class Arm(Struct, frozen=True):
    """Recipients whose watch has ended, and how many of them were active."""

    measured: int
    active: int
    share: float


class Lift(Struct, frozen=True):
    """How much larger the share of the active is with the message, with 95 % bounds."""

    difference: float
    low: float
    high: float


class Results(Struct, frozen=True):
    """What became of a campaign."""

    run: int
    messages: dict[str, int]
    reasons: dict[str, int]
    deliveries: dict[str, int]
    sent: Arm
    held_out: Arm
    lift: Lift | None = None


class Sent(Struct, frozen=True):
    """A message to one recipient, and what became of it."""

    id: str
    run: int
    group: str
    state: str
    reason: str
    at: datetime
    deliveries: dict[str, int]
    member: str | None = None
    due_at: datetime | None = None


class SentPage(Struct, frozen=True):
    """Some messages, and the cursor of the next ones."""

    items: list[Sent]
    next: str | None = None
