"""Finds what names a member in rules' collections, and forgets them in reports of backtests."""

from __future__ import annotations

from typing import Any, Final

import structlog
from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from services.rules.backtests.store import BACKTESTS
from services.rules.documents import FLAGS
from services.rules.erasure.forgetting import MOST_FOUND, FindTraces, Traces
from services.rules.erasure.nameless import NAMING
from services.rules.review.copies import COPY_PAGES
from services.rules.review.incident import INCIDENTS
from services.rules.review.kinds import CASES
from services.rules.trials import TRIALS
from shared.members import pseudonym
from shared.mongo import Database, Document

log = structlog.get_logger(__name__)

_FIELDS: Final = (*NAMING, "mentions")


class TraceStore:
    """Finds traces. A performer of the rules stage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def perform(self, task: FindTraces) -> Traces | None:
        """Return what names the member; None while MongoDB is away."""
        try:
            await self._forget_in_backtests(task)
            return await self._find(task)
        except PyMongoError as error:
            log.warning("traces_not_found", erasure=task.id, error=type(error).__name__)
            return None

    async def _find(self, task: FindTraces) -> Traces:
        member = task.member
        in_flag: list[Document] = [{f"flag.event.{field}": member} for field in _FIELDS]
        in_case: list[Document] = [
            {"member": member},
            {"reporters": member},
            {"evidence.before.member": member},
            *({f"evidence.flag.event.{field}": member} for field in _FIELDS),
        ]
        of_group = {"tenant": task.tenant, "group": task.group}
        happened: Document = {**of_group, "time": {"$lte": task.until}}
        flags, cases, trials = task.after
        copies = {"$elemMatch": {"group": task.group, "member": member}}
        spread = {"tenant": task.tenant, "copies": copies}
        campaigns = {
            fingerprint
            for kind in (INCIDENTS, COPY_PAGES)
            for fingerprint in await self._database[kind.name].distinct("fingerprint", spread)
        }
        return Traces(
            await _ids(self._database[FLAGS.name], {**happened, "$or": in_flag}, flags),
            await _ids(self._database[CASES.name], {**of_group, "$or": in_case}, cases),
            await _ids(self._database[TRIALS.name], {**happened, "member": member}, trials),
            sorted(campaigns),
        )

    async def _forget_in_backtests(self, task: FindTraces) -> None:
        about = {"group": task.group, "member": task.member}
        await self._database[BACKTESTS].update_many(
            {"tenant": task.tenant, "report.changed": {"$elemMatch": about}},
            {"$set": {"report.changed.$[one].member": pseudonym(task.tenant, task.member)}},
            array_filters=[{f"one.{field}": value for field, value in about.items()}],
        )


async def _ids(collection: AsyncCollection[Any], query: Document, after: str) -> list[str]:
    found = collection.find({**query, "_id": {"$gt": after}}, {"_id": 1})
    return [each["_id"] async for each in found.sort("_id", ASCENDING).limit(MOST_FOUND)]
