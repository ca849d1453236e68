"""Members, as scoring tells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ScorePart(Struct, frozen=True):
    """Points that a source contributes to a score."""

    source: str
    points: float


class NextLayer(Struct, frozen=True):
    """What the next layer asks for."""

    layer: str
    active_days: int
    score: float


class Explanation(Struct, frozen=True):
    """What makes up a member's score and layer in a group."""

    score: list[ScorePart]
    active_days_28: int
    half_life_days: int = 30
    next_layer: NextLayer | None = None
    sinks_in_days: int | None = None
    recognition_trust: float = 0.0


class RiskPart(Struct, frozen=True):
    """A figure and what it adds to the log-odds of silence."""

    feature: str
    value: float
    log_odds: float


class RiskExplanation(Struct, frozen=True):
    """What makes up a risk."""

    base: float
    parts: list[RiskPart]
    cases: int = 0


class Risk(Struct, frozen=True):
    """How likely a member is silent for so many days, with the 95 % interval."""

    within_days: int
    probability: float
    low: float
    high: float
    explain: RiskExplanation | None = None


class Membership(Struct, frozen=True):
    """A member in one group. `score` halves in 30 days, `score_7` and `score_90` in 7 and 90."""

    member: str
    group: str
    name: str
    role: str
    layer: str
    score: float
    score_7: float
    score_90: float
    active_days: int
    active_days_28: int
    checkin_streak: int
    present: bool
    counts: dict[str, int]
    flags: dict[str, int]
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    churn_risk: Risk | None = None
    explain: Explanation | None = None

    @property
    def flagged(self) -> int:
        """How often something of theirs was flagged, by whatever label."""
        return sum(self.flags.values())


class Member(Struct, frozen=True):
    """A member across the groups, the group with the highest score first."""

    member: str
    name: str
    score: float
    groups: list[Membership]
    churn_risk: Risk | None = None

    @property
    def last_seen(self) -> datetime | None:
        """When they were seen last, in whatever group."""
        return max((each.last_seen for each in self.groups if each.last_seen), default=None)


class Ranked(Struct, frozen=True):
    """A line of a leaderboard."""

    value: float
    member: Membership


class Leaderboard(Struct, frozen=True):
    """Members, the best first, and the cursor of the next ones."""

    items: list[Ranked]
    next: str | None = None


class MembershipPage(Struct, frozen=True):
    """Some members of a group, and the cursor of the next ones."""

    items: list[Membership]
    next: str | None = None


class Spent(Struct, frozen=True):
    """Orders in one currency; `amount` in its minor unit."""

    currency: str
    orders: int
    amount: int


class Business(Struct, frozen=True):
    """What a member bought, of all time."""

    orders: int
    spent: list[Spent]
    last_order: str | None = None


class Behaviour(Struct, frozen=True):
    """What a member did: steps of all time, active days."""

    totals: dict[str, int]
    active_days_7: int
    active_days_28: int
    active_days_90: int


class Interest(Struct, frozen=True):
    """A word that a member talks about."""

    word: str
    weight: float


class InGroup(Struct, frozen=True):
    """When a member came to a group, and by whom."""

    group: str
    role: str
    present: bool
    invited_by: str
    joined_at: datetime | None = None
    left_at: datetime | None = None


class Profile(Struct, frozen=True):
    """A member as of a customer."""

    attributes: dict[str, str | float | bool]
    business: Business
    behaviour: Behaviour
    interests: list[Interest]
    segments: dict[str, list[str]]
    groups: list[InGroup]


class Account(Struct, frozen=True):
    """A member's points in a group."""

    group: str
    balance: int
    owed: int
    earned: int
    level: int
    next_level_at: int | None = None


class Accounts(Struct, frozen=True):
    """A member's points, one account a group."""

    items: list[Account]


class Entry(Struct, frozen=True):
    """A line of the points ledger."""

    group: str
    entry: str
    at: datetime
    amount: int
    reason: str
    state: str
    balance: int | None = None


class EntryPage(Struct, frozen=True):
    """Lines of the ledger, latest first."""

    items: list[Entry]
    next: str | None = None


class Alike(Struct, frozen=True):
    """A group that talks about what a member talks about."""

    score: float
    shared: list[str]
    group: str | None = None


class AlikeList(Struct, frozen=True):
    """The most alike, best first."""

    items: list[Alike]


class Order(StrEnum):
    """What the list is sorted by: the closed set."""

    SCORE = "score"
    CHURN = "churn"
    LAYER = "layer"
    LAST_SEEN = "last_seen"
    FLAGS = "flags"
    POINTS = "points"
    MESSAGES = "messages"
    REPLIES_RECEIVED = "replies_received"
    INVITES = "invites"
    PURCHASES = "purchases"

    @property
    def is_listed(self) -> bool:
        """Whether it is an order of scoring's list of members, and not of its leaderboard."""
        return self in (Order.CHURN, Order.LAYER, Order.LAST_SEEN, Order.POINTS)

    @property
    def is_ranked(self) -> bool:
        """Whether scoring itself sorts by it; else the members of a group are sorted here."""
        return self is not Order.FLAGS

    @property
    def needs_group(self) -> bool:
        """Whether only the members of one group can be sorted by it."""
        return self not in (Order.SCORE, Order.CHURN, Order.LAYER, Order.LAST_SEEN)


def most_flagged(members: Iterable[Membership]) -> list[Membership]:
    """Return members, those of whom most was flagged first."""
    return sorted(members, key=lambda each: (-each.flagged, each.member))


def named(text: str, members: Sequence[Membership]) -> list[Membership]:
    """Return the members whose id or name holds a text, however it is cased."""
    wanted = text.casefold()
    return [
        each
        for each in members
        if wanted in each.member.casefold() or wanted in each.name.casefold()
    ]
