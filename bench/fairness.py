"""How long one tenant waits while another floods ingest at ten times its quota."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Final

import aiohttp

from bench.size import QUICK
from shared.cancelling import cancel_all

QUIET_SECONDS: Final = 2.0 if QUICK else 6.0
PER_SECOND: Final = 40
"""Requests a second of the tenant whose waiting is measured."""
QUOTA: Final = 50
"""Requests a second that the flooding tenant's key allows."""
FLOODERS: Final = 10


async def measure(
    session: aiohttp.ClientSession, calm_key: str, flood_key: str, body: bytes
) -> dict[str, float]:
    """Return the calm tenant's p50 and p99, alone and while the other floods."""
    await _paced(session, calm_key, body, 1)
    quiet = await _paced(session, calm_key, body, QUIET_SECONDS)
    answers: list[int] = []
    flood = [
        asyncio.create_task(_flood(session, flood_key, body, answers)) for _ in range(FLOODERS)
    ]
    started = perf_counter()
    flooded = await _paced(session, calm_key, body, QUIET_SECONDS)
    seconds = perf_counter() - started
    await cancel_all(flood)
    return {
        "calm_p50_ms": _percentile(quiet, 0.5),
        "calm_p99_ms": _percentile(quiet, 0.99),
        "calm_p50_ms_while_flooded": _percentile(flooded, 0.5),
        "calm_p99_ms_while_flooded": _percentile(flooded, 0.99),
        "flood_requests_per_second": len(answers) / seconds,
        "flood_accepted_per_second": answers.count(202) / seconds,
    }


async def _paced(
    session: aiohttp.ClientSession, key: str, body: bytes, seconds: float
) -> list[float]:
    """Send at an even pace, whatever the answers take; return the milliseconds each took."""

    async def one() -> float:
        started = perf_counter()
        assert await _post(session, key, body) == 202
        return (perf_counter() - started) * 1000

    sent: list[asyncio.Task[float]] = []
    for _ in range(int(seconds * PER_SECOND)):
        sent.append(asyncio.create_task(one()))
        await asyncio.sleep(1 / PER_SECOND)
    return await asyncio.gather(*sent)


async def _flood(session: aiohttp.ClientSession, key: str, body: bytes, answers: list[int]) -> None:
    while True:
        answers.append(await _post(session, key, body))
        await asyncio.sleep(FLOODERS / (10 * QUOTA))


async def _post(session: aiohttp.ClientSession, key: str, body: bytes) -> int:
    headers = {"authorization": f"Bearer {key}"}
    async with session.post("/v1/events", data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]
