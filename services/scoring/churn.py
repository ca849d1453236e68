"""How likely a member is to be silent, in all groups, for the next 90 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.scoring.attendance import REACH, Attendance
from services.scoring.logistic import Judgement, Model, Sample
from services.scoring.member import Member

HORIZON_DAYS: Final = 90
RECENT_DAYS: Final = 30
"""Only members active in so many days are judged: the others are silent already."""
YEAR: Final = 364
COUNTED: Final = frozenset(
    {
        "decayed_days_90",
        "months_active_of_13",
        "active_days_56",
        "active_days_7",
        "weeks_active_2_years",
        "active_days_2_years",
    }
)
"""The figures that are counted from a member's active days."""


def churn_features(memberships: Sequence[Member], at: int) -> dict[str, float]:
    """Return the figures that silence is foretold by, as of `at` (ms), over all groups."""
    day = max(member.day(at) for member in memberships)
    attendance = Attendance((member.presence for member in memberships), day)
    return {
        "decayed_days_90": attendance.decayed_days(90),
        "days_since_active": attendance.latest_age,
        "months_active_of_13": attendance.spans(28, YEAR),
        "active_days_56": attendance.days(56),
        "active_days_7": attendance.days(7),
        "groups_28": sum(member.presence.active_days(day, 28) > 0 for member in memberships),
        "weeks_active_2_years": attendance.spans(7, REACH),
        "active_days_2_years": attendance.days(),
    }


def churn_of(memberships: Sequence[Member], at: int, model: Model) -> Judgement | None:
    """Judge a member by what each group knows; None for who was not active in 30 days."""
    if not memberships:
        return None
    features = churn_features(memberships, at)
    if features["days_since_active"] >= RECENT_DAYS:
        return None
    return model.judge(features, Sample(features["active_days_2_years"], COUNTED))
