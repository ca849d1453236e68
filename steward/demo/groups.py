"""The twelve groups of the sample day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from shared.events import GroupId

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class GroupPlan:
    """A group as the day is written for it.

    `messages` is about how much is said in the whole day, `talkers` how many of
    the members ever speak (all of them where it is None), `newcomers` how many
    join, `quiet_from` the hour after which nobody speaks any more.
    """

    id: GroupId
    name: str
    language: Language
    size: int
    messages: int
    newcomers: int
    checkins: int = 0
    purchases: int = 0
    talkers: int | None = None
    quiet_from: float | None = None

    @property
    def currency(self) -> str:
        """ISO 4217 code of what is paid here."""
        return "CNY" if self.language == "zh" else "EUR"


def _plan(id: str, name: str, language: Language, *numbers: int, **more: object) -> GroupPlan:
    size, messages, newcomers, checkins, purchases = numbers
    return GroupPlan(
        GroupId(id),
        name,
        language,
        size,
        messages,
        newcomers,
        checkins,
        purchases,
        **more,  # type: ignore[arg-type]
    )


GROUPS: Final = (
    _plan("baby", "宝妈互助群", "zh", 88, 1450, 7, 60, 20),
    _plan("fruit", "水果团购群", "zh", 104, 1400, 9, 40, 190),
    _plan("fitness", "晨跑健身营", "zh", 72, 1200, 6, 130, 14),
    _plan("python", "Python 学习群", "zh", 84, 1250, 8, 90, 12),
    _plan("cooking", "家常菜研究所", "zh", 66, 1150, 5, 50, 14),
    _plan("cats", "猫友会", "zh", 64, 1200, 5, 20, 22),
    _plan("reading", "一起读书", "zh", 58, 950, 4, 110, 10),
    _plan("photo", "街头摄影", "zh", 52, 950, 4, 30, 10),
    _plan("hiking", "周末徒步", "zh", 56, 620, 2, 15, 4, quiet_from=11.2),
    _plan("coffee", "手冲咖啡角", "zh", 42, 380, 1, 12, 4, talkers=4),
    _plan("indie", "Indie Games Lounge", "en", 70, 1150, 6, 20, 24),
    _plan("garden", "Balcony Gardeners", "en", 54, 950, 5, 40, 18),
)
