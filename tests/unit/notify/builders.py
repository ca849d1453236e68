"""Values that notify's tests are made of."""

from __future__ import annotations

from typing import Any

from services.notify.deliveries import TrackedDelivery, delivery_to
from services.notify.endpoints import Endpoint
from shared.actions import Action, ActionKind, Delivery
from shared.events import EndpointId, GroupId, Millis, TenantId
from shared.stream.contracts import Record
from shared.topics import Topic

NOW = Millis(1_700_000_000_000)
TENANT = TenantId("acme")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def action(number: int = 1, **values: Any) -> Action:
    fields: dict[str, Any] = {
        "id": f"a{number}",
        "kind": ActionKind.MESSAGE_DELETE,
        "tenant": TENANT,
        "group": GroupId("g1"),
        "time": NOW,
        "cause": "f1",
    }
    return Action(**{**fields, **values})


def endpoint(name: str = "ep_1", **values: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "id": EndpointId(name),
        "tenant": TENANT,
        "url": "http://127.0.0.1:9/",
        "secrets": [SECRET],
        "kinds": ["*"],
        "groups": [],
        "labels": [],
        "timeout_seconds": 5.0,
        "description": "",
        "enabled": True,
        "enabled_at": NOW,
        "created_at": NOW,
    }
    return Endpoint(**{**fields, **values})


def delivery(number: int = 1, to: str = "ep_1", **values: Any) -> Delivery:
    return delivery_to(EndpointId(to), action(number, **values), trace="")


def tracked(number: int = 1, to: str = "ep_1", **values: Any) -> TrackedDelivery:
    return TrackedDelivery.accept(delivery(number, to, **values), NOW)


def record(value: Action | Delivery, offset: int = 0, trace: str = "") -> Record:
    topic = Topic.ACTIONS if isinstance(value, Action) else Topic.DELIVERIES
    return Record(topic, 0, offset, value, trace, NOW)
