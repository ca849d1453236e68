"""What the routes of funnels, cohorts and revenue answer."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field


class FunnelStage(BaseModel):
    """One step of a funnel."""

    step: str
    members: int = Field(description="Who came so far.")
    of_first: float = Field(description="Their share of those who took the first step.")
    of_previous: float = Field(description="Their share of those who took the step before.")
    median_days: float | None = Field(description="Days since the step before, the middle one.")


class FunnelAnswer(BaseModel):
    """How far members came."""

    first: date
    last: date
    within_days: int
    items: list[FunnelStage]


class CohortRow(BaseModel):
    """Those who arrived in one period."""

    label: str = Field(description="The month, or the Monday that the week begins with.")
    members: int
    back: list[int] = Field(description="How many took the step 0, 1, 2 … periods later.")
    shares: list[float] = Field(description="The same as shares of the cohort.")


class CohortAnswer(BaseModel):
    """A retention triangle."""

    step: str
    items: list[CohortRow]


class WorthRow(BaseModel):
    """Those who arrived in one month, and what they spent."""

    label: str
    members: int
    buyers: int
    amount: int = Field(description="What they spent in all, in minor units.")
    value: list[float] = Field(
        description="Average amount a member by the end of month 0, 1, 2 … after arriving."
    )


class RevenueSummary(BaseModel):
    """All members together; amounts in minor units."""

    members: int
    buyers: int
    orders: int
    amount: int
    repeat_buyers: int
    repurchase_rate: float = Field(description="Buyers with a second order.")
    within_days_rate: float | None = Field(
        description="Of buyers whose first order is 90 days ago or more: a second within 90 days."
    )
    median_days_to_second: float | None
    order_value: float = Field(description="Average amount of an order.")
    buyer_value: float = Field(description="Average amount of a buyer, of all time.")
    member_value: float = Field(description="Average amount of a member, of all time.")


class RevenueAnswer(BaseModel):
    """Repurchase and lifetime value."""

    currency: str
    summary: RevenueSummary
    items: list[WorthRow]
