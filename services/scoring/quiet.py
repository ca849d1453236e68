"""How likely a group is to be silent for the next 28 days: the early warning."""

from __future__ import annotations

from typing import Final

from services.scoring.logistic import Judgement, Model, Sample
from services.scoring.pulse import MONTH, Pulse

HORIZON_DAYS: Final = 28
LEAST_AGE_DAYS: Final = 56
"""Younger groups are not judged: too little is known of them."""


COUNTED: Final = frozenset({"decayed_talking_days_30", "weeks_with_talk_of_13"})
"""The figures that are counted from a group's days with talk."""


def quiet_features(pulse: Pulse) -> dict[str, float]:
    """Return the figures that a group's silence is foretold by."""
    return {
        "decayed_talking_days_30": pulse.decayed_talking_days,
        "weeks_with_talk_of_13": pulse.talking_weeks,
        "hours_silent": pulse.rhythm.silent,
        "people_active_28": pulse.active_month,
    }


def quiet_of(pulse: Pulse, model: Model) -> Judgement | None:
    """Judge a group; None for one that is young, or in which no member wrote for 28 days."""
    if pulse.age_days <= LEAST_AGE_DAYS or pulse.rhythm.silent >= MONTH * 24:
        return None
    features = quiet_features(pulse)
    return model.judge(features, Sample(features["decayed_talking_days_30"], COUNTED))
