"""One member across the groups of a tenant: their profiles put together."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from services.scoring.calendar import DAYS_KEPT
from services.scoring.clock import TenantClock
from services.scoring.profiles.profile import Profile
from services.scoring.profiles.steps import ACTIVE


class Spent(Struct, frozen=True):
    """Orders in one currency, and what they came to in its minor unit."""

    currency: str
    orders: int
    amount: int


class Joined(Struct, frozen=True, kw_only=True):
    """What is known of a member in all groups together."""

    name: str
    first_seen: int
    last_seen: int
    attributes: dict[str, str]
    totals: dict[str, int]
    spent: list[Spent]
    last_order_day: int | None
    active_days: dict[int, int]
    segments: dict[str, list[str]]


def joined(profiles: Sequence[Profile], now: int, clock: TenantClock) -> Joined:
    """Return what the profiles tell together, at `now` (ms). There must be at least one.

    Of a name and of each attribute, what was said last holds. A day that was
    active in two groups is one active day.
    """
    today = max(clock.day(now), *(clock.day(each.last_seen) for each in profiles))
    days = 0
    for each in profiles:
        days |= each.steps.days(ACTIVE, today - DAYS_KEPT + 1, today)
    windows = (7, 28, DAYS_KEPT - 1)
    orders = [each.steps.latest("purchase.made") for each in profiles]
    segments: dict[str, list[str]] = {}
    for each in profiles:
        for segment in each.segments:
            segments.setdefault(segment, []).append(each.group)
    return Joined(
        name=max((each.named_at, each.name) for each in profiles)[1],
        first_seen=min((each.first_seen for each in profiles if each.first_seen), default=0),
        last_seen=max(each.last_seen for each in profiles),
        attributes=attributes_of(profiles),
        totals=_sums([each.steps.totals for each in profiles]),
        spent=_spent(profiles),
        last_order_day=max((day for day in orders if day is not None), default=None),
        active_days={window: (days >> (DAYS_KEPT - window)).bit_count() for window in windows},
        segments=segments,
    )


def attributes_of(profiles: Sequence[Profile]) -> dict[str, str]:
    """Return the attributes as said last in any of the groups; removed ones are not there."""
    latest: dict[str, tuple[int, str]] = {}
    for profile in profiles:
        for name, at in profile.attributes_at.items():
            said = (at, profile.attributes.get(name, ""))
            latest[name] = max(latest.get(name, said), said)
    return {name: value for name, (_, value) in sorted(latest.items()) if value}


def _sums(parts: Sequence[dict[str, int]]) -> dict[str, int]:
    names = {name for part in parts for name in part}
    return {name: sum(part.get(name, 0) for part in parts) for name in sorted(names)}


def _spent(profiles: Sequence[Profile]) -> list[Spent]:
    sums: dict[str, tuple[int, int]] = {}
    for profile in profiles:
        for currency, (orders, amount) in profile.purchases.totals.items():
            known = sums.get(currency, (0, 0))
            sums[currency] = (known[0] + orders, known[1] + amount)
    return [Spent(currency, *sums[currency]) for currency in sorted(sums)]
