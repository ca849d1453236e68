"""A member in one group: what is known of them, folded from events in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.calendar import HOURS_KEPT, Moment, hour_of
from services.scoring.contribution import Gain
from services.scoring.presence import Presence
from services.scoring.rings import Ring, added, rows, since
from services.scoring.score import Score
from shared.events import (
    BaseEvent,
    GroupId,
    MemberId,
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    Role,
    TenantId,
)

ANSWER_HOURS: Final = 24
"""Within how many hours of arriving somebody is to answer a newcomer."""
_FIRST_PRESENCE: Final = Presence()
_FIRST_SCORE: Final = Score()
_NAMING: Final = (MemberJoined, MemberUpdated)


class Member(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a member did in a group, and what came back. Moments are in ms, 0 for never.

    `anchor` is the latest hour in which anything happened to the member; what
    is remembered reaches back from it. First and last seen count everything, spam
    too. `received` is a ring (width 2) of answers per hour, up to a day after
    the member arrived.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    anchor: int = 0
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
        old = Member(tenant=event.tenant, group=event.group, member=event.member, anchor=when.hour)
    anchor, presence, score, received = _remembered(old, when.hour)
    counts, first_seen = old.counts, min(old.first_seen or time, time)
    if sign:
        counts = tally(counts, gain.counts, sign)
        if gain.active:
            presence = presence.record(gain, sign, when, anchor // 24)
        if gain.points:
            score = score.add(gain.source, sign * gain.points, when.day, anchor // 24)
    named_at, name = _name(old, event)
    return Member(
        tenant=old.tenant,
        group=old.group,
        member=old.member,
        anchor=anchor,
        first_seen=first_seen,
        last_seen=max(old.last_seen, time),
        left_at=max(old.left_at, time) if type(event) is MemberLeft else old.left_at,
        role=_role(old, event),
        name=name,
        named_at=named_at,
        counts=counts,
        flags=old.flags,
        presence=presence,
        score=score,
        received=_until_answered(received, first_seen),
    )


def touched(
    old: Member | None, by: BaseEvent, when: Moment, member: str, gain: Gain, sign: int
) -> Member:
    """Return the member after somebody replied to, reacted to or mentioned them."""
    if old is None:
        old = Member(tenant=by.tenant, group=by.group, member=MemberId(member), anchor=when.hour)
    anchor, presence, score, received = _remembered(old, when.hour)
    counts = old.counts
    if sign:
        counts = tally(counts, gain.counts, sign)
        received = _answered(received, old.first_seen, when.hour, anchor, sign)
        if gain.points:
            score = score.add(gain.source, sign * gain.points, when.day, anchor // 24)
    return replace(
        old, anchor=anchor, counts=counts, presence=presence, score=score, received=received
    )


def flagged(old: Member, labels: Iterable[str], flags: int) -> Member:
    """Return the member with a flag's labels counted against them (1), or no longer (-1)."""
    return replace(old, flags=tally(old.flags, labels, flags))


def _remembered(old: Member, hour: int) -> tuple[int, Presence, Score, Ring]:
    """Return the anchor when something happens in `hour`, and what is remembered then."""
    if hour <= old.anchor:
        return old.anchor, old.presence, old.score, old.received
    received = since(old.received, 2, hour - HOURS_KEPT + 1)
    day = hour // 24
    if day == old.anchor // 24:
        return hour, old.presence, old.score, received
    return hour, old.presence.forget(day), old.score.forget(day), received


def _role(old: Member, event: BaseEvent) -> Role:
    if event.time == old.last_seen:
        return max(old.role, event.role)
    return event.role if event.time > old.last_seen else old.role


def _name(old: Member, event: BaseEvent) -> tuple[int, str]:
    known = (old.named_at, old.name)
    if isinstance(event, _NAMING) and event.name:
        return max(known, (event.time, event.name))
    return known


def _answered(received: Ring, first_seen: int, hour: int, anchor: int, sign: int) -> Ring:
    if hour <= anchor - HOURS_KEPT:
        return received
    if first_seen and hour > hour_of(first_seen) + ANSWER_HOURS:
        return received
    return _until_answered(added(received, hour, sign), first_seen)


def _until_answered(received: Ring, first_seen: int) -> Ring:
    """Keep only the answers up to a day after the member arrived, as far as that is known."""
    if not received or not first_seen:
        return received
    last = hour_of(first_seen) + ANSWER_HOURS
    if received[-2] <= last:
        return received
    return [
        number
        for at in range(0, len(received), 2)
        if received[at] <= last
        for number in received[at : at + 2]
    ]
