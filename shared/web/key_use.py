"""Writes down when keys were last used: the requests themselves do not wait for it."""

from __future__ import annotations

import asyncio
from typing import Final

from pymongo.errors import PyMongoError
from structlog import get_logger

from shared.cancelling import cancel
from shared.web.auth import Authenticator
from shared.web.keys import ApiKeys

log = get_logger(__name__)

WRITE_SECONDS: Final = 10.0
"""How long a use may take to be seen; one that a crash cuts off is not."""


class KeyUse:
    """A component that moves what the authenticator has noted into MongoDB."""

    def __init__(self, authenticator: Authenticator, keys: ApiKeys) -> None:
        self._authenticator = authenticator
        self._keys = keys
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._writing = asyncio.create_task(self._keep_writing())

    async def stop(self) -> None:
        """Write what is left, if MongoDB is there."""
        await cancel(self._writing)
        await self._write()

    def problems(self) -> list[str]:
        return []

    def stuck(self) -> list[str]:
        return []

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self._write()

    async def _write(self) -> None:
        uses = self._authenticator.take_uses()
        if not uses:
            return
        try:
            await self._keys.used(uses)
        except PyMongoError as error:
            log.warning("key_uses_not_written", keys=len(uses), error=type(error).__name__)
