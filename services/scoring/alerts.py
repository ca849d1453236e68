"""What the owner of a group should be warned of, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.scoring.calendar import DAY, hour_start
from services.scoring.models import QUIET, latest
from services.scoring.pulse import Pulse
from services.scoring.quiet import HORIZON_DAYS, quiet_of

Detail = str | float | int | bool


class AlertKind(StrEnum):
    """What a warning is about."""

    QUIET = "quiet"
    FEW_TALKERS = "few_talkers"
    NEWCOMERS_UNANSWERED = "newcomers_unanswered"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Alert:
    """A warning: its reason in English and Chinese, and the figures behind it.

    `since` is when what it warns of began (ms); the same trouble is told once.
    """

    kind: AlertKind
    since: int
    english: str
    chinese: str
    figures: dict[str, Detail]


COOL_DOWN: Final = {
    AlertKind.QUIET: 3 * DAY,
    AlertKind.FEW_TALKERS: 30 * DAY,
    AlertKind.NEWCOMERS_UNANSWERED: 7 * DAY,
    AlertKind.DANGER: 28 * DAY,
}
"""How long a group is not warned again of the same kind of trouble, in ms."""

QUIET_MESSAGES: Final = 20
"""A group that never talked much (in 56 days) is not warned of silence."""
DANGER_PROBABILITY: Final = 0.3
"""From this probability of falling silent for 28 days on a group is in danger."""
OLD_NEWS_HOURS: Final = 7 * 24
"""A silence that has lasted this much longer is no news."""
FEW_MESSAGES: Final = 100
FEW_MEMBERS: Final = 10
FEW_SHARE: Final = 0.8
UNANSWERED_LEAST: Final = 2
UNANSWERED_SHARE: Final = 0.5


def alerts_for(pulse: Pulse) -> Iterator[Alert]:
    """Yield every warning that the vital signs call for, whether told before or not."""
    for judge in _JUDGES:
        alert = judge(pulse)
        if alert is not None:
            yield alert


def _quiet(pulse: Pulse) -> Alert | None:
    rhythm = pulse.rhythm
    if rhythm.last_hour is None or not rhythm.is_quiet:
        return None
    if pulse.messages + pulse.prior_messages < QUIET_MESSAGES:
        return None
    if rhythm.silent > rhythm.quiet_after + OLD_NEWS_HOURS:
        return None
    return Alert(
        AlertKind.QUIET,
        hour_start(rhythm.last_hour + 1),
        f"No member has written for {_span(rhythm.silent)}. "
        f"Here a pause is usually shorter than {_span(rhythm.usual + 1)}.",
        f"已有{_span_zh(rhythm.silent)}没有成员发言，"
        f"本群平时的间隔不到{_span_zh(rhythm.usual + 1)}。",
        {
            "silent_hours": rhythm.silent,
            "usual_hours": rhythm.usual,
            "quiet_after_hours": rhythm.quiet_after,
            "messages_28_days": pulse.messages,
        },
    )


def _few_talkers(pulse: Pulse) -> Alert | None:
    talkers = pulse.talkers
    if talkers.messages < FEW_MESSAGES or pulse.members < FEW_MEMBERS:
        return None
    if talkers.top_share < FEW_SHARE:
        return None
    share = f"{talkers.top_share:.0%}"
    return Alert(
        AlertKind.FEW_TALKERS,
        0,
        f"Four people wrote {share} of the messages, in a group of {pulse.members}.",
        f"{pulse.members}人的群里，{share}的消息来自四个人。",
        {
            "top_share": round(talkers.top_share, 3),
            "gini": round(talkers.gini, 3),
            "members": pulse.members,
            "messages": talkers.messages,
        },
    )


def _newcomers_unanswered(pulse: Pulse) -> Alert | None:
    newcomers = pulse.newcomers
    unanswered = newcomers.spoke - newcomers.answered
    if not pulse.tells_answers or unanswered < UNANSWERED_LEAST:
        return None
    if unanswered < UNANSWERED_SHARE * newcomers.spoke:
        return None
    return Alert(
        AlertKind.NEWCOMERS_UNANSWERED,
        0,
        f"{unanswered} of {newcomers.spoke} newcomers who wrote in the last two weeks "
        "got no answer within a day.",
        f"近两周发言的{newcomers.spoke}位新成员中，有{unanswered}位在24小时内没有得到回应。",
        {"spoke": newcomers.spoke, "unanswered": unanswered, "arrived": newcomers.arrived},
    )


def _danger(pulse: Pulse) -> Alert | None:
    """Foretell silence; of a group that is quiet already, `quiet` tells."""
    if pulse.rhythm.is_quiet or pulse.messages + pulse.prior_messages < QUIET_MESSAGES:
        return None
    judgement = quiet_of(pulse, latest(QUIET))
    if judgement is None or judgement.probability < DANGER_PROBABILITY:
        return None
    share = f"{judgement.probability:.0%}"
    return Alert(
        AlertKind.DANGER,
        0,
        f"Nobody may write here for the next {HORIZON_DAYS} days: the probability is {share}. "
        f"There was talk in {pulse.talking_weeks} of the last 13 weeks, "
        f"the last time {_span(pulse.rhythm.silent)} ago.",
        f"未来{HORIZON_DAYS}天本群可能无人发言，概率为{share}。"
        f"最近13周中有{pulse.talking_weeks}周有人发言，"
        f"距上次发言已有{_span_zh(pulse.rhythm.silent)}。",
        {
            "probability": round(judgement.probability, 3),
            "low": round(judgement.low, 3),
            "high": round(judgement.high, 3),
            "silent_hours": pulse.rhythm.silent,
            "talking_weeks": pulse.talking_weeks,
            "active_28_days": pulse.active_month,
        },
    )


_JUDGES: Final[tuple[Callable[[Pulse], Alert | None], ...]] = (
    _quiet,
    _few_talkers,
    _newcomers_unanswered,
    _danger,
)


def _span(hours: int) -> str:
    if hours == 1:
        return "an hour"
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _span_zh(hours: int) -> str:
    return f"{hours}小时" if hours < 48 else f"{hours // 24}天"
