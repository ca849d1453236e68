"""A rule set in force: says of an event's signals which rules fire and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from services.rules.classifier import classifier
from services.rules.observation import Observation
from services.rules.pack import AutomationSource, Pack, RuleSource, Who
from services.rules.signals import Reading
from services.rules.verdict import Verdict, decide, labels_of, risk_of
from services.rules.vocabulary import SUBJECTS, Subject
from services.rules.windows import Entry, Window, entries
from shared.condition_types import Signals
from shared.conditions import Condition, Conditions
from shared.events import BaseEvent, Decision, Role, RuleHit, Span


class _Matters(Struct, frozen=True):
    """What of a pack matters for one kind of event by one kind of person."""

    windows: list[Window]
    window_conditions: Conditions
    rules: list[tuple[RuleSource, Condition]]
    automations: list[AutomationSource]
    conditions: Conditions
    """Those of the rules, then those of the automations."""


class Judgement(Struct, frozen=True):
    """The verdict on an event, and the automations that it sets off."""

    verdict: Verdict
    automations: list[AutomationSource]


class RuleSet:
    """A pack made ready to judge. Remembers verdicts' conditions: one for each thread of work."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._nothing = Verdict(0.0, Decision.ALLOW, [], [], [], pack.version)
        self._matters = {
            (subject, staff): _matters(pack, subject, staff)
            for subject in Subject
            for staff in (False, True)
        }

    def window_entries(self, seen: Observation) -> list[Entry]:
        """Return what an event adds to the windows of the pack."""
        matters = self._matter(seen.event)
        if not matters.windows:
            return []
        held = matters.window_conditions.holding(seen.signals)
        return entries([matters.windows[i] for i in held], seen.group, seen.facets)

    def judge(self, seen: Observation, around: Signals) -> Judgement:
        """Judge an event by its own signals and those `around` it: windows, the member's past."""
        matters = self._matter(seen.event)
        held = matters.conditions.holding(seen.signals, around)
        if not held:
            return Judgement(self._nothing, [])
        count = len(matters.rules)
        fired = [matters.rules[i] for i in held if i < count]
        automations = [matters.automations[i - count] for i in held if i >= count]
        return Judgement(self._verdict(seen, around, fired), automations)

    def _verdict(
        self,
        seen: Observation,
        around: Signals,
        fired: Sequence[tuple[RuleSource, Condition]],
    ) -> Verdict:
        if not fired:
            return self._nothing
        signals = {**seen.signals, **around}
        hits = [_hit(rule, condition, signals) for rule, condition in fired]
        risk = risk_of(hits)
        removals = int(around.get("member.removals", 0))
        labels = labels_of(hits)
        charges = [hit for hit in hits if hit.label in labels]
        decision, seconds = decide(self.pack, charges, risk, removals)
        if seen.event.role is not Role.MEMBER and decision is not Decision.ALLOW:
            decision, seconds = Decision.WATCH, 0
        if decision is not Decision.ALLOW:
            _explain(hits, seen.reading)
        names = {name for _, condition in fired for name in condition.names}
        spans = [] if decision is Decision.ALLOW else _spans(seen.reading, names)
        return Verdict(risk, decision, labels, hits, spans, self.pack.version, seconds)

    def _matter(self, event: BaseEvent) -> _Matters:
        return self._matters[SUBJECTS[type(event)], event.role is not Role.MEMBER]


def _explain(hits: Sequence[RuleHit], reading: Reading | None) -> None:
    """Add to the first hit of each classifier's score the n-grams that spoke for it most."""
    for name, question in _SCORES.items():
        hit = next((hit for hit in hits if name in hit.values), None)
        if hit is not None and reading is not None:
            strongest = classifier().evidence(reading, question)
            hit.values[f"{name}.evidence"] = " ".join(
                f"{each.seen!r} {each.weight:+.2f}" for each in strongest
            )


def _hit(rule: RuleSource, condition: Condition, signals: Signals) -> RuleHit:
    values = {name: signals[name] for name in condition.names if signals.get(name)}
    return RuleHit(rule.name, rule.label, rule.weight, rule.because, values)


_SCORES: Final = {"classifier.spam": "spam", "classifier.abuse": "abuse"}
"""The signals whose evidence a hit names: `'刷单' +1.31 '#job' +0.80`, as logarithms of odds."""


def _spans(reading: Reading | None, names: set[str]) -> list[Span]:
    if reading is None:
        return []
    return reading.spans({name.removeprefix("text.") for name in names})


def _matters(pack: Pack, subject: Subject, staff: bool) -> _Matters:
    windows = [(w, c) for w, c, source in pack.windows if subject in source.of]
    rules = [(rule, c) for rule, c in pack.rules if _applies(rule, subject, staff)]
    automations = [(each, c) for each, c in pack.automations if _applies(each, subject, staff)]
    together = [condition for _, condition in (*rules, *automations)]
    return _Matters(
        windows=[window for window, _ in windows],
        window_conditions=Conditions([condition for _, condition in windows], pack.defaults),
        rules=rules,
        automations=[automation for automation, _ in automations],
        conditions=Conditions(together, pack.defaults),
    )


def _applies(part: RuleSource | AutomationSource, subject: Subject, staff: bool) -> bool:
    who: Who = "staff" if staff else "member"
    return subject in part.on and part.who in ("anyone", who)
