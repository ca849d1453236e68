"""How credible a member's recognition is: from how many people, on how many days, how mutual.

People are told apart by one of 256 buckets that their ids hash to, so that what
is kept is bounded, counts in any order, and can be taken back. Two people who
share a bucket count as one.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from msgspec import Struct

from services.scoring.calendar import BLOCK
from services.scoring.rings import Ring, bump, find, since

BUCKETS: Final = 256
WIDTH: Final = 4
RECEIVED, REACTED, GIVEN = range(1, WIDTH)
"""Columns: replies and reactions got from a bucket, reactions among them, reactions given."""
BLOCKS_OF_TIES: Final = 3
"""How many blocks of 28 days, the current one included, ties are remembered."""
ENOUGH_PEOPLE: Final = 3
ENOUGH_DAYS: Final = 3
MUTUAL_DISCOUNT: Final = 0.5
"""What recognition loses that consists of nothing but returned reactions."""


class Ties(Struct, frozen=True, omit_defaults=True, gc=False):
    """Who replied and reacted to a member, and to whom the member reacted.

    `rows` is a ring by block of 28 days and bucket; `received` and `mutual` are
    sums over it: replies and reactions, and those of the reactions that were returned.
    """

    rows: Ring = []
    received: int = 0
    mutual: int = 0

    def bumped(
        self, other: str, day: int, columns: tuple[int, ...], sign: int, anchor_day: int
    ) -> Ties:
        """Return the ties with something counted (1) or taken back (-1) on `day`."""
        if day // BLOCK <= anchor_day // BLOCK - BLOCKS_OF_TIES:
            return self
        rows = self.rows.copy()
        slot = day // BLOCK * BUCKETS + crc32(other.encode()) % BUCKETS
        received, mutual = _sums(rows, slot)
        for column in columns:
            bump(rows, WIDTH, slot, column, sign)
        now_received, now_mutual = _sums(rows, slot)
        return Ties(
            rows, self.received + now_received - received, self.mutual + now_mutual - mutual
        )

    def forget(self, anchor_day: int) -> Ties:
        """Return the ties without what is older than is remembered on `anchor_day`."""
        rows = since(self.rows, WIDTH, (anchor_day // BLOCK - BLOCKS_OF_TIES + 1) * BUCKETS)
        if rows is self.rows:
            return self
        sums = [_sums(rows, rows[at]) for at in range(0, len(rows), WIDTH)]
        return Ties(rows, sum(one for one, _ in sums), sum(one for _, one in sums))

    def people(self, most: int) -> int:
        """Return from how many people there is recognition, counting up to `most`."""
        rows, found = self.rows, set()
        for at in range(len(rows) - WIDTH, -1, -WIDTH):
            if rows[at + RECEIVED] > 0:
                found.add(rows[at] % BUCKETS)
                if len(found) == most:
                    break
        return len(found)

    @property
    def mutual_share(self) -> float:
        """The share of the recognition that is reactions which were returned, 0 to 1."""
        return min(1.0, self.mutual / self.received) if self.received > 0 else 0.0

    def credibility(self, days: int) -> float:
        """Return how much of the recognition counts, 0 to 1; it came on so many days."""
        if not self.rows:
            return 0.0
        breadth = min(1.0, self.people(ENOUGH_PEOPLE) / ENOUGH_PEOPLE, days / ENOUGH_DAYS)
        return breadth * (1 - MUTUAL_DISCOUNT * self.mutual_share)


def _sums(rows: Ring, slot: int) -> tuple[int, int]:
    at = find(rows, WIDTH, slot)
    if at == len(rows) or rows[at] != slot:
        return 0, 0
    return max(0, rows[at + RECEIVED]), max(0, min(rows[at + REACTED], rows[at + GIVEN]))
