"""Windows over a whole tenant, in two replicas: what one counts, the other knows."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from services.rules.tenant_windows.series import TENANT_SERIES
from shared.mongo import connect
from shared.settings import Settings
from tests.integration.rules.test_backtests import OVER_GROUPS
from tests.integration.rules.test_rule_sets import published, until
from tests.integration.rules.test_rules import client, flagged, publish, running, said
from tests.integration.stream.workers import workers

__all__ = ["client"]


def post(number: int, **more: Any) -> Any:
    return said(number, "看看这个", **{"group": f"g{number}", "member": "walker", **more})


def counts(settings: Settings, tenant: str, expected: int) -> Callable[[], Awaitable[bool]]:
    """Return whether all series of a tenant have so many events together, never more."""

    async def look() -> bool:
        async with connect(settings) as mongo:
            found = mongo[settings.database][TENANT_SERIES.name].find({"tenant": tenant})
            buckets = [bucket async for series in found for bucket in series["buckets"]]
        counted = sum(bucket["count"] for bucket in buckets)
        assert counted <= expected, "an event was counted twice"
        return counted == expected

    return look


async def test_a_member_who_posts_once_in_each_of_twenty_groups_is_found_by_either_replica(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    async with running(settings) as other:
        version = await published(client, OVER_GROUPS)
        await client.post(f"/v1/rule-sets/{version}:activate")
        for replica in (client, other):
            await until(lambda replica=replica: _in_force(replica, version))
        await publish(settings, [post(n, tenant="other") for n in range(19)])
        for number in range(19):
            await publish(settings, [post(number)])
        await until(counts(settings, "acme", 19))
        assert (await client.get("/v1/flags")).json()["items"] == []
        await publish(settings, [post(19), post(100, group="g19", member="resident")])
        (flag,) = await flagged(client, 1)
        assert (flag["event"]["id"], flag["rule_set"], flag["spam"]) == ("e19", version, True)
        (hit,) = [hit for hit in flag["hits"] if hit["rule"] == "everywhere"]
        assert hit["values"] == {
            "window.groups_1m": 20,
            "window.groups_1m.staleness": "up to 2 s",
        }
        await until(counts(settings, "acme", 21))
        await until(counts(settings, "other", 0))


async def _in_force(client: httpx.AsyncClient, version: str) -> bool:
    answer = await client.post("/v1/check", json={"text": "大家好"})
    return bool(answer.raise_for_status().json()["rule_set"] == version)


async def test_a_kill_counts_nothing_twice_and_loses_nothing(settings: Settings) -> None:
    events = [post(number) for number in range(200)]
    with workers(settings, "tests.integration.rules.worker") as pool:
        pool.start("one")
        pool.start("two")
        await publish(settings, events[:100])
        await patiently(counted_some(settings))
        await publish(settings, events[100:])
        pool.end("one", signal.SIGKILL)
        pool.start("one")
        await patiently(counts(settings, "acme", len(events)))


async def patiently(there: Callable[[], Awaitable[bool]]) -> None:
    """Wait for processes that may take a minute each to start on a busy machine."""
    for _ in range(1_500):
        if await there():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("it did not come in time")


def counted_some(settings: Settings) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        async with connect(settings) as mongo:
            found = await mongo[settings.database][TENANT_SERIES.name].find_one({"tenant": "acme"})
        return found is not None

    return look
