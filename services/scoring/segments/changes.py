"""Changes of what a tenant has defined, as functions from one version to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from services.scoring.clock import with_zone
from services.scoring.profiles.attributes import Attribute
from services.scoring.segments.definitions import Definitions, Segment, Step
from services.scoring.telling import Telling

T = TypeVar("T")
Change = Callable[[Definitions], Definitions]
"""What a request makes of the definitions. Raises `KeyError` where what it names is not there."""


def with_segment(id: str, wanted: Segment) -> Change:
    """Define a segment, or change it; another condition is another revision."""

    def change(known: Definitions) -> Definitions:
        before = known.segments.get(id)
        revision = 1
        if before is not None:
            revision = before.revision + (before.condition != wanted.condition)
        segments = {**known.segments, id: replace(wanted, revision=revision)}
        return replace(known, segments=segments)

    return change


def with_attribute(name: str, wanted: Attribute) -> Change:
    """Declare an attribute, or change what it is declared as."""
    return lambda known: replace(known, attributes={**known.attributes, name: wanted})


def with_step(name: str, wanted: Step) -> Change:
    """Define a step, or change it."""
    return lambda known: replace(known, steps={**known.steps, name: wanted})


def without_segment(id: str) -> Change:
    """Remove a segment: its members leave it."""
    return lambda known: replace(known, segments=_without(known.segments, id))


def without_attribute(name: str) -> Change:
    """Remove an attribute's declaration; members keep their values."""
    return lambda known: replace(known, attributes=_without(known.attributes, name))


def without_step(name: str) -> Change:
    """Remove a step's definition; it is counted no more."""
    return lambda known: replace(known, steps=_without(known.steps, name))


def with_end(group: str, end: int | None) -> Change:
    """Say when (ms) a group ends; None: it does not."""

    def change(known: Definitions) -> Definitions:
        ends = [each for each in known.ends if each[0] != group]
        return replace(known, ends=ends if end is None else [*ends, (group, end)])

    return change


def with_settings(zone: str, telling: Telling, now: int) -> Change:
    """Set what days turn by from `now` (ms) on, and what limits what is told of members."""

    def change(known: Definitions) -> Definitions:
        named = known.zones[-1].zone if known.zones else ""
        zones = known.zones if zone == named else with_zone(known.zones, zone, now)
        return replace(known, zones=zones, telling=telling)

    return change


def _without(parts: dict[str, T], name: str) -> dict[str, T]:
    if name not in parts:
        raise KeyError(name)
    return {other: part for other, part in parts.items() if other != name}
