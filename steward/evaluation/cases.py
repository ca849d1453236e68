"""Moments at which it is foretold who falls silent, and what happened then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from services.scoring import churn, quiet
from services.scoring.logistic import Model
from services.scoring.models import CHURN, QUIET
from services.scoring.pulse import pulse_of
from steward.evaluation.history import History
from steward.evaluation.measures import Outcome
from steward.evaluation.replay import Replay

DAY: Final = 86_400


class Case(NamedTuple):
    """Somebody who was looked at: in what figures they showed, and whether they fell silent."""

    moment: int
    who: str
    features: dict[str, float]
    silent: bool


class Plan(NamedTuple):
    """When to look (s since the epoch) at members, and at groups."""

    members: frozenset[int]
    groups: frozenset[int]


def evaluation_plan(start: date, history: History) -> Plan:
    """Members on the first day of each quarter from `start` on, groups every 28 days.

    A moment is left out when what happened then is not fully known yet.
    """
    first = _midnight(start)
    years = range(start.year, datetime.fromtimestamp(history.last, UTC).year + 1)
    quarters = (_midnight(date(year, month, 1)) for year in years for month in (1, 4, 7, 10))
    return Plan(
        _known((moment for moment in quarters if moment >= first), churn.HORIZON_DAYS, history),
        _known(range(first, history.last, 28 * DAY), quiet.HORIZON_DAYS, history),
    )


def training_plan(until: date, history: History) -> Plan:
    """Everybody every 14 days, as far as the outcome is known before `until`."""
    end = min(_midnight(until), history.last)
    start = _midnight(datetime.fromtimestamp(history.first, UTC).date()) + 90 * DAY
    moments = range(start, end, 14 * DAY)
    return Plan(
        frozenset(moment for moment in moments if moment + churn.HORIZON_DAYS * DAY <= end),
        frozenset(moment for moment in moments if moment + quiet.HORIZON_DAYS * DAY <= end),
    )


def cases(history: History, plan: Plan) -> dict[str, list[Case]]:
    """Replay a history and return what was to be foretold, by model."""
    replay = Replay(history)
    found: dict[str, list[Case]] = {CHURN: [], QUIET: []}
    for moment in replay.stops(sorted(plan.members | plan.groups)):
        if moment in plan.members:
            found[CHURN].extend(_members(history, replay, moment))
        if moment in plan.groups:
            found[QUIET].extend(_groups(history, replay, moment))
    return found


def outcomes(foretold: Iterable[Case], model: Model) -> list[Outcome]:
    """Return what a model says of the cases, and what came true."""
    return [Outcome(model.judge(case.features).probability, case.silent) for case in foretold]


def _members(history: History, replay: Replay, moment: int) -> Iterator[Case]:
    """A member is silent who writes in none of the groups."""
    until = moment + churn.HORIZON_DAYS * DAY
    for member in history.members(moment - churn.RECENT_DAYS * DAY, moment):
        features = churn.churn_features(replay.memberships(member), moment * 1000)
        yield Case(moment, member, features, not history.member_wrote(member, moment, until))


def _groups(history: History, replay: Replay, moment: int) -> Iterator[Case]:
    began = moment - quiet.LEAST_AGE_DAYS * DAY
    until = moment + quiet.HORIZON_DAYS * DAY
    for group in history.groups(moment - 28 * DAY, moment, began):
        features = quiet.quiet_features(pulse_of(replay.group(group), moment * 1000))
        yield Case(moment, group, features, not history.group_talked(group, moment, until))


def _known(moments: Iterable[int], days: int, history: History) -> frozenset[int]:
    return frozenset(moment for moment in moments if moment + days * DAY <= history.last)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
