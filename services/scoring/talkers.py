"""How a week's talk is shared out: a histogram of talkers by how much they wrote.

A talker who wrote n messages in the week is in the bin of n's bit length (1,
2-3, 4-7, …); a bin knows its talkers and their messages. Members move between
bins as they write, or as a message is taken back, so the histogram is exact in
any order; inside a bin everybody counts with the bin's mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from services.scoring.rings import Ring, find

BINS: Final = 10
"""The last bin holds everybody with 512 messages a week or more."""
WIDTH: Final = 1 + 2 * BINS
"""Width of a ring of such histograms: the week, then talkers and messages of each bin."""


class Talkers(NamedTuple):
    """How many people talk and how evenly.

    `top_share` is the share of the messages that the four busiest wrote, `gini`
    the Gini coefficient over those who talked (0: all alike, 1: one alone),
    `half` the fewest people who wrote half of the messages.
    """

    people: int
    messages: int
    top_share: float
    gini: float
    half: float


TOP: Final = 4


def moved(ring: Ring, week: int, before: int, after: int) -> Ring:
    """Return the histograms after a member's messages in `week` went from `before` to `after`."""
    ring = ring.copy()
    at = find(ring, WIDTH, week)
    if at == len(ring) or ring[at] != week:
        ring[at:at] = [week, *[0] * (WIDTH - 1)]
    for messages, sign in ((before, -1), (after, 1)):
        if messages > 0:
            column = at + 2 * min(messages.bit_length(), BINS) - 1
            ring[column] += sign
            ring[column + 1] += sign * messages
    if after <= 0 and not any(ring[at + 1 : at + WIDTH]):
        del ring[at : at + WIDTH]
    return ring


def describe(row: Sequence[int]) -> Talkers:
    """Measure one week's histogram (a row of the ring).

    Gini by the trapezoids under the Lorenz curve (Gastwirth 1972, grouped data):
    a lower bound, because inside a bin everybody counts alike.
    """
    bins = [(row[at], row[at + 1]) for at in range(1, len(row), 2) if row[at] > 0]
    people = sum(count for count, _ in bins)
    messages = sum(written for _, written in bins)
    if not messages:
        return Talkers(0, 0, 0.0, 0.0, 0.0)
    area = below = 0.0
    for count, written in bins:
        area += count * (2 * below + written)
        below += written
    gini = 1 - area / (people * messages)
    return Talkers(people, messages, _top(bins, messages), gini, _half(bins, messages))


def average(weeks: Iterable[Sequence[int]]) -> Talkers:
    """Average several weeks, weighted by their messages; `messages` is their sum."""
    each = [talkers for talkers in map(describe, weeks) if talkers.messages]
    messages = sum(talkers.messages for talkers in each)
    if not messages:
        return Talkers(0, 0, 0.0, 0.0, 0.0)

    def mean(values: Iterable[float]) -> float:
        pairs = zip(values, each, strict=True)
        return sum(value * talkers.messages for value, talkers in pairs) / messages

    return Talkers(
        people=round(mean(talkers.people for talkers in each)),
        messages=messages,
        top_share=mean(talkers.top_share for talkers in each),
        gini=mean(talkers.gini for talkers in each),
        half=mean(talkers.half for talkers in each),
    )


def _top(bins: list[tuple[int, int]], messages: int) -> float:
    left, written = TOP, 0.0
    for count, wrote in reversed(bins):
        taken = min(left, count)
        written += wrote * taken / count
        left -= taken
    return written / messages


def _half(bins: list[tuple[int, int]], messages: int) -> float:
    people, missing = 0.0, messages / 2
    for count, wrote in reversed(bins):
        taken = min(1.0, missing / wrote)
        people += count * taken
        missing -= wrote * taken
    return people
