"""What the rules that fired weigh together: composites replace some, families hold others down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from services.rules.pack_source import CompositeSource, Family, RuleSource
from shared.condition_types import Signals
from shared.conditions import Condition, Conditions
from shared.verdicts import RuleHit

Fired = Sequence[tuple[RuleSource, Condition]]


def rule_defaults(names: Sequence[str]) -> dict[str, str | int | float | bool]:
    """Return the signals that composites see."""
    return {f"rule.{name}": False for name in names}


class Weighing(Struct, frozen=True):
    """How a pack weighs what fired."""

    composites: Sequence[CompositeSource]
    conditions: Conditions
    reads: Sequence[tuple[str, ...]]
    """Which rules each composite looks at, as `rule.<name>`."""
    families: Mapping[str, Family]
    family_of: Mapping[str, str]

    def hits(self, fired: Fired, signals: Signals, weights: Mapping[str, float]) -> list[RuleHit]:
        """Return a hit for each rule and composite, with what it adds to the risk."""
        hits = [_hit(rule, condition, signals, weights) for rule, condition in fired]
        if self.composites:
            hits = self._composed(hits, weights)
        return self._held_down(hits) if self.families else hits

    def _composed(self, hits: list[RuleHit], weights: Mapping[str, float]) -> list[RuleHit]:
        there = {f"rule.{hit.rule}": True for hit in hits}
        held = [(self.composites[i], self.reads[i]) for i in self.conditions.holding(there)]
        replaced = {name: each.name for each, _ in held for name in each.replaces}
        composed = [
            RuleHit(
                each.name,
                each.label,
                weights.get(each.name, each.weight),
                each.because,
                {name: True for name in reads if name in there},
            )
            for each, reads in held
        ]
        return [_replaced(hit, replaced.get(hit.rule)) for hit in hits] + composed

    def _held_down(self, hits: list[RuleHit]) -> list[RuleHit]:
        sums: dict[str, float] = {}
        for hit in hits:
            family = self.family_of.get(hit.rule)
            if family is not None and hit.weight > 0:
                sums[family] = sums.get(family, 0.0) + hit.weight
        over = {
            name: self.families[name].at_most / total
            for name, total in sums.items()
            if total > self.families[name].at_most
        }
        return [self._scaled(hit, over) for hit in hits]

    def _scaled(self, hit: RuleHit, over: Mapping[str, float]) -> RuleHit:
        family = self.family_of.get(hit.rule, "")
        if family not in over or hit.weight <= 0:
            return hit
        weight = round(hit.weight * over[family], 4)
        values = {**hit.values, "family": family, "weight.before": hit.weight}
        return msgspec.structs.replace(hit, weight=weight, values=values)


def _hit(
    rule: RuleSource, condition: Condition, signals: Signals, weights: Mapping[str, float]
) -> RuleHit:
    values = {name: signals[name] for name in condition.names if signals.get(name)}
    weight = weights.get(rule.name, rule.weight)
    if weight != rule.weight:
        values["weight.before"] = rule.weight
    return RuleHit(rule.name, rule.label, weight, rule.because, values)


def _replaced(hit: RuleHit, by: str | None) -> RuleHit:
    if by is None:
        return hit
    values = {**hit.values, "replaced_by": by, "weight.before": hit.weight}
    return msgspec.structs.replace(hit, weight=0.0, values=values)
