"""One experiment: a system, clients, a platform, and what breaks them; then the comparison."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

import aiohttp
import msgspec

from tests.chaos.checker import Checker, Findings
from tests.chaos.load import Client, Told
from tests.chaos.monkey import Monkey, Tell
from tests.chaos.platform import Platform
from tests.chaos.system import System

CLIENTS: Final = 4
PAUSE_SECONDS: Final = 0.15
ENDPOINT_SECONDS: Final = 3.0
REQUEST_SECONDS: Final = 10.0


class Plan(NamedTuple):
    """How much is broken, in which order of chance, and how fast: `pace` 2 is half as fast."""

    kills: int
    seed: int
    pace: float = 1.0


async def experiment(root: Path, plan: Plan, tell: Tell = print) -> dict[str, Any]:
    """Return what was done and what came of it, ready to be written down.

    `tell` hears of every fault when it is made.
    """
    system, platform, told = System(root), Platform(), Told()
    started = monotonic()
    await system.start()
    hook = await platform.start()
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            key = await system.key()
            platform.trust(await _endpoint(session, system, key, hook))
            await asyncio.sleep(ENDPOINT_SECONDS)
            monkey = Monkey(system, plan.seed, tell)
            await _under_load(session, system, key, told, monkey, plan)
            await system.ready()
            findings = await Checker(system, key, told, platform).verdict(session)
    finally:
        await system.stop()
        await platform.stop()
    return _account(findings, monkey, told, platform, monotonic() - started) | {
        "seed": plan.seed,
        "pace": plan.pace,
    }


async def _endpoint(session: aiohttp.ClientSession, system: System, key: str, hook: str) -> str:
    async with session.post(
        f"{system.url('notify')}/v1/endpoints",
        json={"url": hook},
        headers={"authorization": f"Bearer {key}"},
    ) as answer:
        answer.raise_for_status()
        return str((await answer.json())["secret"])


async def _under_load(
    session: aiohttp.ClientSession,
    system: System,
    key: str,
    told: Told,
    monkey: Monkey,
    plan: Plan,
) -> None:
    ended = asyncio.Event()
    url = f"{system.url('ingest')}/v1/events:batch"
    clients = [
        asyncio.create_task(Client(n, url, key, told, PAUSE_SECONDS).run(session, ended))
        for n in range(CLIENTS)
    ]
    try:
        await monkey.rage(plan.kills, plan.pace, lambda: told.accepted)
    finally:
        ended.set()
        await system.ready()
        await asyncio.gather(*clients)


def _account(
    findings: Findings, monkey: Monkey, told: Told, platform: Platform, seconds: float
) -> dict[str, Any]:
    return {
        "kills": monkey.kills,
        "faults": dict(sorted(monkey.done.items())),
        **msgspec.to_builtins(findings),
        "requests_refused": told.refused,
        "webhooks_repeated": platform.repeats.total(),
        "seconds": round(seconds),
    }
