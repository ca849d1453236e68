"""A rule set in force: says of an event's signals which rules fire and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from services.rules.conditions import Board, Conditions, Value
from services.rules.observation import Observation
from services.rules.pack import AutomationSource, Pack, RuleSource, Who
from services.rules.signals import Reading
from services.rules.verdict import Verdict, decide, risk_of
from services.rules.vocabulary import SUBJECTS, Subject
from services.rules.windows import Entry, entries
from shared.events import BaseEvent, Decision, Label, RuleHit, Span


class _Matters(Struct, frozen=True):
    """What of a pack matters for one kind of event by one kind of person."""

    windows: list[int]
    window_conditions: Conditions
    rules: list[int]
    rule_conditions: Conditions
    automations: list[AutomationSource]
    automation_conditions: Conditions


class RuleSet:
    """A pack made ready to judge. Keeps a board of values: one for each thread of work."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._board = Board(pack.defaults)
        self._matters = {
            (subject, staff): _matters(pack, subject, staff)
            for subject in Subject
            for staff in (False, True)
        }

    def window_entries(self, seen: Observation) -> list[Entry]:
        """Return what an event adds to the windows of the pack."""
        matters = self._matter(seen.event)
        self._board.show(seen.signals)
        held = matters.window_conditions.holding(self._board.context)
        windows = [self.pack.windows[matters.windows[i]][0] for i in held]
        return entries(windows, seen.group, seen.facets)

    def judge(
        self, seen: Observation, windows: dict[str, int], member: dict[str, Value]
    ) -> Verdict:
        """Return the verdict on an event by its signals, the windows and the member's past."""
        self._show(seen, windows, member)
        matters = self._matter(seen.event)
        fired = [
            self.pack.rules[matters.rules[i]]
            for i in matters.rule_conditions.holding(self._board.context)
        ]
        if not fired:
            return Verdict(0.0, Decision.ALLOW, [], [], [], self.pack.version)
        values = {**self.pack.defaults, **self._signals(seen, windows, member)}
        hits = [
            RuleHit(
                rule.name, rule.label, rule.weight, rule.because,
                {name: values[name] for name in condition.names if values[name]},
            )
            for rule, condition in fired
        ]  # fmt: skip
        names = [condition.names for _, condition in fired]
        return self._verdict(seen, hits, names, int(member.get("member.removals", 0)))

    def automations(
        self, seen: Observation, windows: dict[str, int], member: dict[str, Value]
    ) -> list[AutomationSource]:
        """Return the automations that an event sets off."""
        matters = self._matter(seen.event)
        if not matters.automations:
            return []
        self._show(seen, windows, member)
        held = matters.automation_conditions.holding(self._board.context)
        return [matters.automations[i] for i in held]

    def _verdict(
        self, seen: Observation, hits: list[RuleHit], names: Sequence[Sequence[str]], removals: int
    ) -> Verdict:
        risk = risk_of(hits)
        decision, seconds = decide(self.pack, hits, risk, removals)
        if seen.event.role != "member" and decision is not Decision.ALLOW:
            decision, seconds = Decision.WATCH, 0
        labels = sorted({hit.label for hit in hits}, key=lambda label: _weight(hits, label))
        spans = _spans(seen.reading, {name for used in names for name in used})
        return Verdict(risk, decision, labels, hits, spans, self.pack.version, seconds)

    def _matter(self, event: BaseEvent) -> _Matters:
        return self._matters[SUBJECTS[type(event)], event.role != "member"]

    def _show(self, seen: Observation, windows: dict[str, int], member: dict[str, Value]) -> None:
        self._board.show(self._signals(seen, windows, member))

    @staticmethod
    def _signals(
        seen: Observation, windows: dict[str, int], member: dict[str, Value]
    ) -> dict[str, Value]:
        counted = {f"window.{name}": value for name, value in windows.items()}
        return {**seen.signals, **member, **counted}


def _weight(hits: Sequence[RuleHit], label: Label) -> tuple[float, str]:
    return -sum(hit.weight for hit in hits if hit.label is label), label


def _spans(reading: Reading | None, names: set[str]) -> list[Span]:
    if reading is None:
        return []
    return reading.spans({name.removeprefix("text.") for name in names})


def _matters(pack: Pack, subject: Subject, staff: bool) -> _Matters:
    windows = [i for i, (_, _, source) in enumerate(pack.windows) if subject in source.of]
    rules = [i for i, (rule, _) in enumerate(pack.rules) if _applies(rule, subject, staff)]
    automations = [(a, c) for a, c in pack.automations if _applies(a, subject, staff)]
    return _Matters(
        windows=windows,
        window_conditions=Conditions([pack.windows[i][1] for i in windows]),
        rules=rules,
        rule_conditions=Conditions([pack.rules[i][1] for i in rules]),
        automations=[a for a, _ in automations],
        automation_conditions=Conditions([c for _, c in automations]),
    )


def _applies(part: RuleSource | AutomationSource, subject: Subject, staff: bool) -> bool:
    who: Who = "staff" if staff else "member"
    return subject in part.on and part.who in ("anyone", who)
