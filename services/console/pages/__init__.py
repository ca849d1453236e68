"""The pages: each module's `routes()` is one router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from services.console.pages import (
    deliveries,
    endpoint_actions,
    front,
    groups,
    members,
    rule_drafts,
    rule_lab,
    sign_in,
)

PAGES: Final[tuple[Callable[[], APIRouter], ...]] = (
    sign_in.routes,
    front.routes,
    groups.routes,
    members.routes,
    rule_drafts.routes,
    rule_lab.routes,
    deliveries.routes,
    endpoint_actions.routes,
)
"""What makes the router of each page."""
