"""A member in one group: what is known of them, folded from events in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.acts import acted_in, acts_kept, received_in
from services.scoring.answers import ANSWER_HOURS, answered, until_answered
from services.scoring.calendar import HOURS_KEPT, OFFSET, Moment, day_of, hour_of
from services.scoring.contribution import Gain
from services.scoring.presence import Presence
from services.scoring.rings import Ring, added, rows, since
from services.scoring.score import Score
from services.scoring.ties import ENOUGH_DAYS, GIVEN, REACTED, RECEIVED, Ties
from services.scoring.told import Told
from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    Millis,
    PurchaseMade,
    Role,
    TenantId,
)

ORDER_DAYS_KEPT: Final = 728
"""How many days it is remembered on which days a member bought something."""
_GIVES: Final = (GIVEN,)
_IS_REPLIED_TO: Final = (RECEIVED,)
_IS_REACTED_TO: Final = (RECEIVED, REACTED)
_FIRST_PRESENCE: Final = Presence()
_FIRST_SCORE: Final = Score()
_NO_TIES: Final = Ties()
_NAMING: Final = (MemberJoined, MemberUpdated)


class Circle(StrEnum):
    """Who is measured with whom: each circle has leaderboards of its own."""

    MEMBERS = "members"
    OPERATORS = "operators"
    BOTS = "bots"


_NOTHING_TOLD: Final = Told()


class Member(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a member did in a group, and what came back. Moments are in ms, 0 for never.

    `anchor` and `anchor_day` are the latest hour and local day in which anything
    happened to the member; what is remembered reaches back from them. `offset` is how
    far local time is ahead of UTC (ms), for who reads the member: they set it. First
    and last seen count everything, spam too. `received` is a ring (width 2) of
    answers per hour, up to a day after the member arrived. `ties` are with whom
    there were replies and reactions, `trust` how much of the recognition counts
    for that (`Ties.credibility`). `acts` is a ring of what they did each week
    (`acts`). `orders` is a ring (width 2) of purchases by day,
    for two years, `paid` what they came to, by currency, in its minor unit. At
    `due_at` the member is looked at (`transitions`), and `told` is what was said then.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    anchor: int = 0
    anchor_day: int = 0
    offset: int = OFFSET
    first_seen: int = 0
    last_seen: int = 0
    left_at: int = 0
    role: Role = Role.MEMBER
    name: str = ""
    named_at: int = 0
    counts: dict[str, int] = {}
    flags: dict[str, int] = {}
    presence: Presence = _FIRST_PRESENCE
    score: Score = _FIRST_SCORE
    received: Ring = []
    ties: Ties = _NO_TIES
    trust: float = 0.0
    acts: Ring = []
    orders: Ring = []
    paid: dict[str, int] = {}
    due_at: Millis | None = None
    told: Told = _NOTHING_TOLD

    @property
    def rank(self) -> float:
        """What sorts members by score at any time (`decay.rank`)."""
        return self.score.rank

    @property
    def messages(self) -> int:
        """How many messages of the member's count."""
        return self.counts.get("messages", 0)

    @property
    def circle(self) -> str:
        """Which `Circle` the member belongs to, as MongoDB keeps it."""
        if self.role is Role.MEMBER:
            return "members"
        return "bots" if self.role is Role.BOT else "operators"

    def day(self, at: int) -> int:
        """Return the number of the member's day at `at` (ms), or of the latest one known."""
        return max(day_of(at, self.offset), self.anchor_day)

    def score_on(self, day: int) -> float:
        """Return the score on `day`, in points."""
        return self.score.value(day, self.trust)

    @property
    def is_present(self) -> bool:
        """Whether this is a person who was seen in the group and has not left it."""
        return self.last_seen > self.left_at and self.role is not Role.BOT

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered the member within a day of arriving (known for two weeks)."""
        if not self.received:
            return False
        arrived = hour_of(self.first_seen)
        answers = rows(self.received, 2, arrived, arrived + ANSWER_HOURS)
        return any(count > 0 for _, count in answers)


def tally(counts: Mapping[str, int], names: Iterable[str], amount: int) -> dict[str, int]:
    """Return counters of which the named ones grew by `amount`; zeros are not kept."""
    grown = dict(counts)
    for name in names:
        count = grown[name] = grown.get(name, 0) + amount
        if not count:
            del grown[name]
    return grown


def acted(old: Member | None, event: BaseEvent, when: Moment, gain: Gain, sign: int) -> Member:
    """Return the member after acting.

    `sign` says how often the event counts: 1, -1 to take it back, 0 when it is
    only known to have happened. Whatever the sign, the member was seen.
    """
    time = event.time
    if old is None:
        old = _first(event, event.member, when)
    elif when.hour > old.anchor or when.day > old.anchor_day:
        old = _moved_on(old, when)
    day = old.anchor_day
    counts, first_seen = old.counts, min(old.first_seen or time, time)
    presence, score, ties, trust = old.presence, old.score, old.ties, old.trust
    orders, paid, acts = old.orders, old.paid, old.acts
    if sign:
        counts = tally(counts, gain.counts, sign)
        if gain.active:
            presence = presence.record(gain, sign, when, day)
        acts = acted_in(acts, gain, sign, when.week, day)
        if gain.reacted_to:
            ties = ties.bumped(gain.reacted_to, when.day, _GIVES, sign, day)
            trust = ties.credibility(score.days_recognised(ENOUGH_DAYS))
            score = score.ranked(trust)
        if gain.points:
            score = score.add(gain.source, sign * gain.points, when.day, day, trust)
        if type(event) is PurchaseMade:
            paid = tally(paid, (event.currency,), sign * event.amount)
            orders = since(added(orders, when.day, sign), 2, day - ORDER_DAYS_KEPT + 1)
    latest = time >= old.last_seen
    named_at, name = _name(old, event)
    return Member(
        tenant=old.tenant,
        group=old.group,
        member=old.member,
        anchor=old.anchor,
        anchor_day=day,
        offset=old.offset,
        first_seen=first_seen,
        last_seen=time if latest else old.last_seen,
        left_at=max(old.left_at, time) if type(event) is MemberLeft else old.left_at,
        role=_role(old, event),
        name=name,
        named_at=named_at,
        counts=counts,
        flags=old.flags,
        presence=presence,
        score=score,
        received=until_answered(old.received, first_seen) if old.received else [],
        ties=ties,
        trust=trust,
        acts=acts,
        orders=orders,
        paid=paid,
        due_at=old.due_at,
        told=old.told,
    )


def touched(
    old: Member | None, by: BaseEvent, when: Moment, member: str, gain: Gain, sign: int
) -> Member:
    """Return the member after somebody replied to, reacted to or mentioned them."""
    if old is None:
        old = _first(by, member, when)
    elif when.hour > old.anchor or when.day > old.anchor_day:
        old = _moved_on(old, when)
    if not sign:
        return old
    day = old.anchor_day
    ties, trust, score = old.ties, old.trust, old.score
    if gain.points:
        columns = _IS_REACTED_TO if gain.kind == "reactions_received" else _IS_REPLIED_TO
        ties = ties.bumped(by.member, when.day, columns, sign, day)
        score = score.add(gain.source, sign * gain.points, when.day, day, None)
        trust = ties.credibility(score.days_recognised(ENOUGH_DAYS))
        score = score.ranked(trust)
    return replace(
        old,
        counts=tally(old.counts, gain.counts, sign),
        score=score,
        received=answered(old.received, old.first_seen, when, old.anchor, sign),
        ties=ties,
        trust=trust,
        acts=received_in(old.acts, sign, when.week, day),
    )


def flagged(old: Member, labels: Iterable[str], flags: int) -> Member:
    """Return the member with a flag's labels counted against them (1), or no longer (-1)."""
    return replace(old, flags=tally(old.flags, labels, flags))


def _first(event: BaseEvent, member: str, when: Moment) -> Member:
    return Member(
        tenant=event.tenant,
        group=event.group,
        member=MemberId(member),
        anchor=when.hour,
        anchor_day=when.day,
    )


def _moved_on(old: Member, when: Moment) -> Member:
    """Return the member with what is too old forgotten, when something happens later."""
    hour, day = max(old.anchor, when.hour), max(old.anchor_day, when.day)
    received = since(old.received, 2, hour - HOURS_KEPT + 1) if old.received else old.received
    if day == old.anchor_day:
        return replace(old, anchor=hour, received=received)
    presence, score, ties = old.presence.forget(day), old.score.forget(day), old.ties
    trust = old.trust
    if ties.rows:
        ties = ties.forget(day)
        trust = ties.credibility(score.days_recognised(ENOUGH_DAYS))
    if trust != old.trust or score is not old.score:
        score = score.ranked(trust)
    orders = since(old.orders, 2, day - ORDER_DAYS_KEPT + 1) if old.orders else old.orders
    return replace(
        old,
        anchor=hour,
        anchor_day=day,
        received=received,
        presence=presence,
        score=score,
        ties=ties,
        trust=trust,
        acts=acts_kept(old.acts, day),
        orders=orders,
    )


def _role(old: Member, event: BaseEvent) -> Role:
    if event.time == old.last_seen:
        return max(old.role, event.role)
    return event.role if event.time > old.last_seen else old.role


def _name(old: Member, event: BaseEvent) -> tuple[int, str]:
    known = (old.named_at, old.name)
    if isinstance(event, _NAMING) and event.name:
        return max(known, (event.time, event.name))
    return known
