"""What a tenant has defined: attributes, segments and steps, checked as a whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from msgspec import Struct

from services.scoring.clock import SHANGHAI, TenantClock, ZoneFrom
from services.scoring.profiles.attributes import Attribute
from services.scoring.segments.event_signals import DEFAULTS, event_signals, fields_of
from services.scoring.segments.signals import TIMED, defaults
from services.scoring.telling import Telling
from shared.condition_looks import compared_numbers
from shared.condition_types import ConditionError, Signals
from shared.conditions import Condition, Conditions, flat
from shared.events import EVENT_TYPES, BaseEvent, TenantId
from shared.frequency import Frequency

MOST_SEGMENTS: Final = 50
MOST_ATTRIBUTES: Final = 100
MOST_STEPS: Final = 20
MOST_ENDS: Final = 1_000
NAME: Final = r"^[a-z][a-z0-9_]{0,39}$"
"""What segments, attributes and steps may be called."""


class Segment(Struct, frozen=True, kw_only=True):
    """Members for whom a condition holds. `revision` counts its conditions.

    `actions`: who enters or leaves is told to endpoints, too.
    """

    condition: str
    name: str = ""
    actions: bool = True
    revision: int = 1
    changed_at: int = 0


class Step(Struct, frozen=True, kw_only=True):
    """Something that members do: events of a type for which a condition holds."""

    event: str
    condition: str = "true"
    description: str = ""


class Definitions(Struct, frozen=True, kw_only=True):
    """All that one tenant has defined; `version` counts the changes.

    Members who were not seen for `silent_days` are erased; `ends` are the groups
    that have an end, and when it is (ms). `zones` are the time zones by which the
    tenant's days turn, `telling` limits what is told of its members.
    """

    tenant: TenantId
    attributes: dict[str, Attribute] = {}
    segments: dict[str, Segment] = {}
    steps: dict[str, Step] = {}
    silent_days: int | None = None
    ends: list[tuple[str, int]] = []
    zones: list[ZoneFrom] = []
    telling: Telling = Telling()
    version: int = 0
    changed_at: int = 0


class DefinitionError(ValueError):
    """Something cannot be defined so: which part, what is wrong, and at which character."""

    def __init__(self, part: str, field: str, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.part, self.field, self.message, self.offset = part, field, message, offset


class InForce:
    """A tenant's definitions, ready to be asked. Raises `DefinitionError` where they do not fit."""

    def __init__(self, definitions: Definitions, zone: str = SHANGHAI) -> None:
        """`zone` is that of tenants who named none."""
        self.definitions = definitions
        self.clock = _clock(definitions, zone)
        self._frequencies: dict[str, Frequency] = {}
        self.ends = dict(definitions.ends)
        self.attributes: Mapping[str, Attribute] = definitions.attributes
        for names in (definitions.attributes, definitions.segments, definitions.steps):
            _check_names(names)
        _check_counts(definitions)
        known = defaults(definitions.attributes)
        self.segments = tuple(definitions.segments)
        checked = [
            _checked(id, "condition", each.condition, known)
            for id, each in definitions.segments.items()
        ]
        self._segments = Conditions(checked, known)
        self.names = frozenset(name for each in checked for name in each.names)
        self.timed = tuple(name for name in TIMED if name in self.names)
        sources = [each.flat for each in checked]
        self.compared = {name: compared_numbers(flat(name), sources) for name in self.timed}
        self._steps = _steps(definitions.steps)

    def holding(self, signals: Signals) -> list[str]:
        """Return the segments whose conditions hold, in the order in which they were defined."""
        return [self.segments[number] for number in self._segments.holding(signals)]

    def frequency(self, now: int) -> Frequency:
        """Return how often something may be told of one member, by the zone of `now` (ms)."""
        zone = self.clock.zone(now)
        if zone not in self._frequencies:
            self._frequencies[zone] = self.definitions.telling.frequency(zone)
        return self._frequencies[zone]

    def steps_of(self, event: BaseEvent) -> tuple[str, ...]:
        """Return the tenant's steps that an event is."""
        of_type = self._steps.get(event.type)
        if of_type is None:
            return ()
        names, conditions = of_type
        return tuple(names[number] for number in conditions.holding(event_signals(event)))


def _clock(definitions: Definitions, zone: str) -> TenantClock:
    try:
        return TenantClock(definitions.zones, zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        latest = definitions.zones[-1].zone
        raise DefinitionError(latest, "time_zone", "there is no such time zone (IANA)") from None


def _steps(steps: Mapping[str, Step]) -> dict[str, tuple[list[str], Conditions]]:
    by_type: dict[str, list[tuple[str, Condition]]] = defaultdict(list)
    for name, step in steps.items():
        type = EVENT_TYPES.get(step.event)
        if type is None:
            raise DefinitionError(name, "event", f"there is no event type `{step.event}`")
        condition = _checked(name, "condition", step.condition, DEFAULTS)
        for signal in condition.names:
            if signal not in fields_of(type):
                message = f"a `{step.event}` has no `{signal}`"
                raise DefinitionError(name, "condition", message, step.condition.find(signal))
        by_type[step.event].append((name, condition))
    return {
        type: ([name for name, _ in each], Conditions([one for _, one in each], DEFAULTS))
        for type, each in by_type.items()
    }


def _checked(part: str, field: str, source: str, known: Signals) -> Condition:
    try:
        return Condition(source, known)
    except ConditionError as error:
        raise DefinitionError(part, field, error.message, error.offset) from error


def _check_names(parts: Mapping[str, object]) -> None:
    for name in parts:
        if not re.match(NAME, name):
            message = "needs a letter a-z, then up to 39 letters, digits and underscores"
            raise DefinitionError(name, "name", message)


def _check_counts(definitions: Definitions) -> None:
    for parts, most, what in (
        (definitions.attributes, MOST_ATTRIBUTES, "attributes"),
        (definitions.segments, MOST_SEGMENTS, "segments"),
        (definitions.steps, MOST_STEPS, "steps"),
        (dict(definitions.ends), MOST_ENDS, "ends of groups"),
    ):
        if len(parts) > most:
            raise DefinitionError(list(parts)[-1], "name", f"there are {most} {what} already")


NOTHING: Final = InForce(Definitions(tenant=TenantId("nobody")))
"""What is in force for a tenant that has defined nothing."""
