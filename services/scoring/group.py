"""A group: what is known of it, folded from events in any order.

Figures about members (how many were active, how evenly they talk, who was
answered) are sums over members of something their own documents tell. So the
fold adds the difference that an event made to a member's document, and the sum
stays exact whatever came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from services.scoring import talkers
from services.scoring.calendar import (
    DAYS_KEPT,
    HOUR,
    HOURS_KEPT,
    OFFSET,
    WEEKS_KEPT,
    Moment,
    hour_of,
    week_of,
)
from services.scoring.contribution import Gain
from services.scoring.erasure.tombstones import Tombstones
from services.scoring.member import Member, tally
from services.scoring.rings import Ring, added, bump, since
from shared.events import BaseEvent, GroupId, MessagePosted, Role, TenantId

DAY_WIDTH: Final = 7
MESSAGES, OPERATOR, BOT, SPAM, ACTIVE, LATEST = range(1, DAY_WIDTH)
"""Columns of a group's days: messages by members, by those who run the group and by
bots, messages taken back as spam, members active that day, members whose latest
active day it is."""
ARRIVAL_WIDTH: Final = 4
ARRIVED, SPOKE, ANSWERED = range(1, ARRIVAL_WIDTH)
"""Columns of arrivals: members who arrived in that hour, those of them who have
written, and those who have written and were answered within a day."""


class Group(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What happened in a group. Moments are in ms.

    `last_day` is the latest local day with an event, `offset` how far local time is
    ahead of UTC (ms), for who reads the group: they set it.
    `days`, `hours` (members' messages), `weeks` (`talkers`), `joined` and
    `appeared` (arrivals with and without an event that says so) are rings. `erased`
    keeps out what erased members did before (`erasure.tombstones`).
    """

    tenant: TenantId
    group: GroupId
    first_at: int
    last_at: int
    last_day: int = 0
    offset: int = OFFSET
    members: int = 0
    counts: dict[str, int] = {}
    flags: dict[str, int] = {}
    days: Ring = []
    hours: Ring = []
    weeks: Ring = []
    joined: Ring = []
    appeared: Ring = []
    erased: Tombstones = {}


class Change(Struct, frozen=True, gc=False):
    """What one event or flag changed: the acting member's document, and those of others.

    `sign` is how often the event counts: 1, -1 when it is taken back as spam,
    0 when it is only known to have happened. `flags` is 1 for a flag and -1 for
    one that is taken back, 0 for the event itself.
    """

    event: BaseEvent
    when: Moment
    sign: int
    gain: Gain
    before: Member | None
    after: Member
    others: Sequence[tuple[Member | None, Member]] = ()
    labels: Sequence[str] = ()
    flags: int = 0


def fold(old: Group | None, change: Change) -> Group:
    """Return the group after a change."""
    event, when, sign = change.event, change.when, change.sign
    before, after = change.before, change.after
    time = event.time
    if old is None:
        old = Group(tenant=event.tenant, group=event.group, first_at=time, last_at=time)
    last_at, last_day = max(old.last_at, time), max(old.last_day, when.day)
    last_hour = hour_of(last_at)
    counts, days, hours, weeks = old.counts, old.days, old.hours, old.weeks
    if sign:
        counts = tally(counts, change.gain.counts + ("answers",) * len(change.others), sign)
        wrote = type(event) is MessagePosted
        if wrote or change.gain.active:
            days = _days(days, change)
        if wrote:
            hours, weeks = _talk(hours, weeks, change)
    joined, appeared = _arrivals(old, change, last_hour - HOURS_KEPT + 1)
    days = since(days, DAY_WIDTH, last_day - DAYS_KEPT + 1)
    if when.hour != last_hour or old.last_at // HOUR != time // HOUR:
        hours = since(hours, 2, last_hour - HOURS_KEPT + 1)
        weeks = since(weeks, talkers.WIDTH, week_of(last_day) - WEEKS_KEPT + 1)
        joined = since(joined, ARRIVAL_WIDTH, last_hour - HOURS_KEPT + 1)
        appeared = since(appeared, ARRIVAL_WIDTH, last_hour - HOURS_KEPT + 1)
    return Group(
        tenant=old.tenant,
        group=old.group,
        first_at=min(old.first_at, time),
        last_at=last_at,
        last_day=last_day,
        offset=old.offset,
        members=old.members + after.is_present - (before is not None and before.is_present),
        counts=counts,
        flags=tally(old.flags, change.labels, change.flags) if change.labels else old.flags,
        days=days,
        hours=hours,
        weeks=weeks,
        joined=joined,
        appeared=appeared,
        erased=old.erased,
    )


def _speaker(role: Role) -> int:
    if role is Role.MEMBER:
        return MESSAGES
    return BOT if role is Role.BOT else OPERATOR


def _days(old: Ring, change: Change) -> Ring:
    """Return the days with an act counted, or taken back."""
    days, sign, day = old.copy(), change.sign, change.when.day
    if type(change.event) is MessagePosted:
        bump(days, DAY_WIDTH, day, _speaker(change.event.role), sign)
        if change.flags:
            bump(days, DAY_WIDTH, day, SPAM, change.flags)
    if not change.gain.active:
        return days
    before, after = change.before, change.after
    now = after.presence.is_active_on(day)
    if before is None:
        if now:
            bump(days, DAY_WIDTH, day, ACTIVE, 1)
            bump(days, DAY_WIDTH, day, LATEST, 1)
        return days
    if before.presence.is_active_on(day) == now:
        return days
    bump(days, DAY_WIDTH, day, ACTIVE, 1 if now else -1)
    latest_before, latest_after = before.presence.latest_day, after.presence.latest_day
    if latest_before != latest_after:
        if latest_before is not None:
            bump(days, DAY_WIDTH, latest_before, LATEST, -1)
        if latest_after is not None:
            bump(days, DAY_WIDTH, latest_after, LATEST, 1)
    return days


def _talk(hours: Ring, weeks: Ring, change: Change) -> tuple[Ring, Ring]:
    when = change.when
    if change.event.role is Role.MEMBER:
        hours = added(hours, when.hour, change.sign)
    before = change.before.presence.messages_in(when.week) if change.before else 0
    after = change.after.presence.messages_in(when.week)
    if before != after:
        weeks = talkers.moved(weeks, when.week, before, after)
    return hours, weeks


class _Arrival(NamedTuple):
    by_event: bool
    hour: int
    spoke: bool
    answered: bool


def _arrivals(old: Group, change: Change, oldest: int) -> tuple[Ring, Ring]:
    rings = old.appeared, old.joined
    if not change.others and change.before and _arrived_alike(change.before, change.after):
        return old.joined, old.appeared
    for before, after in ((change.before, change.after), *change.others):
        if before is not None and _arrived_alike(before, after):
            continue
        was, now = _arrival(before, oldest), _arrival(after, oldest)
        if was != now:
            rings = rings[0].copy(), rings[1].copy()
            if was:
                _bump_arrival(rings[was.by_event], was, -1)
            if now:
                _bump_arrival(rings[now.by_event], now, 1)
    return rings[1], rings[0]


def _arrived_alike(before: Member, after: Member) -> bool:
    """Whether nothing changed that arrivals are told from; cheap, for most events."""
    was, now = before.counts, after.counts
    return (
        before.received is after.received
        and before.first_seen == after.first_seen
        and before.role is after.role
        and (
            was is now
            or (
                (was.get("messages", 0) > 0) == (now.get("messages", 0) > 0)
                and (was.get("joins", 0) > 0) == (now.get("joins", 0) > 0)
            )
        )
    )


def _arrival(member: Member | None, oldest: int) -> _Arrival | None:
    if member is None or member.role is not Role.MEMBER:
        return None
    hour = hour_of(member.first_seen)
    if hour < oldest:
        return None
    spoke = member.counts.get("messages", 0) > 0
    by_event = member.counts.get("joins", 0) > 0
    return _Arrival(by_event, hour, spoke, spoke and member.is_answered)


def _bump_arrival(arrivals: Ring, arrival: _Arrival, amount: int) -> None:
    bump(arrivals, ARRIVAL_WIDTH, arrival.hour, ARRIVED, amount)
    if arrival.spoke:
        bump(arrivals, ARRIVAL_WIDTH, arrival.hour, SPOKE, amount)
    if arrival.answered:
        bump(arrivals, ARRIVAL_WIDTH, arrival.hour, ANSWERED, amount)
