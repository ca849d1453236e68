"""Folds past events through two rule sets, by the same stage as live, and compares them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from services.rules.documents import MEMBER_RECORDS
from services.rules.long_windows import SERIES
from services.rules.pack import Pack
from services.rules.rule_sets.catalog import OneRuleSet
from services.rules.stage import rules_stage
from services.rules.tenant_windows.series import TENANT_SERIES
from services.rules.trials import ACTING, Comparison, Said, Tally, comparison
from services.rules.vocabulary import SUBJECTS
from services.rules.windows import LONGEST_IN_MEMORY
from services.rules.word_lists.lists import WordLists
from shared.events import BaseEvent, Group, Member, Millis
from shared.stream.contracts import D, Kind, Publish, Record
from shared.stream.memory import MemoryDocuments, fold
from shared.topics import Topic
from shared.verdicts import Decision, Flag

MOST_CHANGES: Final = 200
"""Events told one by one in a report."""
_KEPT: Final = frozenset({MEMBER_RECORDS, SERIES, TENANT_SERIES})


class Changed(Struct, frozen=True, kw_only=True):
    """An event of which the two rule sets decide differently."""

    event: str
    group: Group
    member: Member
    time: Millis
    settled: Said
    candidate: Said


class RuleCounts(Struct, frozen=True, kw_only=True):
    """In how many flags a rule fired, in each rule set."""

    settled: int
    candidate: int


class Report(Struct, frozen=True, kw_only=True):
    """What would have changed. `changed` has the first events; `changes` counts all, by kind."""

    settled: str
    candidate: str
    events: int
    warmed_up_with: int
    comparison: Comparison
    changes: dict[str, int]
    """`allow→delete`: how many events."""
    rules: dict[str, RuleCounts]
    changed: list[Changed]


class Backtest:
    """Two rule sets on the same events, each as if it had been in force.

    Windows and what members did are built up from the events alone. Events
    before `start` (ms) warm them up; those from it on are compared. Word
    `lists` are those of today. With `groups`, only their events are
    compared. Windows over the whole tenant are exact if all its events come in the
    order of their time.
    """

    def __init__(
        self,
        settled: Pack,
        candidate: Pack,
        start: Millis,
        lists: WordLists | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        self._sides = (_Side(settled, lists), _Side(candidate, lists))
        self._start = start
        self._groups = groups
        self._events = self._warm = 0
        self._tallies: Counter[tuple[bool, bool]] = Counter()
        self._changes: Counter[str] = Counter()
        self._rules: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._changed: list[Changed] = []

    @property
    def events(self) -> int:
        """How many events were compared."""
        return self._events

    def see(self, event: BaseEvent) -> None:
        """Fold one event; events of a group come in the order of the log."""
        if type(event) not in SUBJECTS:
            return
        settled, candidate = (side.judge(event) for side in self._sides)
        if event.time < self._start or (self._groups and event.group not in self._groups):
            self._warm += 1
            return
        self._events += 1
        for said, counts in zip((settled, candidate), self._rules, strict=True):
            counts.update(said.rules)
        self._tallies[settled.decision in ACTING, candidate.decision in ACTING] += 1
        if settled.decision is not candidate.decision:
            self._note(event, settled, candidate)

    def report(self) -> Report:
        """Return what was found up to here."""
        settled, candidate = self._rules
        tallies = [
            Tally(settled=one, candidate=other, events=n)
            for (one, other), n in self._tallies.items()
        ]
        return Report(
            settled=self._sides[0].version,
            candidate=self._sides[1].version,
            events=self._events,
            warmed_up_with=self._warm,
            comparison=comparison(tallies),
            changes=dict(sorted(self._changes.items())),
            rules={
                name: RuleCounts(settled=settled[name], candidate=candidate[name])
                for name in sorted(settled.keys() | candidate.keys())
            },
            changed=self._changed,
        )

    def _note(self, event: BaseEvent, settled: Said, candidate: Said) -> None:
        self._changes[f"{settled.decision}→{candidate.decision}"] += 1
        if len(self._changed) < MOST_CHANGES:
            change = Changed(
                event=event.id,
                group=event.group,
                member=event.member,
                time=event.time,
                settled=settled,
                candidate=candidate,
            )
            self._changed.append(change)


def warm_up(packs: Iterable[Pack]) -> int:
    """Return how long before the events to compare a backtest begins, in milliseconds."""
    spans = [window.span for pack in packs for window, _, _ in pack.asked_windows]
    return max([LONGEST_IN_MEMORY, *spans])


def across_groups(packs: Iterable[Pack]) -> bool:
    """Whether any of the packs counts over all groups of a tenant together."""
    return any(window.across_groups for pack in packs for window, _, _ in pack.asked_windows)


class _Side:
    """One rule set, judging as if it were in force."""

    def __init__(self, pack: Pack, lists: WordLists | None) -> None:
        self.version = pack.version
        self._stage = rules_stage(OneRuleSet(pack), lists=lists).open_partition(0)
        self._documents = _Documents()
        self._offset = 0

    def judge(self, event: BaseEvent) -> Said:
        self._offset += 1
        record = Record(Topic.EVENTS, 0, self._offset, event)
        outputs = fold(self._stage, [record], self._documents)
        tallies = [
            Record(Topic.TALLIES, 0, self._offset, output.record)
            for output in outputs
            if isinstance(output, Publish) and output.topic is Topic.TALLIES
        ]
        fold(self._stage, tallies, self._documents)
        flags: Iterator[Flag] = (
            output.record
            for output in outputs
            if isinstance(output, Publish) and isinstance(output.record, Flag)
        )
        flag = next(flags, None)
        if flag is None:
            return Said(
                rule_set=self.version, decision=Decision.ALLOW, risk=0.0, labels=[], rules=[]
            )
        return Said(
            rule_set=flag.rule_set,
            decision=flag.decision,
            risk=flag.risk,
            labels=flag.labels,
            rules=[hit.rule for hit in flag.hits],
        )


class _Documents(MemoryDocuments):
    """Keeps what later verdicts depend on, and nothing else."""

    def put(self, kind: Kind[D], id: str, document: D) -> None:
        if kind in _KEPT:
            super().put(kind, id, document)

    def get(self, kind: Kind[D], id: str) -> D | None:
        return super().get(kind, id) if (kind.borrows or kind) in _KEPT else None
