"""What Steward tells a tenant about its own endpoints, as actions like any other. Pure."""

from __future__ import annotations

from services.notify.deliveries import TrackedDelivery
from shared.actions import Action, ActionKind
from shared.events import Millis, derive_id


def disabled(id: str, tracked: TrackedDelivery, reason: str, now: Millis) -> Action:
    """Return the notice that delivery `id` led to its endpoint's being disabled."""
    return Action(
        id=derive_id(id, "endpoint_disabled", str(now)),
        kind=ActionKind.OPERATOR_NOTICE,
        tenant=tracked.tenant,
        group=tracked.action.group,
        time=now,
        cause=id,
        text=f"Endpoint {tracked.endpoint} was disabled ({reason}). Its deliveries are kept.",
        reason=f"endpoint_disabled: {reason}",
        details={"endpoint": tracked.endpoint, "reason": reason},
    )
