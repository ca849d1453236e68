"""Answers that a newcomer got, by the hour, up to a day after arriving."""

from __future__ import annotations

from typing import Final

from services.scoring.calendar import HOURS_KEPT, Moment, hour_of
from services.scoring.rings import Ring, added

ANSWER_HOURS: Final = 24
"""Within how many hours of arriving somebody is to answer a newcomer."""


def answered(received: Ring, first_seen: int, when: Moment, anchor: int, sign: int) -> Ring:
    """Return the answers with one more, or one less, as far as it came in time."""
    if when.hour <= anchor - HOURS_KEPT:
        return received
    if first_seen and when.hour > hour_of(first_seen) + ANSWER_HOURS:
        return received
    return until_answered(added(received, when.hour, sign), first_seen)


def until_answered(received: Ring, first_seen: int) -> Ring:
    """Keep only the answers up to a day after the member arrived, as far as that is known."""
    if not received or not first_seen:
        return received
    last = hour_of(first_seen) + ANSWER_HOURS
    if received[-2] <= last:
        return received
    return [
        number
        for at in range(0, len(received), 2)
        if received[at] <= last
        for number in received[at : at + 2]
    ]
