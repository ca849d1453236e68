"""A rule set in force: says of an event's signals which rules fire and what that comes to."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from msgspec import Struct

from services.rules.canaries import Canaries
from services.rules.entering import Entering, Entries
from services.rules.explaining import explain, spans_of
from services.rules.inheriting import override_for
from services.rules.measures import Measures
from services.rules.observation import Observation
from services.rules.pack import Pack, PackWindows
from services.rules.pack_source import AutomationSource, GroupOverride, RuleSource
from services.rules.tenant_words import TenantWords
from services.rules.verdict import Verdict, decide, labels_of, risk_of
from services.rules.vocabulary import SUBJECTS, Subject
from services.rules.weighing import Fired, Weighing, rule_defaults
from shared.condition_types import Signals, Value
from shared.conditions import Condition, Conditions
from shared.events import BaseEvent, Role
from shared.verdicts import Decision, RuleHit


class _Outcome(Struct, frozen=True):
    """What rules that fired come to; the hits of `verdict` have no values yet."""

    fired: Fired
    weights: Mapping[str, float]
    verdict: Verdict


class _Settled(Struct, frozen=True):
    """What everything that holds comes to; `quiet` is the whole judgement if it allows."""

    counting: _Outcome
    automations: list[AutomationSource]
    trial: _Outcome | None
    quiet: Judgement | None


class _Matters(Struct, frozen=True):
    """What of a pack matters for one kind of event by one kind of person."""

    staff: bool
    windows: Entering
    rules: list[tuple[RuleSource, Condition]]
    automations: list[AutomationSource]
    conditions: Conditions
    """Those of the rules, then those of the automations."""
    settled: dict[tuple[tuple[int, ...], int, int, frozenset[str]], _Settled] = {}
    """By what holds, earlier removals, the override and the canaries of the group."""


class Judgement(Struct, frozen=True):
    """The verdict on an event, and the automations that it sets off."""

    verdict: Verdict
    automations: list[AutomationSource]
    trial: Verdict | None = None
    """What the verdict would be if rules in shadow counted, where that makes a difference."""
    answer: str = ""
    """The answer to the question most like what the event says."""


class ConditionPool:
    """Conditions that several rule sets evaluate together: compiled once, remembered once."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[str, ...], Conditions] = WeakValueDictionary()

    def of(self, conditions: Sequence[Condition], defaults: Signals) -> Conditions:
        """Return these conditions. A signal has the same default in every pack that has it."""
        key = tuple(condition.flat for condition in conditions)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Conditions(conditions, defaults)
        return found


class RuleSet:
    """A pack made ready to judge.

    What it needs for a kind of event is made when the first of them comes, and
    what conditions said is remembered: not to be shared between threads.
    """

    def __init__(
        self, pack: Pack, pool: ConditionPool | None = None, withdrawn: Container[str] = ()
    ) -> None:
        """Make a pack ready; what it has in common with others in the `pool` is shared.

        Canaries that were `withdrawn` are in shadow everywhere.
        """
        self.pack = pack
        self._pool = pool or ConditionPool()
        self._words = TenantWords(pack.source)
        self._measures = Measures(pack.conditions)
        self._weighing = _weighing(pack)
        self._canaries = Canaries(pack.source.rules, withdrawn)
        self._windows = pack.asked_windows
        self.has_durable_windows = any(window.durable for window, _, _ in self._windows)
        nothing = Verdict(0.0, Decision.ALLOW, [], [], [], pack.version)
        self._across = [f"window.{w.name}" for w, _, _ in pack.windows if w.across_groups]
        self._silence = Judgement(nothing, [])
        self._matters: dict[tuple[type[BaseEvent], bool], _Matters] = {}
        self._overrides: dict[str, GroupOverride | None] = {}

    def window_entries(self, seen: Observation) -> Entries:
        """Return what an event adds to the windows of the pack."""
        windows, further = self._matter(seen.event).windows, self._further(seen)
        if seen.several:
            signals = (seen.signals, further)
            return windows.entries_of_several(seen.group, seen.facets, seen.several, *signals)
        return windows.entries(seen.group, seen.facets, seen.signals, further)

    def judge(self, seen: Observation, around: Signals) -> Judgement:
        """Judge an event by its own signals and those `around` it: windows, the member's past.

        The hits of a verdict that allows are told without values: see `explained`.
        """
        settled = self._settled(seen, around)
        if settled is None:
            return self._silence
        if settled.quiet is not None:
            return settled.quiet
        verdict = self._told(settled.counting, seen, around)
        trial = self._told(settled.trial, seen, around) if settled.trial else None
        answer = self._words.answer(seen) if settled.automations else ""
        return Judgement(verdict, settled.automations, trial, answer)

    def setting(self, tenant: str, group: str) -> tuple[GroupOverride | None, frozenset[str]]:
        """Return what counts in a group besides: the override, and the canaries by name."""
        override = self._override(group) if self.pack.source.overrides else None
        return override, self._canaries.acting(tenant, group)

    def alone(self, seen: Observation) -> Verdict:
        """Return the verdict on an event by its own signals, its hits without values."""
        settled = self._settled(seen, {})
        return self._silence.verdict if settled is None else settled.counting.verdict

    def explained(self, seen: Observation, around: Signals) -> Verdict:
        """Return the verdict on an event with the values behind every hit."""
        settled = self._settled(seen, around)
        if settled is None:
            return self._silence.verdict
        found = settled.counting
        return msgspec.structs.replace(found.verdict, hits=self._hits(found, seen, around))

    def _settled(self, seen: Observation, around: Signals) -> _Settled | None:
        """Return what the rules that fire come to, or None if nothing does.

        That depends on no values but through which rules fire: it is remembered.
        """
        matters = self._matter(seen.event)
        held = matters.conditions.holding(seen.signals, around, self._further(seen))
        if not held:
            return None
        removals = int(around.get("member.removals", 0))
        override, canaries = self.setting(seen.event.tenant, seen.event.group)
        key = (held, removals, id(override), canaries)
        found = matters.settled.get(key)
        if found is None:
            if len(matters.settled) >= _MOST_SETTLED:
                matters.settled.clear()
            found = self._settle(matters, held, removals, override, canaries)
            matters.settled[key] = found
        return found

    def _settle(
        self,
        matters: _Matters,
        held: Sequence[int],
        removals: int,
        override: GroupOverride | None,
        canaries: frozenset[str],
    ) -> _Settled:
        count = len(matters.rules)
        off = set(override.disable) if override else set()
        fired = [matters.rules[i] for i in held if i < count]
        fired = [(rule, c) for rule, c in fired if rule.name not in off]
        automations = [matters.automations[i - count] for i in held if i >= count]
        automations = [each for each in automations if each.name not in off]
        counting = [e for e in fired if e[0].mode == "enforce" or e[0].name in canaries]
        outcome = self._outcome(counting, removals, override, matters.staff)
        trial = None
        if len(counting) < len(fired):
            trial = self._outcome(fired, removals, override, matters.staff)
        quiet = None
        if not (automations or trial or outcome.verdict.noteworthy):
            quiet = Judgement(outcome.verdict, [])
        return _Settled(outcome, automations, trial, quiet)

    def _outcome(
        self, fired: Fired, removals: int, override: GroupOverride | None, staff: bool
    ) -> _Outcome:
        weights = override.weights if override else {}
        hits = self._weighing.hits(fired, {}, weights)
        risk, labels = risk_of(hits), labels_of(hits)
        charges = [hit for hit in hits if hit.label in labels]
        thresholds = (override and override.thresholds) or self.pack.source.thresholds
        decision, seconds = decide(self.pack, thresholds, charges, risk, removals)
        if staff and decision is not Decision.ALLOW:
            decision, seconds = Decision.WATCH, 0
        verdict = Verdict(risk, decision, labels, hits, [], self.pack.version, seconds)
        return _Outcome(fired, weights, verdict)

    def _told(self, outcome: _Outcome, seen: Observation, around: Signals) -> Verdict:
        """Return an outcome as the verdict on an event, with all that explains it."""
        if not outcome.verdict.noteworthy:
            return outcome.verdict
        hits = self._hits(outcome, seen, around)
        explain(hits, seen, self._across)
        names = {name for _, condition in outcome.fired for name in condition.names}
        spans = spans_of(seen, names)
        return msgspec.structs.replace(outcome.verdict, hits=hits, spans=spans)

    def _hits(self, outcome: _Outcome, seen: Observation, around: Signals) -> list[RuleHit]:
        signals = {**seen.signals, **around, **self._further(seen)}
        return self._weighing.hits(outcome.fired, signals, outcome.weights)

    def _further(self, seen: Observation) -> dict[str, Value]:
        """Return the signals of an event that only this pack asks for; not to be changed."""
        measured = self._measures.signals(seen)
        if self._words.idle:
            return measured
        words = self._words.signals(seen)
        return {**measured, **words} if measured and words else measured or words

    def _matter(self, event: BaseEvent) -> _Matters:
        key = (type(event), event.role is not _MEMBER)
        found = self._matters.get(key)
        if found is None:
            found = _matters(self.pack, self._windows, self._pool, SUBJECTS[key[0]], key[1])
            same = {kind for kind, subject in SUBJECTS.items() if subject is SUBJECTS[key[0]]}
            self._matters.update({(kind, key[1]): found for kind in same})
        return found

    def _override(self, group: str) -> GroupOverride | None:
        if group not in self._overrides:
            if len(self._overrides) >= _MOST_GROUPS:
                self._overrides.clear()
            self._overrides[group] = override_for(self.pack.source.overrides, group)
        return self._overrides[group]


_MEMBER: Final = Role.MEMBER
_MOST_SETTLED: Final = 10_000
_MOST_GROUPS: Final = 10_000
"""Groups whose override is remembered."""


def _weighing(pack: Pack) -> Weighing:
    together = [condition for _, condition in pack.composites]
    return Weighing(
        composites=[each for each, _ in pack.composites],
        conditions=Conditions(together, rule_defaults([rule.name for rule, _ in pack.rules])),
        reads=[condition.names for condition in together],
        families={each.name: each for each in pack.source.families},
        family_of={rule.name: rule.family for rule, _ in pack.rules if rule.family},
    )


def _matters(
    pack: Pack, kept: PackWindows, pool: ConditionPool, subject: Subject, staff: bool
) -> _Matters:
    windows = [(w, c) for w, c, source in kept if subject in source.of]
    names = {window.name for window, _ in windows}
    shares = {name: c for name, c in pack.shares.items() if name in names}
    rules = [(rule, c) for rule, c in pack.rules if _applies(rule, subject, staff)]
    automations = [(each, c) for each, c in pack.automations if _applies(each, subject, staff)]
    together = [condition for _, condition in (*rules, *automations)]
    entered = [*(condition for _, condition in windows), *shares.values()]
    return _Matters(
        staff=staff,
        windows=Entering(
            [window for window, _ in windows],
            list(shares),
            pool.of(entered, pack.defaults) if entered else None,
        ),
        rules=rules,
        automations=[automation for automation, _ in automations],
        conditions=pool.of(together, pack.defaults),
    )


def _applies(part: RuleSource | AutomationSource, subject: Subject, staff: bool) -> bool:
    return subject in part.on and part.who in ("anyone", "staff" if staff else "member")
