"""How much rules may weigh, and from which risk on; errors point at line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.rules.located import Located, PackError, refuse
from services.rules.pack_source import Extension, PackSource, Thresholds
from shared.verdicts import Decision

LEAST_WEIGHT: Final = -2.0
MOST_WEIGHT: Final = 2.0
"""What one rule may add to a risk or take away: a risk is 0 to 1, but above 0.8 weights count for
less, so that 2 alone comes to 0.97."""

_Placed = tuple[str, float]
"""A path, and what is written there."""


def check_bounds(located: Located, written: PackSource | Extension) -> None:
    """Check that no rule weighs more than a risk can be. Raises `PackError`."""
    wrong = [
        *_beyond(located, _weights(written), LEAST_WEIGHT, MOST_WEIGHT),
        *_beyond(located, _ceilings(written), 0.0, MOST_WEIGHT),
    ]
    refuse(wrong)


def _beyond(
    located: Located, placed: Iterable[_Placed], least: float, most: float
) -> Iterator[PackError]:
    for path, weight in placed:
        if not least <= weight <= most:  # no number at all is beyond too
            yield located.error(f"{weight:g} is not from {least:g} to {most:g}", path)


def _weights(written: PackSource | Extension) -> Iterator[_Placed]:
    for kind in ("rules", "composites"):
        for i, part in enumerate(getattr(written, kind)):
            yield f"$.{kind}[{i}].weight", part.weight
    if isinstance(written, Extension):
        yield from _named("$.weights", written.weights)
    for i, override in enumerate(written.overrides):
        yield from _named(f"$.overrides[{i}].weights", override.weights)


def _named(path: str, weights: Mapping[str, float]) -> Iterator[_Placed]:
    for name, weight in weights.items():
        yield f"{path}.{name}", weight


def _ceilings(written: PackSource | Extension) -> Iterator[_Placed]:
    for i, family in enumerate(written.families):
        yield f"$.families[{i}].at_most", family.at_most


def check_order(located: Located, path: str, thresholds: Thresholds | None) -> None:
    """Check that each decision can come: a graver one at less risk would hide it.

    Raises `PackError`.
    """
    given: list[tuple[Decision, float]] = []
    for decision in Decision:
        risk: float | None = getattr(thresholds, decision, None)
        if risk is None:
            continue
        if given and risk < given[-1][1]:
            message = f"`{decision}` begins below `{given[-1][0]}`, which would never come"
            raise located.error(message, f"{path}.{decision}")
        given.append((decision, risk))
