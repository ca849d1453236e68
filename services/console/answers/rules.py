"""Rule sets, trials, backtests and verdicts, as rules tells them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from msgspec import Struct

from services.console.answers.cases import Span

_PLACE: Final = re.compile(r":(\d+):(\d+)$")


class RuleSet(Struct, frozen=True):
    """A rule set, with all that it inherits."""

    name: str
    version: str
    description: str
    rules: list[dict[str, Any]]
    windows: list[dict[str, Any]]
    patterns: list[dict[str, Any]]
    automations: list[dict[str, Any]]
    thresholds: dict[str, float | None]
    source: str


class Name(Struct, frozen=True):
    """What a condition may name; `type` is `bool`, `int`, `float`, `str` or `function`."""

    name: str
    type: str
    meaning: str


class NameList(Struct, frozen=True):
    """Everything that the conditions of a rule set may name."""

    items: list[Name]


class Version(Struct, frozen=True):
    """A published version."""

    version: str
    note: str
    created_at: datetime
    created_by: str


class VersionPage(Struct, frozen=True):
    """Versions, latest first."""

    items: list[Version]
    next: str | None = None


class Trial(Struct, frozen=True):
    """The version on trial: `shadow`, or `canary` in `share` percent of the groups."""

    version: str
    mode: str
    share: int
    most_disputed: float
    since: datetime
    by: str


class Change(Struct, frozen=True):
    """A change of what is in force or on trial."""

    at: datetime
    by: str
    why: str
    version: str | None = None


class Deployment(Struct, frozen=True):
    """What is in force and on trial; no version is the shipped rule set."""

    changes: list[Change]
    active: str | None = None
    trial: Trial | None = None

    def step_of(self, version: str) -> str:
        """Return how far a version is: `enforce`, `canary`, `shadow` or `published`."""
        if self.active == version:
            return "enforce"
        if self.trial is not None and self.trial.version == version:
            return self.trial.mode
        return "published"


class Said(Struct, frozen=True):
    """A verdict, as far as verdicts are compared."""

    decision: str
    risk: float
    rules: list[str] = []


class Difference(Struct, frozen=True):
    """An event on which two rule sets decide differently."""

    event: str
    group: str
    member: str
    settled: Said
    candidate: Said


class Comparison(Struct, frozen=True):
    """A candidate beside what it may replace."""

    both: int
    only_settled: int
    only_candidate: int
    overlap: float | None = None
    settled_precision: float | None = None
    candidate_precision: float | None = None
    differences: list[Difference] = []

    @property
    def total(self) -> int:
        """Events on which one of the two acts."""
        return self.both + self.only_settled + self.only_candidate


class RuleCounts(Struct, frozen=True):
    """In how many flags a rule fired, in each rule set."""

    settled: int
    candidate: int


class Report(Struct, frozen=True):
    """What a rule set would have changed."""

    settled: str
    candidate: str
    events: int
    comparison: Comparison
    changes: dict[str, int]
    rules: dict[str, RuleCounts]
    changed: list[Difference]

    @property
    def moved_rules(self) -> list[tuple[str, RuleCounts]]:
        """Rules that fired otherwise, those that changed most first."""
        moved = [(rule, n) for rule, n in self.rules.items() if n.settled != n.candidate]
        return sorted(moved, key=lambda each: -abs(each[1].candidate - each[1].settled))


class Backtest(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """A backtest of the events from `since` until `until`, and how far it is."""

    id: str
    version: str
    state: str
    progress: float
    events: int
    error: str
    since: datetime
    until: datetime
    created_at: datetime
    report: Report | None = None


class BacktestPage(Struct, frozen=True):
    """Backtests without their reports, latest first."""

    items: list[Backtest]


class Hit(Struct, frozen=True):
    """A rule that fired: what it added to the risk, and why."""

    rule: str
    label: str
    weight: float
    because: str
    values: dict[str, Any]


class Verdict(Struct, frozen=True):
    """What a rule set says of a text."""

    normalised: str
    risk: float
    decision: str
    labels: list[str]
    hits: list[Hit]
    spans: list[Span]
    rule_set: str
    override: list[str] | None = None
    canaries: list[str] = []


class Tally(Struct, frozen=True):
    """Decided cases of a rule; `at_least` is the lower bound of its precision."""

    name: str
    confirmed: int
    overturned: int
    precision: float | None = None
    at_least: float | None = None


class Precision(Struct, frozen=True):
    """How often people agreed with rules."""

    rules: list[Tally]


class Mistake(NamedTuple):
    """What is wrong with a pack; line and column count from 1, or are 0 where it has no place."""

    line: int
    column: int
    what: str


def mistakes(errors: Sequence[tuple[str, str]]) -> list[Mistake]:
    """Return what problem details say of a pack, in the order of its lines."""
    found = []
    for place, what in errors:
        match = _PLACE.search(place)
        line, column = (int(match[1]), int(match[2])) if match else (0, 0)
        found.append(Mistake(line, column, what))
    return sorted(found)


def moved(changes: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return `allow→delete: 3` as before, after and how many, the most first."""
    told = [(*change.partition("→")[::2], count) for change, count in changes.items()]
    return sorted(told, key=lambda each: (-each[2], each[0], each[1]))
