"""Tells the audit log what is done to API keys, whoever does it: REST or the command."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.ingest.key_log.store import KeyLogStore
from shared.cancelling import cancel
from shared.events import Millis
from shared.reviews import Audited, Reviewer
from shared.stream.writer import RecordWriter
from shared.topics import Topic
from shared.web.key_changes import KeyChange
from shared.web.problems import Unavailable

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
AT_ONCE: Final = 500


class KeyAudit:
    """A component that looks every five seconds. Every replica does; a line's id counts once."""

    def __init__(self, lines: KeyLogStore, writer: RecordWriter) -> None:
        self._lines = lines
        self._writer = writer
        self._known: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        await cancel(self._looking)

    def problems(self) -> list[str]:
        return []  # events are taken in without it

    def stuck(self) -> list[str]:
        return []

    async def look(self) -> None:
        """Tell what was not told yet. Raises `Unavailable`, or PyMongo's errors."""
        lines = await self._lines.untold()
        new = [line for line in lines if line.id not in self._known]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            await self._writer.write_all(Topic.REVIEWS, [audited(line) for line in some])
            await self._lines.tell(some[-1])
        self._known = {line.id for line in lines}

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except (PyMongoError, Unavailable) as error:
                log.warning("key_changes_not_told", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)


def audited(line: KeyChange) -> Audited:
    """Return a line of the log of keys as the audit log is told it: no secret is in it."""
    return Audited(
        id=line.id,
        tenant=line.tenant,
        time=Millis(int(line.at.timestamp() * 1000)),
        by=Reviewer(line.by),
        what=f"key.{line.change}",
        subject=line.key,
        detail={name[:200]: str(value)[:200] for name, value in line.detail.items()},
    )
