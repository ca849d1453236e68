"""A member's points in a group: what each day earned, and what was spent or adjusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from services.scoring.calendar import DAYS_KEPT
from services.scoring.points.terms import EARNINGS, Terms
from services.scoring.rings import Ring, added, figure, since
from shared.events import GroupId, MemberId, Millis, TenantId
from shared.members import PointsChanged

WIDTH: Final = 8
"""Slots of a day: one for each of `EARNINGS`, and room for more."""


class Account(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Points of a member in a group.

    `earned` is a ring (width 2) of how often each thing was done on each of the
    last 91 days; `total` is what all days came to by the rules of each, `changed`
    the sum of the entries accepted. `anchor` is the latest day on which anything
    happened. `told` is the highest level that was told.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    anchor: int = 0
    earned: Ring = []
    total: int = 0
    changed: int = 0
    told: int = 0

    @property
    def balance(self) -> int:
        """What can be spent; never below zero."""
        return max(0, self.total + self.changed)

    @property
    def owed(self) -> int:
        """What was spent before it was taken back as spam; it comes off what is earned next."""
        return max(0, -self.total - self.changed)


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the ledger: points spent (below zero) or given, or a refusal to.

    Entries are only ever added. `balance` is that after the entry.
    """

    tenant: TenantId
    group: GroupId
    member: MemberId
    entry: str
    time: Millis
    amount: int
    reason: str
    accepted: bool
    balance: int


class DayEarned(NamedTuple):
    """What a member did on a day, how often, and what it earned."""

    day: int
    earning: str
    times: int
    points: int


def earned(account: Account, place: int, count: int, day: int, terms: Terms) -> Account:
    """Return the account with something done, or taken back (below zero), on `day`.

    What comes later than 91 days earns nothing. The rules are those of the day.
    """
    anchor = max(account.anchor, day)
    ring = since(account.earned, 2, (anchor - DAYS_KEPT + 1) * WIDTH)
    if day <= anchor - DAYS_KEPT:
        return account
    slot = day * WIDTH + place
    before = figure(ring, 2, slot)
    gained = terms.worth(day, place, before + count) - terms.worth(day, place, before)
    return replace(
        account,
        anchor=anchor,
        earned=added(ring, slot, count) if count else ring,
        total=account.total + gained,
    )


def changed(account: Account, request: PointsChanged) -> tuple[Account, Entry]:
    """Return the account after a request, and the line of the ledger.

    What would take more than there is, is refused.
    """
    accepted = request.amount > 0 or account.balance + request.amount >= 0
    if accepted and account.owed and request.amount < 0:
        accepted = False
    after = replace(account, changed=account.changed + request.amount) if accepted else account
    entry = Entry(
        tenant=request.tenant,
        group=request.group,
        member=request.member,
        entry=request.entry,
        time=request.time,
        amount=request.amount,
        reason=request.reason,
        accepted=accepted,
        balance=after.balance,
    )
    return after, entry


def days_of(account: Account, terms: Terms) -> Iterator[DayEarned]:
    """Yield what was earned on each of the last 91 days, the oldest first."""
    for at in range(0, len(account.earned), 2):
        day, place = divmod(account.earned[at], WIDTH)
        times = account.earned[at + 1]
        yield DayEarned(day, EARNINGS[place], times, terms.worth(day, place, times))


def earned_between(account: Account, first: int, last: int, terms: Terms) -> int:
    """Return the points earned on the days `first` to `last` (of the last 91)."""
    return sum(one.points for one in days_of(account, terms) if first <= one.day <= last)
