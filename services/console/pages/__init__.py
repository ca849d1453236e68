"""The pages: each module's `routes()` is one router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from services.console.pages import (
    campaign_actions,
    campaigns,
    deliveries,
    endpoint_actions,
    groups,
    incidents,
    member,
    members,
    oidc,
    review,
    rule_drafts,
    rule_lab,
    sign_in,
    sign_out,
    sources,
    today,
)

PAGES: Final[tuple[Callable[[], APIRouter], ...]] = (
    sign_in.routes,
    sign_out.routes,
    oidc.routes,
    today.routes,
    groups.routes,
    members.routes,
    member.routes,
    incidents.routes,
    review.routes,
    rule_drafts.routes,
    rule_lab.routes,
    campaign_actions.routes,
    campaigns.routes,
    deliveries.routes,
    endpoint_actions.routes,
    sources.routes,
)
"""What makes the router of each page."""
