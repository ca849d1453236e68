"""Which endpoints get an action. Pure."""

from __future__ import annotations

from services.notify.connectors.registry import BY_TYPE
from services.notify.endpoints import Endpoint, Subscriptions
from shared.actions import Action


def receivers(action: Action, subscriptions: Subscriptions) -> list[Endpoint]:
    """Return the endpoints that want an action, and whose platform has a call for it."""
    return [
        endpoint
        for endpoint in subscriptions.wanting(action)
        if action.kind in BY_TYPE[endpoint.type].kinds
    ]
