"""A pack that extends another: what it says stands, and all that it does not say is inherited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from services.rules.pack_source import (
    AutomationSource,
    CompositeSource,
    Extension,
    Family,
    GroupOverride,
    LabelPolicy,
    NamedCondition,
    PackSource,
    PatternSource,
    RuleSource,
    WindowSource,
)

Part = (
    NamedCondition
    | WindowSource
    | RuleSource
    | CompositeSource
    | PatternSource
    | Family
    | AutomationSource
    | LabelPolicy
)
P = TypeVar(
    "P",
    NamedCondition,
    WindowSource,
    RuleSource,
    CompositeSource,
    PatternSource,
    Family,
    AutomationSource,
    LabelPolicy,
)


def extended(base: PackSource, own: Extension) -> PackSource:
    """Return the whole pack that an extension of `base` means.

    A part of the same name replaces the one of `base`; new parts come after
    it. What is disabled goes, and rules get the weights that are given.
    """
    rules = _without(_joined(base.rules, own.rules), own.disable)
    return msgspec.structs.replace(
        base,
        name=own.name,
        description=own.description or base.description,
        thresholds=own.thresholds or base.thresholds,
        escalation=own.escalation or base.escalation,
        labels=_joined(base.labels, own.labels),
        lists=list(dict.fromkeys([*base.lists, *own.lists])),
        conditions=_joined(base.conditions, own.conditions),
        windows=_joined(base.windows, own.windows),
        rules=[_weighted(rule, own.weights) for rule in rules],
        families=_joined(base.families, own.families),
        composites=_without(_joined(base.composites, own.composites), own.disable),
        patterns=_joined(base.patterns, own.patterns),
        faq=[*base.faq, *own.faq],
        automations=_without(_joined(base.automations, own.automations), own.disable),
        overrides=own.overrides,
        campaigns=own.campaigns or base.campaigns,
        appeals=own.appeals or base.appeals,
    )


def override_for(overrides: Sequence[GroupOverride], group: str) -> GroupOverride | None:
    """Return the first override whose groups include this one."""
    return next((each for each in overrides if _includes(each.groups, group)), None)


def _includes(groups: Iterable[str], group: str) -> bool:
    return any(
        group.startswith(each[:-1]) if each.endswith("*") else each == group for each in groups
    )


def _joined(base: list[P], own: list[P]) -> list[P]:
    parts = {_name(part): part for part in base}
    parts.update((_name(part), part) for part in own)
    return list(parts.values())


def _name(part: Part) -> str:
    return str(part.label if isinstance(part, LabelPolicy) else part.name)


def _without(parts: list[P], names: Iterable[str]) -> list[P]:
    gone = set(names)
    return [part for part in parts if _name(part) not in gone]


def _weighted(rule: RuleSource, weights: dict[str, float]) -> RuleSource:
    weight = weights.get(rule.name)
    return rule if weight is None else msgspec.structs.replace(rule, weight=weight)
