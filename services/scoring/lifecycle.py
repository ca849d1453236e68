"""Which stage of its life a group is in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from services.scoring.pulse import MONTH, Pulse

FORMING_DAYS: Final = 14
GROWING_RATIO: Final = 1.3
DECLINING_RATIO: Final = 0.6
NOTABLE_CHANGE: Final = 10
"""A smaller change, in member-days of activity a month, is no trend."""


class LifeStage(StrEnum):
    """The stages of a group's life; the last two only of groups with an end date."""

    FORMING = "forming"
    GROWING = "growing"
    MATURE = "mature"
    DECLINING = "declining"
    QUIET = "quiet"
    DEAD = "dead"
    ENDING = "ending"
    ENDED = "ended"


def stage_of(pulse: Pulse) -> tuple[LifeStage, str]:
    """Return a group's stage and why.

    Dead: nobody wrote for 91 days, or for four times what makes the group quiet
    and at least 28 days. Growing and declining compare the member-days of
    activity of the last 28 days with the 28 before.
    """
    rhythm = pulse.rhythm
    if rhythm.last_hour is None or rhythm.silent >= max(MONTH * 24, 4 * rhythm.quiet_after):
        return LifeStage.DEAD, f"no member wrote for {rhythm.silent // 24} days"
    if rhythm.is_quiet:
        because = f"silent for {rhythm.silent} h, quiet from {rhythm.quiet_after} h on"
        return LifeStage.QUIET, because
    if pulse.age_days <= FORMING_DAYS:
        return LifeStage.FORMING, f"first seen {pulse.age_days} days ago"
    return _by_trend(pulse)


def _by_trend(pulse: Pulse) -> tuple[LifeStage, str]:
    if pulse.age_days < 2 * MONTH:
        return LifeStage.GROWING, f"first seen {pulse.age_days} days ago and talking"
    now, before = pulse.person_days, pulse.prior_person_days
    because = f"{now} member-days of activity in 28 days, {before} in the 28 before"
    if now >= GROWING_RATIO * before and now - before >= NOTABLE_CHANGE:
        return LifeStage.GROWING, because
    if now <= DECLINING_RATIO * before and before - now >= NOTABLE_CHANGE:
        return LifeStage.DECLINING, because
    return LifeStage.MATURE, because
