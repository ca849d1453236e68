"""What explains a verdict besides the values of signals: n-grams, versions of lists, stretches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from services.rules.classifier import classifier
from services.rules.observation import Observation
from services.rules.tenant_windows.tallying import STALENESS
from shared.verdicts import RuleHit, Span


def explain(hits: Sequence[RuleHit], seen: Observation, across: Collection[str] = ()) -> None:
    """Add to the first hit of each classifier's score the n-grams that spoke for it most.

    Each hit of a word list is told which version of the list it was, and each of a
    window `across` the groups of a tenant how far behind it may be.
    """
    for hit in hits:
        found = [name for name in across if name in hit.values]
        hit.values.update((f"{name}.staleness", STALENESS) for name in found)
    if seen.reading is None:
        return
    for name, question in _SCORES.items():
        first = next((each for each in hits if name in each.values), None)
        if first is not None:
            strongest = classifier().evidence(seen.reading, question)
            first.values[f"{name}.evidence"] = " ".join(
                f"{each.seen!r} {each.weight:+.2f}" for each in strongest
            )
    if seen.listed is not None:
        for name, version in seen.listed.versions.items():
            for each in hits:
                if name in each.values:
                    each.values[f"{name}.version"] = version


_SCORES: Final = {"classifier.spam": "spam", "classifier.abuse": "abuse"}
"""The signals whose evidence a hit names: `'刷单' +1.31 '#job' +0.80`, as logarithms of odds."""


def spans_of(seen: Observation, names: set[str]) -> list[Span]:
    """Return where in the original text these signals were seen."""
    if seen.reading is None:
        return []
    spans = seen.reading.spans({name.removeprefix("text.") for name in names})
    return spans if seen.listed is None else spans + seen.listed.spans(seen.reading, names)
