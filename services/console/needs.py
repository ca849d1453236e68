"""What needs a person today: groups and endpoints, the most urgent first, each with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.console.answers.cases import CaseSummary
from services.console.answers.deliveries import Endpoint, StateCount
from services.console.answers.groups import Group


class Reason(StrEnum):
    """Why something needs a person."""

    DANGER = "danger"
    QUIET = "quiet"
    OVERDUE = "overdue"
    CASES = "cases"
    NEWCOMERS = "newcomers"
    SPAM = "spam"
    FEW_TALKERS = "few_talkers"


URGENCY: Final[Mapping[Reason, float]] = {
    Reason.DANGER: 50.0,
    Reason.OVERDUE: 40.0,
    Reason.QUIET: 30.0,
    Reason.NEWCOMERS: 20.0,
    Reason.SPAM: 15.0,
    Reason.FEW_TALKERS: 10.0,
    Reason.CASES: 8.0,
}
"""What each reason adds; several of one group add up. A case beyond the first adds one more."""
DANGER_BELOW: Final = 40
"""Health below which a group is in danger (docs/scoring.md)."""
SPAM_OVER: Final = 0.05
TALK_OVER: Final = 0.8
"""Share of the four busiest over which few people talk."""
LEAST_MESSAGES: Final = 100
_MOST_EXTRA: Final = 20.0
_SILENT_STAGES: Final = frozenset({"quiet", "declining"})
_OVER_STAGES: Final = frozenset({"dead", "ended"})


@dataclass(frozen=True)
class Why:
    """A reason with its figures, as the message `today.why.*` takes them."""

    reason: Reason
    figures: dict[str, object]


@dataclass
class Need:
    """A group that needs a person."""

    group: str
    health: int | None = None
    stage: str = ""
    why: list[Why] = field(default_factory=list)
    urgency: float = 0.0

    def add(self, reason: Reason, extra: float = 0.0, **figures: object) -> None:
        self.why.append(Why(reason, figures))
        self.urgency += URGENCY[reason] + min(extra, _MOST_EXTRA)


@dataclass(frozen=True)
class Failing:
    """An endpoint whose deliveries fail."""

    endpoint: Endpoint
    dead: int
    waiting: int


def needs_of(groups: Iterable[Group], cases: Iterable[CaseSummary]) -> list[Need]:
    """Return the groups that need a person, the most urgent first."""
    found: dict[str, Need] = {}
    for group in groups:
        need = Need(group.group, group.health, group.stage)
        _look(group, need)
        found[group.group] = need
    waiting: defaultdict[str, list[CaseSummary]] = defaultdict(list)
    for case in cases:
        waiting[case.group].append(case)
    for name, there in waiting.items():
        need = found.setdefault(name, Need(name))
        overdue = sum(case.overdue for case in there)
        if overdue:
            need.add(Reason.OVERDUE, overdue, n=overdue)
        need.add(Reason.CASES, len(there) - 1, n=len(there))
    needing = [need for need in found.values() if need.why]
    return sorted(needing, key=lambda need: (-need.urgency, need.group))


def failing_of(endpoints: Iterable[Endpoint], stats: Iterable[StateCount]) -> list[Failing]:
    """Return the endpoints that are off, left alone, or to which deliveries were given up."""
    counted: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for each in stats:
        counted[each.endpoint][each.state] = each.deliveries
    found = []
    for endpoint in endpoints:
        dead = counted[endpoint.id].get("dead", 0)
        waiting = counted[endpoint.id].get("held", 0)
        is_off = bool(endpoint.disabled_by_steward) or endpoint.breaker != "closed"
        if is_off or dead or endpoint.failing_since is not None:
            found.append(Failing(endpoint, dead, waiting))
    return sorted(found, key=lambda each: (-each.dead, each.endpoint.id))


def _look(group: Group, need: Need) -> None:
    if group.stage in _OVER_STAGES:
        return
    silence = group.silence
    if group.stage in _SILENT_STAGES and silence.hours >= silence.quiet_after_hours:
        need.add(Reason.QUIET, hours=silence.hours, usual=max(1, silence.usual_hours))
    if group.health < DANGER_BELOW:
        need.add(Reason.DANGER, (DANGER_BELOW - group.health) / 4, health=group.health)
    unanswered = group.newcomers.wrote - group.newcomers.answered
    if unanswered > 0:
        need.add(Reason.NEWCOMERS, unanswered, n=unanswered)
    if group.spam_share > SPAM_OVER:
        need.add(Reason.SPAM, share=f"{group.spam_share:.0%}")
    if group.talk.top_four_share > TALK_OVER and group.messages >= LEAST_MESSAGES:
        need.add(Reason.FEW_TALKERS, share=f"{group.talk.top_four_share:.0%}")
