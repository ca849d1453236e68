"""What the condition of a tenant's step may ask of an event."""

from __future__ import annotations

from typing import Final

import msgspec

from shared.condition_types import Value
from shared.events import BaseEvent

MEANINGS: Final[dict[str, tuple[Value, str]]] = {
    "role": ("member", "what the acting member is: member, operator, owner, bot"),
    "text": ("", "what a message says, in lower case"),
    "media": ("text", "what a message consists of"),
    "topic": ("", "what a check-in is for"),
    "content": ("", "what was viewed"),
    "seconds": (0, "for how long"),
    "item": ("", "what was bought"),
    "amount": (0, "for how much, in minor units (分)"),
    "currency": ("", "in which currency"),
    "activity": ("", "what was attended"),
    "emoji": ("", "what a reaction shows"),
}
"""By signal: its value where an event does not have it, and what it says."""

DEFAULTS: Final[dict[str, Value]] = {name: value for name, (value, _) in MEANINGS.items()}
_FIELDS: Final = tuple(name for name in MEANINGS if name not in ("role", "text"))


def event_signals(event: BaseEvent) -> dict[str, Value]:
    """Return the signals that an event has."""
    values: dict[str, Value] = {"role": event.role.value}
    if text := getattr(event, "text", ""):
        values["text"] = text.lower()
    for name in event.__struct_fields__:
        if name in _FIELDS:
            value = getattr(event, name)
            values[name] = value.value if name == "media" else value
    return values


def fields_of(type: type[BaseEvent]) -> frozenset[str]:
    """Return the signals that events of a type can have."""
    named = {field.name for field in msgspec.structs.fields(type)}
    return frozenset(named & MEANINGS.keys())
