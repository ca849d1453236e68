"""Finds what names a member, in the collections `campaign_sends` and `deliveries`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog
from pymongo import ASCENDING, IndexModel
from pymongo.errors import PyMongoError

from services.notify.campaigns.audience import Page, ReadAudience, ReadsAudience
from services.notify.campaigns.documents import SEND
from services.notify.erasure.forgetting import MOST_FOUND, FindTraces, FoundDelivery, Traces
from services.notify.terms import TRACKED
from shared.actions import Action
from shared.events import EndpointId
from shared.mongo import Database, Document

log = structlog.get_logger(__name__)

INDEXES: Final[Sequence[tuple[str, Sequence[IndexModel]]]] = (
    (
        SEND.name,
        (
            IndexModel(
                [("tenant", ASCENDING), ("member", ASCENDING), ("_id", ASCENDING)],
                name="member",
                partialFilterExpression={"member": {"$type": "string"}},
            ),
        ),
    ),
    (
        TRACKED.name,
        (
            IndexModel(
                [("tenant", ASCENDING), ("action.member", ASCENDING), ("_id", ASCENDING)],
                name="member",
                partialFilterExpression={"action.member": {"$type": "string"}},
            ),
        ),
    ),
)


class TraceStore:
    """The performer of the campaigns' stage: finds traces, and leaves audiences to another."""

    def __init__(self, database: Database, audiences: ReadsAudience) -> None:
        self._sends = database[SEND.name]
        self._deliveries = database[TRACKED.name]
        self._audiences = audiences

    async def perform(self, task: FindTraces | ReadAudience) -> Traces | Page | None:
        """Return what was asked for; None while MongoDB is away."""
        if isinstance(task, ReadAudience):
            return await self._audiences.perform(task)
        try:
            return await self.find(task)
        except PyMongoError as error:
            log.warning("traces_not_found", erasure=task.id, error=type(error).__name__)
            return None

    async def find(self, task: FindTraces) -> Traces:
        """Return the messages and deliveries that follow and name the member."""
        of_group = {"tenant": task.tenant, "group": task.group}
        sends = {**of_group, "member": task.member, "_id": {"$gt": task.after_send}}
        told = {**of_group, "action.member": task.member, "_id": {"$gt": task.after_delivery}}
        order, fields = [("_id", ASCENDING)], {"endpoint": 1, "lane": 1, "action": 1}
        found = self._sends.find(sends, {"_id": 1}).sort(order).limit(MOST_FOUND)
        deliveries = self._deliveries.find(told, fields).sort(order).limit(MOST_FOUND)
        return Traces(
            [each["_id"] async for each in found],
            [_delivery(each) async for each in deliveries],
        )


def _delivery(found: Document) -> FoundDelivery:
    action: Any = found["action"]
    return FoundDelivery(
        found["_id"],
        EndpointId(found["endpoint"]),
        found.get("lane", ""),
        msgspec.convert(action, Action),
    )
