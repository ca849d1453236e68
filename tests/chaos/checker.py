"""Compares what clients were told with what Steward's REST and the receiver know."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from time import monotonic
from typing import Any, Final

import aiohttp
from msgspec import Struct

from tests.chaos.load import Told
from tests.chaos.platform import Platform
from tests.chaos.system import System

CALM_SECONDS: Final = 25.0
"""How long nothing may change before what is missing counts as lost."""


class Findings(Struct):
    """What the comparison found; all but the first and `actions` must be 0."""

    events_accepted: int
    lost: int
    doubled: int
    lures: int
    unflagged: int
    flagged_twice: int
    actions: int
    undelivered: int
    acted_twice: int
    told_under_two_ids: int
    forged: int
    innocents_acted_on: int

    @property
    def faults(self) -> int:
        """How many promises were broken."""
        return (
            self.lost
            + self.doubled
            + self.unflagged
            + self.flagged_twice
            + self.undelivered
            + self.acted_twice
            + self.told_under_two_ids
            + self.forged
            + self.innocents_acted_on
        )


class Checker:
    """Knows only REST and what the platform saw."""

    def __init__(self, system: System, key: str, told: Told, platform: Platform) -> None:
        self._system, self._told, self._platform = system, told, platform
        self._headers = {"authorization": f"Bearer {key}"}

    async def verdict(self, session: aiohttp.ClientSession) -> Findings:
        """Wait until nothing is missing, or nothing changes any more, and compare."""
        latest, since = await self._compare(session), monotonic()
        while latest.faults and monotonic() - since < CALM_SECONDS:
            await asyncio.sleep(1)
            now = await self._compare(session)
            if now != latest:
                latest, since = now, monotonic()
        return latest

    async def _compare(self, session: aiohttp.ClientSession) -> Findings:
        counted = await self._counted(session)
        wanted = {
            (group, member): count
            for group, members in self._told.messages.items()
            for member, count in members.items()
        }
        flags = Counter(
            flag["event"]["message"] for flag in await self._all(session, "rules", "/flags")
        )
        deleted: dict[str, set[str]] = defaultdict(set)
        for id, action in self._platform.actions.items():
            if action["type"] == "message.delete":
                deleted[action["message"]].add(id)
        lures = self._told.lures
        return Findings(
            events_accepted=self._told.accepted,
            lost=sum(max(0, count - counted[at]) for at, count in wanted.items()),
            doubled=sum(max(0, count - wanted.get(at, 0)) for at, count in counted.items()),
            lures=len(lures),
            unflagged=sum(message not in flags for message in lures),
            flagged_twice=sum(flags[message] > 1 for message in lures),
            actions=len(self._platform.actions),
            undelivered=sum(message not in deleted for message in lures),
            acted_twice=sum(len(ids) > 1 for ids in deleted.values()),
            told_under_two_ids=sum(len(ids) > 1 for ids in self._platform.webhooks.values()),
            forged=self._platform.forged,
            innocents_acted_on=sum(message not in lures for message in deleted),
        )

    async def _counted(self, session: aiohttp.ClientSession) -> Counter[tuple[str, str]]:
        """Return how many messages of each member scoring counts: not those that were spam."""
        counted: Counter[tuple[str, str]] = Counter()
        for group in self._told.messages:
            for member in await self._all(session, "scoring", f"/groups/{group}/members"):
                counted[group, member["member"]] = member["counts"].get("messages", 0)
        return counted

    async def _all(
        self, session: aiohttp.ClientSession, service: str, path: str
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        asked = {"limit": "200"}
        while True:
            url = f"{self._system.url(service)}/v1{path}"
            async with session.get(url, params=asked, headers=self._headers) as answer:
                if answer.status == 404:
                    return found
                answer.raise_for_status()
                page = await answer.json()
            found += page["items"]
            if page["next"] is None:
                return found
            asked["cursor"] = page["next"]
