"""What a member did each week, by the kinds of acts that tell which part they play.

Rows of a ring (`rings`) by week: whole numbers that each act adds to, in any
order, and takes back when it turns out to be spam.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from services.scoring.calendar import week_of
from services.scoring.contribution import Gain
from services.scoring.rings import Ring, bump, rows, since

WEEKS_TOLD: Final = 13
"""For how many weeks, the current one included, the part is told: a quarter of a year."""
WINDOW_WEEKS: Final = 4
"""By how many weeks, the current one included, a part is judged."""
_KEPT: Final = WEEKS_TOLD + WINDOW_WEEKS - 1
_WIDTH: Final = 5
_SAID, _WATCHED, _AGAINST, _ANSWERED = range(1, _WIDTH)
_KINDS: Final = {"messages": _SAID, "reactions": _WATCHED, "views": _WATCHED}


class Acts(NamedTuple):
    """What a member did over some weeks, and what came back.

    `said` counts messages of more than low value, `watched` views, reactions and
    messages of low value, `against` those said in disagreement, `answers` the
    replies, reactions and mentions that came from others.
    """

    said: int = 0
    watched: int = 0
    against: int = 0
    answers: int = 0

    @property
    def all(self) -> int:
        """How many acts there are to judge by."""
        return self.said + self.watched


def acted_in(ring: Ring, gain: Gain, sign: int, week: int, anchor_day: int) -> Ring:
    """Return the ring with an act counted (1) or taken back (-1), if it is remembered."""
    column = _KINDS.get(gain.kind)
    if column is None or week < _oldest(anchor_day):
        return ring
    if "low_value" in gain.counts:
        column = _WATCHED
    ring = ring.copy()
    bump(ring, _WIDTH, week, column, sign)
    if gain.against:
        bump(ring, _WIDTH, week, _AGAINST, sign)
    return ring


def received_in(ring: Ring, sign: int, week: int, anchor_day: int) -> Ring:
    """Return the ring with somebody's reply, reaction or mention counted or taken back."""
    if week < _oldest(anchor_day):
        return ring
    ring = ring.copy()
    bump(ring, _WIDTH, week, _ANSWERED, sign)
    return ring


def acts_kept(ring: Ring, anchor_day: int) -> Ring:
    """Return the ring without the weeks that are too old on `anchor_day`."""
    return since(ring, _WIDTH, _oldest(anchor_day))


def acts_until(ring: Ring, week: int) -> Acts:
    """Return what was done in the four weeks up to `week`, both included."""
    window = list(rows(ring, _WIDTH, week - WINDOW_WEEKS + 1, week))
    return Acts(*(max(0, sum(row[column] for row in window)) for column in range(1, _WIDTH)))


def _oldest(anchor_day: int) -> int:
    return week_of(anchor_day) - _KEPT + 1
