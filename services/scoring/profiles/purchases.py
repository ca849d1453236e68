"""What a member bought: orders and amounts by currency, and by month for three years."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from services.scoring.calendar import Moment
from services.scoring.rings import Ring, bump, since
from services.scoring.rings import rows as ring_rows

MONTHS_KEPT: Final = 36


def month_of(when: Moment) -> int:
    """Return the number of the local calendar month that holds a moment: year · 12 + month."""
    moment = datetime.fromtimestamp((when.time + when.offset) / 1000, tz=UTC)
    return moment.year * 12 + moment.month - 1


def month_name(month: int) -> str:
    """Return a month's number as ISO 8601 writes it: `2026-03`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


class Purchases(Struct, frozen=True, omit_defaults=True, gc=False):
    """Orders and amounts (in minor units) of each currency.

    `totals` are of all time; `months` are rings (width 3) of month, orders and
    amount, up to `month`, the latest known.
    """

    totals: dict[str, tuple[int, int]] = {}
    months: dict[str, Ring] = {}
    month: int = 0

    def record(self, currency: str, amount: int, month: int, sign: int) -> Purchases:
        """Return the purchases with one more (1), or one fewer (-1)."""
        latest = max(month, self.month)
        oldest = latest - MONTHS_KEPT + 1
        orders, spent = self.totals.get(currency, (0, 0))
        totals = {**self.totals, currency: (orders + sign, spent + sign * amount)}
        if totals[currency] == (0, 0):
            del totals[currency]
        months = {name: since(ring, 3, oldest) for name, ring in self.months.items()}
        if month >= oldest:
            ring = months.get(currency, []).copy()
            bump(ring, 3, month, 1, sign)
            bump(ring, 3, month, 2, sign * amount)
            months[currency] = ring
        months = {name: ring for name, ring in months.items() if ring}
        return Purchases(totals, months, latest)

    @property
    def orders(self) -> int:
        """Orders in all currencies."""
        return sum(orders for orders, _ in self.totals.values())

    @property
    def currency(self) -> str:
        """The currency of most orders; nothing where nothing was bought."""
        if not self.totals:
            return ""
        return max(self.totals, key=lambda name: (self.totals[name][0], name))

    def spent(self, currency: str, first: int = 0, last: int = 12 * 9999) -> tuple[int, int]:
        """Return orders and amount in the months from `first` to `last` that are remembered."""
        orders = amount = 0
        for row in ring_rows(self.months.get(currency, ()), 3, first, last):
            orders += row[1]
            amount += row[2]
        return orders, amount
