"""What the console's pages are about while they are measured: cases, campaigns, deliveries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

import httpx
from aiohttp import web

from bench.talk import lure

LURES: Final = 500
CAMPAIGNS: Final = 100
READY_SECONDS: Final = 120
NOBODY: Final = "http://127.0.0.1:65535/"
"""Where nobody listens, so that deliveries wait to be sent again."""
_PACK: Final = "name: bench\nextends: default\n"
_AT_ONCE: Final = 100


@asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """Take webhooks, and do nothing about them; yield where."""

    async def take(_: web.Request) -> web.Response:
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def furnished(
    urls: Mapping[str, str], key: str, hook: str, groups: Sequence[str]
) -> dict[str, str]:
    """Have lures judged and acted on, rules published, campaigns written and one of them sent.

    Returns the id of one of each. Raises `RuntimeError` when nothing comes of it.
    """
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:
        endpoints = [await _post(http, f"{urls['notify']}/v1/endpoints", {"url": hook})]
        endpoints.append(await _post(http, f"{urls['notify']}/v1/endpoints", {"url": NOBODY}))
        deliveries = await _acted_on(http, urls, groups)
        for number in range(CAMPAIGNS):
            await _post(http, f"{urls['notify']}/v1/campaigns", _campaign(number))
        rules = await _post(http, f"{urls['rules']}/v1/rule-sets", {"source": _PACK})
        cases = await _listed(http, f"{urls['rules']}/v1/cases", 1)
        await _listed(http, f"{urls['notify']}/v1/campaigns?limit=200", CAMPAIGNS)
        sent = await _sent(http, urls["notify"])
    return {
        "case": str(cases[0]["id"]),
        "campaign": sent,
        "version": str(rules["version"]),
        "endpoint": str(endpoints[0]["id"]),
        "delivery": str(deliveries[0]["id"]),
    }


async def _acted_on(
    http: httpx.AsyncClient, urls: Mapping[str, str], groups: Sequence[str]
) -> list[dict[str, Any]]:
    """Send one lure until something is delivered, as an endpoint is not in force at once; then all.

    Returns what was delivered.
    """
    lures = _lures(groups)
    url = f"{urls['notify']}/v1/deliveries?limit=200"
    deadline = time.monotonic() + READY_SECONDS
    while not (await http.get(url)).json()["items"]:
        if time.monotonic() > deadline:
            raise RuntimeError("no lure is acted on")
        await _post(http, f"{urls['ingest']}/v1/events:batch", [next(lures)])
        await asyncio.sleep(0.5)
    await _post(http, f"{urls['ingest']}/v1/events:batch", [next(lures) for _ in range(LURES)])
    return await _listed(http, url, 2 * _AT_ONCE)


async def _sent(http: httpx.AsyncClient, notify: str) -> str:
    """Send a campaign to every group; give its id once it has been delivered to some."""
    now = {**_campaign(CAMPAIGNS), "name": "sent", "schedule": {}}
    id = str((await _post(http, f"{notify}/v1/campaigns", now))["id"])
    await _until(http, f"{notify}/v1/campaigns/{id}", "id")
    await _until(http, f"{notify}/v1/campaigns/{id}/dry-run", "recipients")
    await _post(http, f"{notify}/v1/campaigns/{id}:approve")
    await _until(http, f"{notify}/v1/campaigns/{id}/results", "deliveries")
    return id


async def _post(http: httpx.AsyncClient, url: str, body: object = None) -> dict[str, Any]:
    answer = await http.post(url, json=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


async def _listed(http: httpx.AsyncClient, url: str, least: int) -> list[dict[str, Any]]:
    """Return what a list holds once it is long enough. Raises `RuntimeError`."""
    deadline = time.monotonic() + READY_SECONDS
    while len(found := (await http.get(url)).json()["items"]) < least:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} has {len(found)} of {least}")
        await asyncio.sleep(0.2)
    return list(found)


async def _until(http: httpx.AsyncClient, url: str, field: str) -> None:
    """Wait until a field of an answer holds something. Raises `RuntimeError`."""
    deadline = time.monotonic() + READY_SECONDS
    while not (await http.get(url)).json().get(field):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} has no {field}")
        await asyncio.sleep(0.2)


def _lures(groups: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield lures without end, each by somebody else and in the next group."""
    random, number = Random(1), 0
    while True:
        yield {
            "specversion": "1.0",
            "id": f"lure-{number}",
            "source": "bench",
            "type": "message.posted",
            "data": {
                "group": groups[number % len(groups)],
                "member": f"spammer-{number}",
                "message": f"lure-{number}",
                "text": lure(random, str(number)),
            },
        }
        number += 1


def _campaign(number: int) -> dict[str, Any]:
    return {
        "name": f"campaign {number}",
        "audience": {"every_group": True},
        "content": {"text": "{{ group }}, {{ date }}"},
        "schedule": {"cron": f"{number % 60} 9 * * {1 + number % 7}"},
    }
