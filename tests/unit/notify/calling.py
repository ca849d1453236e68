"""Calls of chat platforms, for their tests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.notify.attempts import Result, Verdict
from services.notify.connectors.contract import HttpRequest
from services.notify.connectors.registry import BY_TYPE
from services.notify.deliveries import Attempt
from services.notify.endpoints import Endpoint, EndpointType
from shared.actions import ActionKind
from shared.events import GroupId
from tests.unit.notify.builders import NOW, endpoint, tracked

AT = NOW // 1000
CREDENTIALS = {
    EndpointType.TELEGRAM: "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11",
    EndpointType.SLACK: "xoxb-0000000000-abcdefghijkl",
    EndpointType.DISCORD: "MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.ghijklmnop",
    EndpointType.FEISHU: "c0ffee00-0000-4000-8000-000000000001:feishu-secret",
    EndpointType.WECOM: "c0ffee00-0000-4000-8000-000000000002",
    EndpointType.DINGTALK: "0123456789abcdef0123456789abcdef:SEC0123456789abcdef",
}
GROUPS = {
    EndpointType.TELEGRAM: "-1001234567890",
    EndpointType.SLACK: "C024BE91L",
    EndpointType.DISCORD: "81384788765712384",
}
ROBOTS = (EndpointType.FEISHU, EndpointType.WECOM, EndpointType.DINGTALK)
PLATFORMS = tuple(CREDENTIALS)
by_platform = pytest.mark.parametrize("platform", PLATFORMS)


def endpoint_of(platform: EndpointType, **more: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "type": platform,
        "url": "https://api.example.com/",
        "credential": CREDENTIALS[platform],
        "groups": ["g1"],
    }
    return endpoint(**{**fields, **more})


def request(
    platform: EndpointType, kind: ActionKind, to: Endpoint | None = None, **action: Any
) -> HttpRequest:
    """Return what is sent for an action."""
    group = GroupId(GROUPS.get(platform, "g1"))
    delivery = tracked(**{"kind": kind, "group": group, "text": "早", **action})
    return BY_TYPE[platform].request(Attempt("d1", delivery), to or endpoint_of(platform), AT)


def call(
    platform: EndpointType, kind: ActionKind, **action: Any
) -> tuple[str, str, dict[str, Any] | None]:
    """Return method, path and body of what is sent."""
    made = request(platform, kind, **action)
    return made.method, urlsplit(made.url).path, json.loads(made.body) if made.body else None


def verdict(platform: EndpointType, status: int, body: str) -> Verdict:
    return BY_TYPE[platform].result(Result(milliseconds=1, status=status, body=body)).verdict
