"""Events as the CloudEvents 1.0 that a platform sends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from shared.events import BaseEvent, Millis

CONTENT_TYPE: Final = "application/cloudevents-batch+json"
_CONTEXT: Final = frozenset({"id", "source", "tenant", "time", "type"})
"""What is in the envelope, or (the tenant) follows from the API key."""


def cloud_event(event: BaseEvent) -> dict[str, Any]:
    """Return an event as a CloudEvent in structured mode."""
    fields = msgspec.to_builtins(event)
    return {
        "specversion": "1.0",
        "type": event.type,
        "id": event.id,
        "source": event.source,
        "time": rfc3339(event.time),
        "data": {name: value for name, value in fields.items() if name not in _CONTEXT},
    }


def batch(events: Sequence[BaseEvent]) -> bytes:
    """Return events as the body of one batched request."""
    return msgspec.json.encode([cloud_event(event) for event in events])


def rfc3339(time: Millis) -> str:
    """Return a moment as CloudEvents writes it."""
    moment = datetime.fromtimestamp(time / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
