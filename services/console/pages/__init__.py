"""The pages: each module's `routes()` is one router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter

from services.console.pages import front, groups, sign_in

PAGES: Final[tuple[Callable[[], APIRouter], ...]] = (
    sign_in.routes,
    front.routes,
    groups.routes,
)
"""What makes the router of each page."""
