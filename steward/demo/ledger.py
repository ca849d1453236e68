"""Counts what is in Steward's durable state, to tell whether anything got lost."""

from __future__ import annotations

from typing import Final

from shared.events import TenantId
from shared.mongo import Database

_ONE_AN_EVENT: Final = (
    "messages",
    "reactions",
    "purchases",
    "checkins",
    "activities",
    "views",
    "invites",
    "relays",
    "reports",
    "contacts",
    "joins",
    "leaves",
    "updates",
    "edits",
    "deletes",
)
"""The counters of a group of which each event raises exactly one."""


async def counted_events(database: Database, tenant: TenantId) -> int:
    """Return how many events the state of the tenant's groups holds.

    An event that a flag took back as spam was counted and then subtracted, so
    the flags that did so are added.
    """
    counted = 0
    async for group in database["groups"].find({"tenant": tenant}, {"counts": 1}):
        counts = group.get("counts", {})
        counted += sum(counts.get(name, 0) for name in _ONE_AN_EVENT)
    return counted + await database["flags"].count_documents({"tenant": tenant, "flag.spam": True})
