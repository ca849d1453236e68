"""A rule set in force: says of an event's signals which rules fire and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from services.rules.classifier import classifier
from services.rules.inheriting import override_for
from services.rules.observation import Observation
from services.rules.pack import Pack
from services.rules.pack_source import AutomationSource, GroupOverride, RuleSource, Who
from services.rules.signals import Reading
from services.rules.tenant_words import TenantWords
from services.rules.verdict import Verdict, decide, labels_of, risk_of
from services.rules.vocabulary import SUBJECTS, Subject
from services.rules.weighing import Weighing, rule_defaults
from services.rules.windows import Entry, Window, entries
from shared.condition_types import Signals
from shared.conditions import Condition, Conditions
from shared.events import BaseEvent, Decision, Role, RuleHit, Span


class _Matters(Struct, frozen=True):
    """What of a pack matters for one kind of event by one kind of person."""

    windows: list[Window]
    shares: list[str]
    """Names of the windows that are shares."""
    window_conditions: Conditions
    """Those of the windows, then those of the shares."""
    rules: list[tuple[RuleSource, Condition]]
    automations: list[AutomationSource]
    conditions: Conditions
    """Those of the rules, then those of the automations."""


class Judgement(Struct, frozen=True):
    """The verdict on an event, and the automations that it sets off."""

    verdict: Verdict
    automations: list[AutomationSource]
    trial: Verdict | None = None
    """What the verdict would be if rules in shadow counted, where that makes a difference."""
    answer: str = ""
    """The answer to the question most like what the event says."""


class RuleSet:
    """A pack made ready to judge.

    What it needs for a kind of event is made when the first of them comes, and
    what conditions said is remembered: not to be shared between threads.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._words = TenantWords(pack.source)
        self._weighing = _weighing(pack)
        self.has_long_windows = any(window.long for window, _, _ in pack.windows)
        self._nothing = Verdict(0.0, Decision.ALLOW, [], [], [], pack.version)
        self._matters: dict[tuple[type[BaseEvent], bool], _Matters] = {}
        self._overrides: dict[str, GroupOverride | None] = {}

    def window_entries(self, seen: Observation) -> list[Entry]:
        """Return what an event adds to the windows of the pack."""
        matters = self._matter(seen.event)
        if not matters.windows:
            return []
        held = matters.window_conditions.holding(seen.signals, self._words.signals(seen))
        count = len(matters.windows)
        marked = {matters.shares[i - count] for i in held if i >= count}
        windows = [matters.windows[i] for i in held if i < count]
        return entries(windows, seen.group, seen.facets, marked)

    def judge(self, seen: Observation, around: Signals) -> Judgement:
        """Judge an event by its own signals and those `around` it: windows, the member's past."""
        matters = self._matter(seen.event)
        own = self._words.signals(seen)
        held = matters.conditions.holding(seen.signals, around, own)
        if not held:
            return Judgement(self._nothing, [])
        count = len(matters.rules)
        fired = [matters.rules[i] for i in held if i < count]
        automations = [matters.automations[i - count] for i in held if i >= count]
        override = self._override(seen.event.group) if self.pack.source.overrides else None
        if override is not None:
            off = set(override.disable)
            fired = [(rule, c) for rule, c in fired if rule.name not in off]
            automations = [each for each in automations if each.name not in off]
        signals = {**around, **own}
        counting = [each for each in fired if each[0].mode == "enforce"]
        verdict = self._verdict(seen, signals, counting, override)
        trial = None
        if len(counting) < len(fired):
            trial = self._verdict(seen, signals, fired, override)
        answer = self._words.answer(seen) if automations else ""
        return Judgement(verdict, automations, trial, answer)

    def _verdict(
        self,
        seen: Observation,
        around: Signals,
        fired: Sequence[tuple[RuleSource, Condition]],
        override: GroupOverride | None,
    ) -> Verdict:
        if not fired:
            return self._nothing
        signals = {**seen.signals, **around}
        hits = self._weighing.hits(fired, signals, override.weights if override else {})
        risk = risk_of(hits)
        removals = int(around.get("member.removals", 0))
        labels = labels_of(hits)
        charges = [hit for hit in hits if hit.label in labels]
        thresholds = (override and override.thresholds) or self.pack.source.thresholds
        decision, seconds = decide(self.pack, thresholds, charges, risk, removals)
        if seen.event.role is not Role.MEMBER and decision is not Decision.ALLOW:
            decision, seconds = Decision.WATCH, 0
        if decision is not Decision.ALLOW:
            _explain(hits, seen.reading)
        names = {name for _, condition in fired for name in condition.names}
        spans = [] if decision is Decision.ALLOW else _spans(seen.reading, names)
        return Verdict(risk, decision, labels, hits, spans, self.pack.version, seconds)

    def _matter(self, event: BaseEvent) -> _Matters:
        key = (type(event), event.role is not Role.MEMBER)
        found = self._matters.get(key)
        if found is None:
            found = _matters(self.pack, SUBJECTS[key[0]], key[1])
            same = {kind for kind, subject in SUBJECTS.items() if subject is SUBJECTS[key[0]]}
            self._matters.update({(kind, key[1]): found for kind in same})
        return found

    def _override(self, group: str) -> GroupOverride | None:
        if group not in self._overrides:
            if len(self._overrides) >= _MOST_GROUPS:
                self._overrides.clear()
            self._overrides[group] = override_for(self.pack.source.overrides, group)
        return self._overrides[group]


_MOST_GROUPS: Final = 10_000
"""Groups whose override is remembered."""


def _explain(hits: Sequence[RuleHit], reading: Reading | None) -> None:
    """Add to the first hit of each classifier's score the n-grams that spoke for it most."""
    for name, question in _SCORES.items():
        hit = next((hit for hit in hits if name in hit.values), None)
        if hit is not None and reading is not None:
            strongest = classifier().evidence(reading, question)
            hit.values[f"{name}.evidence"] = " ".join(
                f"{each.seen!r} {each.weight:+.2f}" for each in strongest
            )


_SCORES: Final = {"classifier.spam": "spam", "classifier.abuse": "abuse"}
"""The signals whose evidence a hit names: `'刷单' +1.31 '#job' +0.80`, as logarithms of odds."""


def _spans(reading: Reading | None, names: set[str]) -> list[Span]:
    if reading is None:
        return []
    return reading.spans({name.removeprefix("text.") for name in names})


def _weighing(pack: Pack) -> Weighing:
    together = [condition for _, condition in pack.composites]
    return Weighing(
        composites=[each for each, _ in pack.composites],
        conditions=Conditions(together, rule_defaults([rule.name for rule, _ in pack.rules])),
        reads=[condition.names for condition in together],
        families={each.name: each for each in pack.source.families},
        family_of={rule.name: rule.family for rule, _ in pack.rules if rule.family},
    )


def _matters(pack: Pack, subject: Subject, staff: bool) -> _Matters:
    windows = [(w, c) for w, c, source in pack.windows if subject in source.of]
    names = {window.name for window, _ in windows}
    shares = {name: c for name, c in pack.shares.items() if name in names}
    rules = [(rule, c) for rule, c in pack.rules if _applies(rule, subject, staff)]
    automations = [(each, c) for each, c in pack.automations if _applies(each, subject, staff)]
    together = [condition for _, condition in (*rules, *automations)]
    return _Matters(
        windows=[window for window, _ in windows],
        shares=list(shares),
        window_conditions=Conditions(
            [*(condition for _, condition in windows), *shares.values()], pack.defaults
        ),
        rules=rules,
        automations=[automation for automation, _ in automations],
        conditions=Conditions(together, pack.defaults),
    )


def _applies(part: RuleSource | AutomationSource, subject: Subject, staff: bool) -> bool:
    who: Who = "staff" if staff else "member"
    return subject in part.on and part.who in ("anyone", who)
