"""Endpoints as notify tells them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.console.answers.deliveries import Endpoint

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def endpoint(id: str = "ep_1", **values: Any) -> Endpoint:
    usual = {
        "id": id,
        "url": "https://hooks.example.com/steward",
        "description": "",
        "kinds": ["*"],
        "groups": [],
        "labels": [],
        "timeout_seconds": 10.0,
        "enabled": True,
        "type": "webhook",
        "condition": "",
        "ordering": "none",
        "thin": False,
        "rate": 0.0,
        "signature": "v1",
        "verification": "none",
        "verified": True,
        "created_at": NOW,
        "breaker": "closed",
    }
    return Endpoint(**{**usual, **values})
