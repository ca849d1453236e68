"""From a platform's draft to an event: the same checks that CloudEvents go through."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from services.ingest.cloudevents import Taken
from services.ingest.names import check_ids
from services.ingest.platforms.contract import LONGEST_NAME, LONGEST_TEXT, Draft
from services.ingest.rejection import RejectedEvent
from services.ingest.times import settle
from shared.events import Event, TenantId, derive_id, encode

_LONGEST: Final = {"text": LONGEST_TEXT} | dict.fromkeys(
    ("name", "emoji", "reason", "topic"), LONGEST_NAME
)
"""Characters of what may be cut: ids are never cut."""
_LONGEST_ID: Final = 200
MOST_BYTES: Final = 128 * 1024
"""Of an event as it is written: far below what Kafka takes."""


def event_of(draft: Draft, tenant: TenantId, source: str, now: datetime) -> Taken | None:
    """Return the event that a draft means, or None where it lacks what an event must have.

    One that is larger than any message can be is none either.

    Fields that are empty are left out, and texts longer than an event may hold are cut. An
    event whose platform gives it a longer id than ours may be gets a derived one.
    """
    if not draft.id:
        return None
    fields: dict[str, Any] = {
        name: value[: _LONGEST[name]] if name in _LONGEST and isinstance(value, str) else value
        for name, value in draft.data.items()
        if value not in ("", None)
    }
    identity = draft.id if len(draft.id) <= _LONGEST_ID else derive_id(draft.id)
    try:
        time, clamped = settle(draft.time, now)
        named = {"id": identity, "source": source, "tenant": tenant, "time": time}
        event = msgspec.convert({**fields, **named, "type": draft.type}, Event)
        check_ids(event)
    except (msgspec.ValidationError, RejectedEvent):
        return None
    return Taken(event, clamped) if len(encode(event)) <= MOST_BYTES else None
