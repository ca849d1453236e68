"""Rings: whole-number figures per slot of time (hour, day, week), the recent slots only.

A ring is one flat list of rows in ascending order of slot, each `width` long:
the slot's number, then its figures. Rows of zeros are not kept. What a ring
holds is thus a function of the set of changes and the oldest slot remembered,
and the order in which changes came leaves no trace.

Rings belong to frozen documents: nothing here changes the ring it is given,
except `bump` and `expire`, which take a copy that the caller has made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Ring = list[int]


def find(ring: Sequence[int], width: int, slot: int) -> int:
    """Return where the slot's row begins, or where it would have to be inserted."""
    at = len(ring) - width
    while at >= 0 and ring[at] > slot:
        at -= width
    return at if at >= 0 and ring[at] == slot else at + width


def bump(ring: Ring, width: int, slot: int, column: int, amount: int) -> None:
    """Add `amount` to a figure of a slot; `column` counts from 1."""
    at = len(ring) - width
    if at < 0 or ring[at] != slot:
        at = find(ring, width, slot)
        if at == len(ring) or ring[at] != slot:
            ring[at:at] = [slot, *[0] * (width - 1)]
    ring[at + column] += amount
    if not ring[at + column] and not any(ring[at + 1 : at + width]):
        del ring[at : at + width]


def added(ring: Ring, slot: int, amount: int) -> Ring:
    """Return a ring of width 2 with `amount` added to the slot's figure."""
    newest = ring[-2] if ring else -1
    if slot > newest and amount:
        return [*ring, slot, amount]
    ring = ring.copy()
    if slot == newest and ring[-1] + amount:
        ring[-1] += amount
    else:
        bump(ring, 2, slot, 1, amount)
    return ring


def expire(ring: Ring, width: int, oldest: int) -> Ring:
    """Drop the rows before the slot `oldest`; return what was dropped."""
    end = 0
    while end < len(ring) and ring[end] < oldest:
        end += width
    dropped = ring[:end]
    del ring[:end]
    return dropped


def since(ring: Ring, width: int, oldest: int) -> Ring:
    """Return the ring without the rows before the slot `oldest`."""
    if not ring or ring[0] >= oldest:
        return ring
    kept = ring.copy()
    expire(kept, width, oldest)
    return kept


def figure(ring: Sequence[int], width: int, slot: int, column: int = 1) -> int:
    """Return a figure of a slot, 0 where there is none."""
    at = find(ring, width, slot)
    return ring[at + column] if at < len(ring) and ring[at] == slot else 0


def rows(ring: Sequence[int], width: int, oldest: int, newest: int) -> Iterator[Sequence[int]]:
    """Yield the rows whose slots lie in `oldest` to `newest`, both included."""
    for at in range(0, len(ring), width):
        if oldest <= ring[at] <= newest:
            yield ring[at : at + width]


def total(ring: Sequence[int], width: int, column: int, oldest: int, newest: int) -> int:
    """Return the sum of a figure over the slots `oldest` to `newest`, both included."""
    return sum(
        ring[at + column] for at in range(0, len(ring), width) if oldest <= ring[at] <= newest
    )
