"""The pages: each module's `routes()` is one router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from services.console.pages import groups, incidents, review, sign_in, sources, today

PAGES: Final[tuple[Callable[[], APIRouter], ...]] = (
    sign_in.routes,
    today.routes,
    groups.routes,
    incidents.routes,
    review.routes,
    sources.routes,
)
"""What makes the router of each page."""
