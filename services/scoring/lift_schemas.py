"""What REST tells of winning members back."""

from __future__ import annotations

from pydantic import BaseModel, Field

from services.scoring.lift import Lift


class ShareAnswer(BaseModel):
    """How many could be judged, and how many of them were active again within 28 days."""

    judged: int
    returned: int
    rate: float


class LiftAnswer(BaseModel):
    """Whether asking silent members to come back brings them back: those of the last 63 days."""

    asked: ShareAnswer
    held_out: ShareAnswer = Field(description="One in ten, who are not asked; by their id.")
    pending: int = Field(description="Those whose 28 days are not over.")
    lift: float | None = Field(description="The rate of those asked less that of the others.")
    margin: float | None = Field(description="Half the width of its 95 % interval.")

    @classmethod
    def of(cls, lift: Lift) -> LiftAnswer:
        """Tell what asking does."""
        asked, held_out = (
            ShareAnswer(judged=one.judged, returned=one.returned, rate=round(one.rate, 3))
            for one in (lift.asked, lift.held_out)
        )
        difference, margin = lift.difference, lift.margin
        return cls(
            asked=asked,
            held_out=held_out,
            pending=lift.pending,
            lift=None if difference is None else round(difference, 3),
            margin=None if margin is None else round(margin, 3),
        )
