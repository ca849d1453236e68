"""What an operator does when the sample day is over, so that no page of the console is empty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from steward.demo.account import RefusedError, Rest
from steward.demo.plans import CAMPAIGNS, HILLS, MORNING, PACK, PERSONAS, READING, SEGMENTS, WALK

PATIENCE_SECONDS: Final = 20.0
"""How long an operator waits for what follows from something that was asked for."""
MODERATOR: Final = "Mei Lin"
_CONFIRMED: Final = 5
_CANARY_SHARE: Final = 25
_POLL_SECONDS: Final = 0.1
_SETTLED_POLLS: Final = 20
"""An audience that is as large as so many looks ago grows no more."""


class Done(NamedTuple):
    """Cases decided, the version on trial, campaigns written, and to how many one was sent."""

    decided: int
    version: str
    campaigns: int
    recipients: int


class Desk:
    """The services, as the operator asks them.

    Every method raises `RefusedError`, aiohttp's errors when nobody answers, and
    `TimeoutError` when what was asked for does not come about.
    """

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def work(self) -> Done:
        """Decide on cases, put rules on trial and send campaigns, all at once."""
        work = (self._decide(), self._try_rules(), self._campaign())
        decided, version, recipients = await _together(*work)
        return Done(decided, version, len(CAMPAIGNS), recipients)

    async def _decide(self) -> int:
        """Confirm some of the cases that wait, the least urgent, and overturn one."""
        page = await self._rest.get("rules", "/v1/cases", state="open", limit=50)
        cases = [case["id"] for case in page["items"]][-_CONFIRMED - 1 :]
        for case in cases[:-1]:
            await self._post("rules", f"/v1/cases/{case}:confirm", {"moderator": MODERATOR})
        overturned = {"moderator": MODERATOR, "note": "a quotation, not an offer"}
        for case in cases[-1:]:
            await self._post("rules", f"/v1/cases/{case}:overturn", overturned)
        return len(cases)

    async def _try_rules(self) -> str:
        """Put rules of the tenant's own on trial in some groups, and backtest them on the day."""
        version = str((await self._post("rules", "/v1/rule-sets", {"source": PACK}))["version"])
        trial = {"mode": "canary", "share": _CANARY_SHARE}
        await self._post("rules", f"/v1/rule-sets/{version}:try", trial)
        now = datetime.now(UTC)
        span = {"from": (now - timedelta(hours=24)).isoformat(), "to": now.isoformat()}
        await self._post("rules", "/v1/backtests", {"version": version, **span})
        return version

    async def _campaign(self) -> int:
        """Send one campaign, plan two, leave one a draft; give how many the sent one goes to."""
        for name, persona in PERSONAS.items():
            await self._rest.call("notify", "PUT", f"/v1/personas/{name}", persona)
        for name, segment in SEGMENTS.items():
            await self._rest.call("scoring", "PUT", f"/v1/segments/{name}", segment)
        sent, *_ = await _together(
            self._approved(WALK),
            self._approved(READING),
            self._approved(MORNING),
            self._written(HILLS),
        )
        return int(sent)

    async def _approved(self, campaign: dict[str, Any]) -> int:
        """Write a campaign, approve it once its segments are full; give to how many it goes."""
        path = await self._written(campaign)
        counted: list[int] = []

        async def reaches_all() -> bool:
            dry_run = await self._rest.get("notify", f"{path}/dry-run")
            counted.append(int(dry_run["recipients"]))
            latest = counted[-_SETTLED_POLLS:]
            return len(latest) == _SETTLED_POLLS and latest[0] == latest[-1] > 0

        await _until(reaches_all, f"{campaign['name']} reaches nobody, or ever more")
        await self._post("notify", f"{path}:approve")
        return counted[-1]

    async def _written(self, campaign: dict[str, Any]) -> str:
        """Write a campaign; give its path once its owner knows it."""
        id = (await self._post("notify", "/v1/campaigns", campaign))["id"]
        path = f"/v1/campaigns/{id}"

        async def is_known() -> bool:
            try:
                await self._rest.get("notify", path)
            except RefusedError:
                return False
            return True

        await _until(is_known, f"{campaign['name']} is not known")
        return path

    async def _post(self, service: str, path: str, body: object = None) -> dict[str, Any]:
        return await self._rest.call(service, "POST", path, body)


async def _together(*work: Awaitable[Any]) -> list[Any]:
    """Return what comes of all; raise what was raised first only when all have ended."""
    came = await asyncio.gather(*work, return_exceptions=True)
    for each in came:
        if isinstance(each, BaseException):
            raise each
    return came


async def _until(holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        await asyncio.sleep(_POLL_SECONDS)
