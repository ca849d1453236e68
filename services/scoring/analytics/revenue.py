"""What members are worth: repurchase, and lifetime value by the month of their arrival."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from services.scoring.analytics.days import REACH, Period, days_with
from services.scoring.clock import TenantClock
from services.scoring.profiles.profile import Profile

REPURCHASE_DAYS: Final = 90
_ORDER: Final = ("purchase.made",)


class Worth(Struct, frozen=True):
    """Those who arrived in one month: how many bought, and what each member spent by then.

    `value[n]` is the amount that the members of the cohort spent on average up
    to the end of the nth month after the one in which they arrived.
    """

    label: str
    members: int
    buyers: int
    amount: int
    value: list[float]


class Summary(Struct, frozen=True):
    """All members together. Amounts are in minor units.

    `repurchase_rate` is the share of buyers with a second order, `within_days_rate`
    of those whose first order is at least so many days ago, who had it by then.
    """

    members: int
    buyers: int
    orders: int
    amount: int
    repeat_buyers: int
    repurchase_rate: float
    within_days_rate: float | None
    median_days_to_second: float | None
    order_value: float
    buyer_value: float
    member_value: float


class Revenue:
    """Counts what members spent in one currency, by cohorts of months up to day `today`."""

    def __init__(self, currency: str, first_month: int, today: int, clock: TenantClock) -> None:
        self._currency = currency
        self._today = today
        self._clock = clock
        self._first, self._last = first_month, Period.MONTH.of(today)
        months = range(first_month, self._last + 1)
        self._sizes = [0 for _ in months]
        self._buyers = [0 for _ in months]
        self._amounts = [[0] * (self._last - month + 1) for month in months]
        self._members = self._all_buyers = self._orders = self._amount = self._repeat = 0
        self._observed = self._in_time = 0
        self._gaps: list[int] = []

    def add(self, profiles: Sequence[Profile]) -> None:
        """Count one member, by their profiles in all groups together."""
        totals = [each.purchases.totals.get(self._currency, (0, 0)) for each in profiles]
        orders, amount = (sum(column) for column in zip(*totals, strict=True))
        self._members += 1
        if orders > 0:
            self._all_buyers += 1
            self._orders += orders
            self._amount += amount
            self._repurchased(profiles, orders)
        arrived = min((each.first_seen for each in profiles if each.first_seen), default=0)
        cohort = Period.MONTH.of(self._clock.day(arrived)) - self._first
        if arrived and 0 <= cohort < len(self._sizes):
            self._sizes[cohort] += 1
            self._buyers[cohort] += orders > 0
            for age in range(len(self._amounts[cohort])):
                month = self._first + cohort + age
                for each in profiles:
                    self._amounts[cohort][age] += each.purchases.spent(
                        self._currency, month, month
                    )[1]

    def cohorts(self) -> list[Worth]:
        """Return the cohorts, the first first."""
        found = []
        for number, size in enumerate(self._sizes):
            so_far, value = 0, []
            for amount in self._amounts[number]:
                so_far += amount
                value.append(round(so_far / size, 1) if size else 0.0)
            label = Period.MONTH.label(self._first + number)
            found.append(Worth(label, size, self._buyers[number], so_far, value))
        return found

    def summary(self) -> Summary:
        """Return what all members come to."""
        buyers = self._all_buyers
        return Summary(
            members=self._members,
            buyers=buyers,
            orders=self._orders,
            amount=self._amount,
            repeat_buyers=self._repeat,
            repurchase_rate=_ratio(self._repeat, buyers, 4),
            within_days_rate=_ratio(self._in_time, self._observed, 4) if self._observed else None,
            median_days_to_second=float(median(self._gaps)) if self._gaps else None,
            order_value=_ratio(self._amount, self._orders, 1),
            buyer_value=_ratio(self._amount, buyers, 1),
            member_value=_ratio(self._amount, self._members, 1),
        )

    def _repurchased(self, profiles: Sequence[Profile], orders: int) -> None:
        """Note when the second order came after the first: days of any currency's orders."""
        self._repeat += orders >= 2
        bits = days_with(profiles, _ORDER, self._today - REACH + 1, self._today)
        if not bits:
            return
        first = (bits & -bits).bit_length() - 1
        rest = bits & (bits - 1)
        gap = None
        if rest:
            gap = (rest & -rest).bit_length() - 1 - first
        elif orders >= 2:
            gap = 0
        if gap is not None:
            self._gaps.append(gap)
        if REACH - 1 - first >= REPURCHASE_DAYS:
            self._observed += 1
            self._in_time += gap is not None and gap <= REPURCHASE_DAYS


def _ratio(part: int, whole: int, digits: int) -> float:
    return round(part / whole, digits) if whole else 0.0
