"""A group's vital signs at a moment, read from its rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.scoring import talkers
from services.scoring.answers import ANSWER_HOURS
from services.scoring.calendar import DAY, DAYS_KEPT, day_of, hour_of, week_of
from services.scoring.group import (
    ACTIVE,
    ANSWERED,
    ARRIVAL_WIDTH,
    ARRIVED,
    BOT,
    DAY_WIDTH,
    LATEST,
    MESSAGES,
    OPERATOR,
    SPAM,
    SPOKE,
    Group,
)
from services.scoring.rhythm import Rhythm, rhythm_of
from services.scoring.rings import rows, total
from services.scoring.talkers import Talkers

MONTH: Final = 28
"""Days of the window that most figures cover: four whole weeks."""
ACQUAINTANCE: Final = 14 * DAY
"""How long after a group is first seen nobody counts as new without a join event."""


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Who arrived in the last two weeks and has had a day to be answered.

    `spoke` of the `arrived` have written, `answered` of those were answered
    (replied to, mentioned, reacted to) within 24 hours of arriving.
    """

    arrived: int
    spoke: int
    answered: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """Vital signs at `at` (ms). Counts cover the last 28 days unless named otherwise.

    `messages` are those of members; operators' and bots' are apart. The
    `prior` figures cover the 28 days before; `talking_weeks` are those of the last
    13 in which members wrote, `decayed_talking_days` the days of them, each worth
    2^(-age / 30).
    """

    at: int
    age_days: int
    members: int
    messages: int
    prior_messages: int
    messages_week: int
    operator_messages: int
    bot_messages: int
    spam: int
    talking_days: int
    talking_weeks: int
    decayed_talking_days: float
    active_today: int
    active_week: int
    active_month: int
    person_days: int
    prior_person_days: int
    talkers: Talkers
    newcomers: Newcomers
    tells_answers: bool
    rhythm: Rhythm

    @property
    def speaking_ratio(self) -> float:
        """Share of the members who were active."""
        return min(1.0, self.active_month / self.members) if self.members else 0.0

    @property
    def spam_share(self) -> float:
        """Share of all messages by people that were taken back as spam."""
        written = self.messages + self.operator_messages + self.spam
        return self.spam / written if written else 0.0

    @property
    def operator_share(self) -> float:
        """Share of the messages by people that those who run the group wrote."""
        written = self.messages + self.operator_messages
        return self.operator_messages / written if written else 0.0


def pulse_of(group: Group, at: int) -> Pulse:
    """Read the vital signs at `at` (ms), or at the group's latest event if that is later."""
    at = max(at, group.last_at)
    today = max(day_of(at, group.offset), group.last_day)

    def count(column: int, days: int, before: int = 0) -> int:
        newest = today - before
        return total(group.days, DAY_WIDTH, column, newest - days + 1, newest)

    month = list(rows(group.days, DAY_WIDTH, today - MONTH + 1, today))
    quarter = rows(group.days, DAY_WIDTH, today - DAYS_KEPT + 1, today)
    ages = [today - row[0] for row in quarter if row[MESSAGES] > 0]
    weeks = rows(group.weeks, talkers.WIDTH, week_of(today) - 3, week_of(today))
    return Pulse(
        at=at,
        age_days=min(today - day_of(group.first_at, group.offset) + 1, 10 * 366),
        members=group.members,
        messages=count(MESSAGES, MONTH),
        prior_messages=count(MESSAGES, MONTH, before=MONTH),
        messages_week=count(MESSAGES, 7),
        operator_messages=count(OPERATOR, MONTH),
        bot_messages=count(BOT, MONTH),
        spam=count(SPAM, MONTH),
        talking_days=sum(row[MESSAGES] > 0 for row in month),
        talking_weeks=len({age // 7 for age in ages}),
        decayed_talking_days=sum(2 ** (-age / 30) for age in ages),
        active_today=count(ACTIVE, 1),
        active_week=count(LATEST, 7),
        active_month=count(LATEST, MONTH),
        person_days=count(ACTIVE, MONTH),
        prior_person_days=count(ACTIVE, MONTH, before=MONTH),
        talkers=talkers.average(weeks),
        newcomers=_newcomers(group, at),
        tells_answers=group.counts.get("answers", 0) > 0,
        rhythm=rhythm_of(group, at),
    )


def _newcomers(group: Group, at: int) -> Newcomers:
    judged = hour_of(at) - ANSWER_HOURS - 1
    known = hour_of(group.first_at + ACQUAINTANCE)
    figures = [
        total(group.joined, ARRIVAL_WIDTH, column, 0, judged)
        + total(group.appeared, ARRIVAL_WIDTH, column, known, judged)
        for column in (ARRIVED, SPOKE, ANSWERED)
    ]
    return Newcomers(*figures)
