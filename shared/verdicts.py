"""What rules find: labels, decisions, flags, and sightings shared between groups."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from shared.events import Event, Time


class Label(StrEnum):
    """What a flag says is wrong."""

    ADVERTISING = "advertising"
    CONTACT_LURE = "contact_lure"
    LINK_DROP = "link_drop"
    RED_PACKET_LURE = "red_packet_lure"
    GAMBLING = "gambling"
    PORN = "porn"
    FRAUD = "fraud"
    PHISHING = "phishing"
    CONTRABAND = "contraband"
    ABUSE = "abuse"
    QUARREL = "quarrel"
    HARASSMENT = "harassment"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    CAMPAIGN = "campaign"
    RAID = "raid"
    OVER_PROMOTION = "over_promotion"
    REPORTED = "reported"
    POLITICAL = "political"


class Decision(StrEnum):
    """What a verdict asks for, mildest first."""

    ALLOW = "allow"
    WATCH = "watch"
    WARN = "warn"
    DELETE = "delete"
    MUTE = "mute"
    KICK = "kick"
    BAN = "ban"
    ESCALATE = "escalate"


SEVERITY: Final = {decision: rank for rank, decision in enumerate(Decision)}
"""Decisions in order, mildest first."""


class Span(Struct, frozen=True):
    """A stretch of the original text: characters `start` to `end`, and what was seen there."""

    start: int
    end: int
    what: str


class RuleHit(Struct, frozen=True, omit_defaults=True):
    """A rule that fired, what it added to the risk, and the values that made it fire."""

    rule: str
    label: Label
    weight: float
    because: str = ""
    values: dict[str, str | float | int | bool] = {}


class Flag(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verdict against one event, with everything that explains it.

    `spam` says that the event earned nothing: scoring takes back what `event`
    gave. An event is taken back once: only the first flag of it is `spam`.

    `reverses` is the id of a flag that this one takes back. It repeats that
    flag's event, labels and `spam`, so that whoever counted the flag can
    uncount it from this record alone, whichever of the two comes first. A flag
    is taken back at most once, under an id derived from its own.
    """

    id: str
    event: Event
    time: Time
    labels: list[Label]
    risk: float
    decision: Decision
    spam: bool
    rule_set: str
    hits: list[RuleHit] = []
    spans: list[Span] = []
    campaign: str | None = None
    reverses: str | None = None

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return self.event.key


class Acted(Struct, frozen=True, kw_only=True):
    """What rules did about an event by themselves: by which flag, and what it says."""

    flag: str
    decision: Decision
    labels: list[Label]
    risk: float
    rule_set: str


class Sighting(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Something worth recognising (a text, a contact, a domain) was seen in a group.

    `also` are the fingerprints of the event's other sightings. `flagged` says that rules
    removed it, `acted` what they did if that was anything: a warning or more. `suspect`
    says that something of the text speaks against it, or that its writer is new.
    """

    id: str
    fingerprint: str
    time: Time
    event: Event
    flagged: bool = False
    acted: Acted | None = None
    suspect: bool = False
    also: list[str] = []

    @property
    def identity(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return f"{self.event.tenant}/{self.fingerprint}"
