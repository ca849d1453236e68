"""The request that a receiver gets: its body and its headers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import structs

from services.notify.deliveries import TrackedDelivery
from shared.actions import Action
from shared.signing import signed_headers

MOST_BYTES: Final = 20_000
REPLAY_HEADER: Final = "steward-replay"
ATTEMPT_HEADER: Final = "steward-attempt"
RESERVED_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "te",
        "traceparent",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
RESERVED_PREFIXES: Final = ("webhook-", "steward-", "proxy-")
"""Headers that an endpoint cannot choose: they are Steward's or the connection's."""
_LONGEST_REASON: Final = 1_000
_encode: Final = msgspec.json.Encoder().encode


def body(action: Action, link_to: str = "") -> bytes:
    """Return an action as JSON of at most 20,000 bytes; its kind is called `type`.

    Given a delivery to link to, it says only what it is and where to read the
    rest: the path of that delivery in REST.
    Where a full one would be longer, `details`, `hits` and `spans` go first, then the
    end of `reason` and of `text`; `"truncated": true` tells so.
    """
    if link_to:
        return _encode({**_thin(action), "link": f"/v1/deliveries/{link_to}"})
    whole = _render(action)
    if len(whole) <= MOST_BYTES:
        return whole
    reason = action.reason[:_LONGEST_REASON]
    short = structs.replace(action, details={}, hits=[], spans=[], reason=reason)
    while len(rendered := _render(short, truncated=True)) > MOST_BYTES and short.text:
        short = structs.replace(short, text=short.text[: len(short.text) * 3 // 4])
    return rendered


def headers(
    id: str, delivery: TrackedDelivery, content: bytes, secrets: Sequence[str], timestamp: int
) -> dict[str, str]:
    """Return the headers of an attempt at delivery `id`, sent at `timestamp` (Unix seconds)."""
    made = signed_headers(secrets, delivery.webhook_id, timestamp, content)
    made["content-type"] = "application/json"
    made[ATTEMPT_HEADER] = str(delivery.made + 1)
    if delivery.trace:
        made["traceparent"] = delivery.trace
    if id != delivery.webhook_id:
        made[REPLAY_HEADER] = "true"
    return made


def _thin(action: Action) -> dict[str, Any]:
    return {
        "type": action.kind,
        "id": action.id,
        "tenant": action.tenant,
        "group": action.group,
        "time": action.time,
    }


def _render(action: Action, **extra: bool) -> bytes:
    fields: dict[str, Any] = msgspec.to_builtins(action)
    return _encode({"type": fields.pop("kind"), **fields, **extra})
