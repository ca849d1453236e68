"""What REST asks and tells of points."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scoring.points.account import Account, DayEarned, Entry
from services.scoring.points.terms import Admission, Earning, Reward, Rule, Terms

MOST: Final = 1_000_000_000
_EPOCH: Final = date(1970, 1, 1)


class Window(StrEnum):
    """What a leaderboard of points covers: a calendar day, week or month, or everything."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    def first_day(self, day: int) -> int:
        """Return the first day of the window that holds `day`."""
        if self is Window.WEEK:
            return day - (day + 3) % 7
        if self is Window.MONTH:
            return day - (_EPOCH + timedelta(days=day)).day + 1
        return day


class RuleBody(BaseModel):
    """So many points each time (of purchases: per 100 of the minor unit), capped by day."""

    points: int = Field(ge=0, le=MOST)
    daily_cap: int = Field(ge=0, le=MOST)


class RewardBody(BaseModel):
    """What is given for a level, and what its members may do."""

    level: int = Field(ge=1, le=100)
    reward: str = Field("", max_length=200, examples=["badge"])
    privileges: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=20)


class AdmissionBody(BaseModel):
    """What somebody must have to be let into a further group; 0 or false asks for nothing."""

    level: int = Field(0, ge=0, le=100)
    points: int = Field(0, ge=0, le=MOST)
    purchase: bool = False
    invited: bool = False


class TermsBody(BaseModel):
    """A tenant's rules of points. Changed rules hold from the tenant's next day on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"rules": {"checkin": {"points": 5, "daily_cap": 5}}, "levels": [50, 150, 300]}
            ]
        }
    )

    rules: dict[Earning, RuleBody] = Field(
        description="What earns points; what is left out earns nothing."
    )
    levels: list[Annotated[int, Field(ge=1, le=MOST)]] = Field(
        description="Points ever earned that each level asks for, rising.", max_length=100
    )
    rewards: list[RewardBody] = Field([], max_length=100)
    admission: AdmissionBody = AdmissionBody()
    farewell_after_days: int = Field(60, ge=7, le=728)
    farewell_flags: int = Field(3, ge=1, le=1_000)

    @model_validator(mode="after")
    def _levels_rise(self) -> TermsBody:
        if any(before >= after for before, after in pairwise(self.levels)):
            raise ValueError("levels: each must ask for more than the one before")
        return self

    @classmethod
    def of(cls, terms: Terms, day: int) -> TermsBody:
        """Tell the terms with the rules of a day."""
        return cls(
            rules={
                earning: RuleBody(points=rule.points, daily_cap=rule.daily_cap)
                for earning, rule in terms.rules_on(day).items()
            },
            levels=terms.levels,
            rewards=[
                RewardBody(level=each.level, reward=each.reward, privileges=each.privileges)
                for each in terms.rewards
            ],
            admission=AdmissionBody(
                level=terms.admission.level,
                points=terms.admission.points,
                purchase=terms.admission.purchase,
                invited=terms.admission.invited,
            ),
            farewell_after_days=terms.farewell_after_days,
            farewell_flags=terms.farewell_flags,
        )

    def rule_table(self) -> dict[Earning, Rule]:
        """Return the rules as they are kept."""
        return {each: Rule(rule.points, rule.daily_cap) for each, rule in self.rules.items()}

    def reward_list(self) -> list[Reward]:
        """Return the rewards as they are kept."""
        return [Reward(each.level, each.reward, each.privileges) for each in self.rewards]

    def conditions(self) -> Admission:
        """Return the conditions of admission as they are kept."""
        return Admission(**self.admission.model_dump())


class EarnedLine(BaseModel):
    """What one thing earned on one day, its cap applied."""

    day: date
    earning: str
    times: int = Field(description="How often; of purchases how many 100 of the minor unit.")
    points: int

    @classmethod
    def of(cls, one: DayEarned) -> EarnedLine:
        """Tell a day's line."""
        day = _EPOCH + timedelta(days=one.day)
        return cls(day=day, earning=one.earning, times=one.times, points=one.points)


class AccountAnswer(BaseModel):
    """A member's points in a group."""

    member: str
    group: str
    balance: int = Field(ge=0, description="What can be spent.")
    owed: int = Field(ge=0, description="Spent, then taken back as spam; comes off first.")
    earned: int = Field(description="All that was ever earned; levels go by it.")
    changed: int = Field(description="The sum of the ledger's accepted entries.")
    level: int
    next_level_at: int | None
    explain: list[EarnedLine] | None = Field(None, description="The last 91 days.")

    @classmethod
    def of(cls, account: Account, terms: Terms, lines: list[DayEarned] | None) -> AccountAnswer:
        """Tell an account; with `lines`, what each day earned."""
        level = terms.level(account.total)
        return cls(
            member=account.member,
            group=account.group,
            balance=account.balance,
            owed=account.owed,
            earned=account.total,
            changed=account.changed,
            level=level,
            next_level_at=terms.levels[level] if level < len(terms.levels) else None,
            explain=None if lines is None else [EarnedLine.of(one) for one in lines],
        )


class AccountList(BaseModel):
    """A member's accounts, one a group."""

    items: list[AccountAnswer]


class PointsBody(BaseModel):
    """Points to give (above zero) or to spend (below)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"group": "g1", "entry": "order-17", "amount": -40, "reason": "mug"}]
        }
    )

    group: str = Field(min_length=1, max_length=200)
    entry: str = Field(
        min_length=1,
        max_length=200,
        description="The tenant's own id: asked again, nothing changes.",
    )
    amount: int = Field(ge=-MOST, le=MOST)
    reason: str = Field("", max_length=200, examples=["mug"])

    @model_validator(mode="after")
    def _is_something(self) -> PointsBody:
        if not self.amount:
            raise ValueError("amount: must not be 0")
        return self


class EntryAnswer(BaseModel):
    """A line of the ledger."""

    group: str
    member: str
    entry: str
    at: datetime
    amount: int
    reason: str
    state: Literal["accepted", "refused", "pending"]
    balance: int | None = Field(description="After it; null while it is pending.")

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        """Tell a line."""
        return cls(
            group=entry.group,
            member=entry.member,
            entry=entry.entry,
            at=datetime.fromtimestamp(entry.time / 1000, tz=UTC),
            amount=entry.amount,
            reason=entry.reason,
            state="accepted" if entry.accepted else "refused",
            balance=entry.balance,
        )


class EntryPage(BaseModel):
    """A page of the ledger, the latest first; ask again with `cursor` set to `next`."""

    items: list[EntryAnswer]
    next: str | None


class RankedAccount(BaseModel):
    """One line of a leaderboard of points."""

    member: str
    points: int
    level: int
    explain: list[EarnedLine] | None = Field(
        None, description="What was earned on each of the window's days, of the last 91."
    )


class PointsBoard(BaseModel):
    """A page of a leaderboard of points, the most first."""

    window: Window
    items: list[RankedAccount]
    next: str | None


class Condition(BaseModel):
    """A condition of admission: what is asked for, what there is, and whether that is enough."""

    name: str
    wanted: int
    has: int
    met: bool


class AdmissionAnswer(BaseModel):
    """Whether a member fulfils the tenant's conditions; a proposal, nothing is done."""

    member: str
    admit: bool
    conditions: list[Condition]


class Farewell(BaseModel):
    """A member who may be said goodbye to, and why; nobody is removed because of it."""

    member: str
    silent_days: int
    flags: int
    because: str


class FarewellPage(BaseModel):
    """Proposals among a page of the group's members; ask again with `cursor` set to `next`."""

    items: list[Farewell]
    next: str | None
