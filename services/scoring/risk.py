"""What REST tells of a probability that somebody falls silent."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from services.scoring import churn, quiet
from services.scoring.logistic import Judgement, Model
from services.scoring.member import Member
from services.scoring.models import CHURN, QUIET, latest
from services.scoring.pulse import Pulse


class RiskPart(BaseModel):
    """A figure and what it adds to the log-odds, compared with the average case."""

    feature: str = Field(examples=["days_since_active"])
    value: float
    log_odds: float


class RiskExplanation(BaseModel):
    """What makes up a risk: `base` and the parts sum up to its log-odds."""

    base: float = Field(description="Log-odds of the average case.")
    parts: list[RiskPart]
    trained_until: str = Field(examples=["2024-01-01"])
    cases: int = Field(description="From how many cases the weights were learnt.")


class Risk(BaseModel):
    """How likely it is that nothing comes for so many days, and how sure that is."""

    within_days: int
    probability: float
    low: float = Field(description="Lower end of the 95 % interval.")
    high: float = Field(description="Upper end of the 95 % interval.")
    explain: RiskExplanation | None = None

    @classmethod
    def of(
        cls, judgement: Judgement | None, model: Model, days: int, *, explain: bool
    ) -> Risk | None:
        """Tell a judgement; None where there was nothing to judge."""
        if judgement is None:
            return None
        return cls(
            within_days=days,
            probability=round(judgement.probability, 3),
            low=round(judgement.low, 3),
            high=round(judgement.high, 3),
            explain=_explanation(judgement, model) if explain else None,
        )


def churn_risk(memberships: Sequence[Member], at: int, *, explain: bool) -> Risk | None:
    """Tell how likely a member is to fall silent, by the latest model."""
    model = latest(CHURN)
    judgement = churn.churn_of(memberships, at, model)
    return Risk.of(judgement, model, churn.HORIZON_DAYS, explain=explain)


def quiet_risk(pulse: Pulse, *, explain: bool) -> Risk | None:
    """Tell how likely a group is to fall silent, by the latest model."""
    model = latest(QUIET)
    return Risk.of(quiet.quiet_of(pulse, model), model, quiet.HORIZON_DAYS, explain=explain)


def _explanation(judgement: Judgement, model: Model) -> RiskExplanation:
    parts = [
        RiskPart(feature=part.feature, value=round(part.value, 2), log_odds=round(part.log_odds, 3))
        for part in judgement.contributions
    ]
    base = round(judgement.base, 3)
    return RiskExplanation(base=base, parts=parts, trained_until=model.until, cases=model.samples)
