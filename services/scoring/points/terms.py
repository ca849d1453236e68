"""What a tenant has laid down about points: rules by day, the level curve, rewards, conditions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from shared.events import TenantId


class Earning(StrEnum):
    """What points are given for."""

    CHECKIN = "checkin"
    MESSAGE = "message"
    ANSWER = "answer"
    INVITE = "invite"
    PURCHASE = "purchase"
    ACTIVITY = "activity"


EARNINGS: Final = tuple(Earning)
PLACE: Final = {earning: place for place, earning in enumerate(EARNINGS)}


class Rule(Struct, frozen=True):
    """So many points each time (of purchases: for each 100 of the minor unit), capped by day."""

    points: int
    daily_cap: int


DEFAULT_RULES: Final = {
    Earning.CHECKIN: Rule(5, 5),
    Earning.MESSAGE: Rule(1, 10),
    Earning.ANSWER: Rule(10, 50),
    Earning.INVITE: Rule(20, 100),
    Earning.PURCHASE: Rule(1, 1_000),
    Earning.ACTIVITY: Rule(10, 30),
}
DEFAULT_LEVELS: Final = (50, 150, 300, 500, 800, 1_200, 2_000, 3_000, 5_000, 8_000)


class RulesFrom(Struct, frozen=True):
    """Rules that hold from `day` on; what they leave out earns nothing."""

    day: int
    rules: dict[Earning, Rule]


class Reward(Struct, frozen=True):
    """What a member gets who reaches a level: a reward, and what they may do from then on."""

    level: int
    reward: str = ""
    privileges: list[str] = []


class Admission(Struct, frozen=True):
    """What somebody must have to be let into a further group; 0 or false asks for nothing."""

    level: int = 0
    points: int = 0
    purchase: bool = False
    invited: bool = False


class Terms(Struct, frozen=True, kw_only=True):
    """All that holds for a tenant. Rules change at the turn of a day, never for days past."""

    tenant: TenantId
    version: int = 0
    changed_at: int = 0
    history: list[RulesFrom] = []
    levels: list[int] = field(default_factory=lambda: list(DEFAULT_LEVELS))
    rewards: list[Reward] = []
    admission: Admission = Admission()
    farewell_after_days: int = 60
    farewell_flags: int = 3

    def worth(self, day: int, place: int, count: int) -> int:
        """Return the points for doing something (`EARNINGS`) so many times on a day."""
        rule = self.rules_on(day).get(EARNINGS[place])
        if rule is None or count <= 0:
            return 0
        return min(count * rule.points, rule.daily_cap)

    def rules_on(self, day: int) -> dict[Earning, Rule]:
        """Return the rules of a day."""
        rules = DEFAULT_RULES
        for each in self.history:
            if each.day > day:
                break
            rules = each.rules
        return rules

    def level(self, points: int) -> int:
        """Return the level of who earned so many points, 0 for the first."""
        return bisect_right(self.levels, points)


def with_rules(history: Sequence[RulesFrom], rules: RulesFrom) -> list[RulesFrom]:
    """Return the history with other rules from a day on, which replace later ones."""
    return [*(each for each in history if each.day < rules.day), rules]
