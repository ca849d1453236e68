"""A verdict: what rules found about an event, what it comes to, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import exp
from typing import Final

from msgspec import Struct

from services.rules.pack import Pack
from services.rules.pack_source import Thresholds
from shared.verdicts import SEVERITY, Decision, Label, RuleHit, Span


def _between(first: Decision, last: Decision) -> frozenset[Decision]:
    """Return the decisions from the first on, without the last."""
    return frozenset(
        each for each in Decision if SEVERITY[first] <= SEVERITY[each] < SEVERITY[last]
    )


ACTING: Final = _between(Decision.WARN, Decision.ESCALATE)
"""The decisions that do something to a message or a member."""
_REMOVING: Final = _between(Decision.DELETE, Decision.ESCALATE)
_ALLOW: Final = Decision.ALLOW
"""By a name of its own: Python 3.11 takes 0.1 µs to look a member of an enumeration up."""


class Verdict(Struct, frozen=True):
    """What a rule set says of one event."""

    risk: float
    decision: Decision
    labels: list[Label]
    hits: list[RuleHit]
    spans: list[Span]
    rule_set: str
    mute_seconds: int = 0

    @property
    def noteworthy(self) -> bool:
        """Whether there is anything to flag."""
        return self.decision is not _ALLOW

    @property
    def removes(self) -> bool:
        """Whether the message goes: the event earned nothing."""
        return self.decision in _REMOVING


def risk_of(hits: Sequence[RuleHit]) -> float:
    """Add up the weights of the rules that fired: 0 (nothing) to 1 (certain).

    Above 0.8 each further weight adds less, so that even grave risks can be ranked.
    """
    total = max(sum(hit.weight for hit in hits), 0.0)
    if total > _BEND:
        total = 1 - (1 - _BEND) * exp((_BEND - total) / (1 - _BEND) / _PATIENCE)
    return round(total, 4)


def labels_of(hits: Sequence[RuleHit]) -> list[Label]:
    """Return what is wrong, the weightiest first; what speaks for the member outweighs a charge."""
    weights: defaultdict[Label, float] = defaultdict(float)
    for hit in hits:
        weights[hit.label] += hit.weight
    charges = [label for label, weight in weights.items() if weight > 0]
    return sorted(charges, key=lambda label: (-weights[label], label))


_BEND: Final = 0.8
_PATIENCE: Final = 3.0
"""Where the sum begins to bend, and how slowly it does."""


def decide(
    pack: Pack, thresholds: Thresholds, hits: Sequence[RuleHit], risk: float, removals: int
) -> tuple[Decision, int]:
    """Return the decision and, for a mute, its seconds.

    The risk meets the thresholds, as far as the rules that add to it may go;
    a removal hardens with the member's earlier ones.
    """
    if not hits:
        return Decision.ALLOW, 0
    ceiling = max(
        (pack.most[hit.rule] for hit in hits if hit.weight > 0),
        key=SEVERITY.__getitem__,
        default=Decision.ALLOW,
    )
    floor = max((pack.least[hit.rule] for hit in hits), key=SEVERITY.__getitem__)
    decision = min(_by_threshold(thresholds, risk), ceiling, key=SEVERITY.__getitem__)
    decision = max(decision, floor, key=SEVERITY.__getitem__)
    if decision is not Decision.DELETE:
        return decision, thresholds.mute_seconds if decision is Decision.MUTE else 0
    return _escalate(pack, removals)


def _by_threshold(thresholds: Thresholds, risk: float) -> Decision:
    found = Decision.ALLOW
    for decision in _BY_RISK:
        least: float | None = getattr(thresholds, decision)
        if least is not None and risk >= least:
            found = decision
    return found


_BY_RISK: Final = tuple(decision for decision in Decision if decision is not Decision.ALLOW)
"""What a risk may lead to, mildest first."""


def _escalate(pack: Pack, removals: int) -> tuple[Decision, int]:
    reached = [step for step in pack.source.escalation.steps if removals >= step.after]
    if not reached:
        return Decision.DELETE, 0
    step = max(reached, key=lambda step: step.after)
    return step.decision, step.seconds
