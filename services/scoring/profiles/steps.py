"""On which days a member took which steps: events by type, and what tenants name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from services.scoring.calendar import BLOCK, BLOCKS_KEPT, DAYS_KEPT
from services.scoring.rings import Ring, added, bump, expire, rows, since
from shared.events import (
    ActivityAttended,
    BaseEvent,
    CheckinMade,
    InviteAccepted,
    MessagePosted,
    PurchaseMade,
    ReactionAdded,
)

ACTIVE: Final = "active"
"""The step of every day on which a member did something, rather than only read."""
NEED: Final = "need"
EMOTION: Final = "emotion"

STEPS: Final[dict[str, str]] = {
    ACTIVE: "a message, reaction, check-in, purchase, attended activity or accepted invitation",
    NEED: "a message that asks for prices, links or how to get something",
    EMOTION: "a message that thanks, praises or is delighted",
}
"""The steps that are known without being defined, besides the event types themselves."""

_ACTS: Final = (
    MessagePosted,
    ReactionAdded,
    CheckinMade,
    PurchaseMade,
    ActivityAttended,
    InviteAccepted,
)
_NEEDS: Final = re.compile(
    r"多少钱|价格|价钱|怎么卖|怎么买|哪里买|在哪买|想买|求链接|有链接|怎么报名|如何购买|优惠|有货吗"
    r"|how much|\bprices?\b|where (?:can|do) i (?:buy|get)|\bin stock\b|\bdiscounts?\b",
    re.IGNORECASE,
)
_DELIGHTS: Final = re.compile(
    r"太棒|真棒|太好了|喜欢|谢谢|感谢|感动|推荐|好用|好吃|好看|满意|爱了|点赞|开心|惊喜|赞👍?"
    r"|\bthanks?\b|thank you|\blove\b|\bgreat\b|\bawesome\b|\bamazing\b|\bexcellent\b",
    re.IGNORECASE,
)


def steps_of(event: BaseEvent) -> tuple[str, ...]:
    """Return the known steps that an event is, its type first."""
    if type(event) is MessagePosted:
        named = [event.type, ACTIVE]
        if event.text:
            named += [NEED] if _NEEDS.search(event.text) else []
            named += [EMOTION] if _DELIGHTS.search(event.text) else []
        return tuple(named)
    return (event.type, ACTIVE) if isinstance(event, _ACTS) else (event.type,)


class Steps(Struct, frozen=True, omit_defaults=True, gc=False):
    """How often each step was taken: each day of the last 91, and which days of two years.

    `recent` holds rings of days and counts, `past` rings of 28-day blocks and
    bits of the days that left `recent`, `totals` counts of all time; `day` is
    the latest day known. A function of the set of events and what was taken
    back, except for what comes more than 91 days late: that counts in totals only.
    """

    recent: dict[str, Ring] = {}
    past: dict[str, Ring] = {}
    totals: dict[str, int] = {}
    day: int = 0

    def record(self, names: Iterable[str], day: int, sign: int) -> Steps:
        """Return the steps with these taken on `day` (1), or taken back (-1)."""
        known = self.until(day)
        recent, totals = dict(known.recent), dict(known.totals)
        for name in names:
            totals[name] = totals.get(name, 0) + sign
            if not totals[name]:
                del totals[name]
            if day > known.day - DAYS_KEPT:
                ring = recent[name] = added(recent.get(name, []), day, sign)
                if not ring:
                    del recent[name]
        return Steps(recent, known.past, totals, known.day)

    def until(self, day: int) -> Steps:
        """Return the steps as remembered on `day`: what is too old for `recent` is settled."""
        if day <= self.day:
            return self
        oldest, first_block = day - DAYS_KEPT + 1, day // BLOCK - BLOCKS_KEPT + 1
        recent, past = self.recent, self.past
        if any(ring[0] < oldest for ring in recent.values()):
            recent, past = _settled(recent, past, oldest)
        if any(ring[0] < first_block for ring in past.values()):
            kept = {name: since(ring, 2, first_block) for name, ring in past.items()}
            past = {name: ring for name, ring in kept.items() if ring}
        return Steps(recent, past, self.totals, day)

    def count(self, name: str, day: int, window: int) -> int:
        """Return how often a step was taken in the `window` days up to `day` (91 at most)."""
        ring = self.recent.get(name, ())
        return sum(count for _, count in rows(ring, 2, day - window + 1, day))

    def days(self, name: str, first: int, last: int) -> int:
        """Return a number with a bit for each day from `first` (the lowest) to `last`."""
        bits = 0
        for day, count in rows(self.recent.get(name, ()), 2, first, last):
            bits |= (count > 0) << (day - first)
        for block, mask in rows(self.past.get(name, ()), 2, first // BLOCK, last // BLOCK):
            lead = block * BLOCK - first
            bits |= mask << lead if lead >= 0 else mask >> -lead
        return bits & ((1 << (last - first + 1)) - 1)

    def oldest(self, name: str, day: int, window: int) -> int | None:
        """Return the first day of the window up to `day` on which the step was taken."""
        taken = (at for at, n in rows(self.recent.get(name, ()), 2, day - window + 1, day) if n > 0)
        return next(taken, None)

    def latest(self, name: str) -> int | None:
        """Return the last day on which a step was taken, or None."""
        ring = self.recent.get(name, [])
        for at in range(len(ring) - 2, -1, -2):
            if ring[at + 1] > 0:
                return ring[at]
        past = self.past.get(name)
        return past[-2] * BLOCK + past[-1].bit_length() - 1 if past else None


def _settled(
    recent: dict[str, Ring], past: dict[str, Ring], oldest: int
) -> tuple[dict[str, Ring], dict[str, Ring]]:
    recent, past = dict(recent), dict(past)
    for name, ring in list(recent.items()):
        kept = ring.copy()
        left = [day for day, count in rows(expire(kept, 2, oldest), 2, 0, oldest) if count > 0]
        if left:
            past[name] = _marked(past.get(name, []), left)
        recent[name] = kept
        if not kept:
            del recent[name]
    return recent, past


def _marked(blocks: Ring, days: list[int]) -> Ring:
    blocks = blocks.copy()
    for day in days:
        block, bit = divmod(day, BLOCK)
        bump(blocks, 2, block, 1, 1 << bit)
    return blocks
